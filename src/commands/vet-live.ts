/** What `selfheal vet --live` asks a cluster. */
import type { SyncedApplication } from '../argo/tree.js';
import { show } from '../cluster/parse/issue.js';
import { OperatorError } from '../errors.js';
import type { KubeApi } from '../live/kube-api.js';
import { isObject } from '../manifest/json.js';
import type { Answer, LiveObject } from '../manifest/live-object.js';
import { refOf } from '../manifest/live-object.js';
import type { Json } from '../manifest/manifest.js';
import type { LiveLook } from '../ops/vet/live.js';
import { lookAtObjects } from './live-facts.js';

/** Reads what head describes, as it is live. @throws OperatorError when it is another cluster. */
export async function lookAtHead(api: KubeApi, applications: readonly SyncedApplication[]): Promise<LiveLook> {
  const answers = await Promise.all(
    applications.map(async (application) => [application, await api.get(refOf(application.source.manifest))] as const),
  );
  refuseOtherCluster(answers, api.context);
  return { applications: new Map(answers), objects: await lookAtObjects(api, applications) };
}

/** None of the Applications, or all of them from other folders: whatever differs then is another cluster's. */
function refuseOtherCluster(
  answers: readonly (readonly [SyncedApplication, Answer<LiveObject | null>])[],
  context: string,
): void {
  const isOther = answers.every(
    ([{ source }, live]) =>
      live.ok && (live.value === null || foldersOf(live.value.spec) !== foldersOf(source.manifest.spec)),
  );
  if (!isOther) return;
  const names = answers.map(([{ name }]) => name).slice(0, 3);
  throw new OperatorError(
    `--context: expected a cluster with the Applications of this folder (${names.join(', ')}), got ${show(context)} with none of them`,
  );
}

const foldersOf = (spec: Json | undefined): string => {
  const { source, sources } = isObject(spec) ? spec : {};
  const all = Array.isArray(sources) ? sources : [source];
  return JSON.stringify(all.map((each: Json | undefined) => (isObject(each) ? [each.path, each.chart] : [])));
};
