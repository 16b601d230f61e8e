/** What a live cluster has beside what Git describes: the other side of `selfheal diff --live`. */
import { isApplication, type Tree } from '../argo/tree.js';
import { show } from '../cluster/parse/issue.js';
import { OperatorError } from '../errors.js';
import type { KubeApi } from '../live/kube-api.js';
import { at, textAt } from '../manifest/json.js';
import { refOf } from '../manifest/live-object.js';
import { isSecret } from '../manifest/manifest.js';
import { keyOfRef, type LiveApplication, type LiveState, resourcesOf } from '../ops/change/live-state.js';
import { refOfApplication } from '../ops/change/placed.js';
import { lookAtObjects } from './live-facts.js';

/** `head`: of one cluster. */
export async function lookAtState(api: KubeApi, head: Tree): Promise<LiveState> {
  const objects = await lookAtObjects(api, head.applications);
  const known = new Set(objects.map(({ described }) => keyOfRef(refOf(described))));
  const applications: LiveApplication[] = [];
  let asked = head.applications.map((described): Asked => ({ described, ref: refOfApplication(described) }));
  while (asked.length > 0) {
    for (const { ref } of asked) known.add(keyOfRef(ref));
    const looked = await Promise.all(asked.map((each) => lookAtApplication(api, each, known)));
    applications.push(...looked);
    // An Application that leaves Git may take its own objects with it, and those may be Applications again.
    asked = looked
      .flatMap(({ others }) => others)
      .filter(({ ref, live }) => isApplication(ref) && !known.has(keyOfRef(ref)) && live.ok && live.value !== null)
      .map(({ ref }) => ({ described: null, ref }));
  }
  refuseOtherCluster(applications, api.context);
  return { head, objects, applications };
}

type Asked = Pick<LiveApplication, 'described' | 'ref'>;

async function lookAtApplication(
  api: KubeApi,
  { described, ref }: Asked,
  known: ReadonlySet<string>,
): Promise<LiveApplication> {
  const live = await api.get(ref);
  const isRendered = described === null || described.notRendered === null;
  const resources = live.ok && live.value !== null && isRendered ? resourcesOf(live.value) : [];
  const others = await Promise.all(
    resources
      .filter((each) => !known.has(keyOfRef(each)))
      // A Secret is never read, not even to see whether it may be pruned.
      .map(async (other) => ({ ref: other, live: isSecret(other) ? NOT_READ : await api.get(other) })),
  );
  return { described, ref, live, others };
}

const NOT_READ = { ok: false, failure: { kind: 'forbidden', message: 'Secrets are not read' } } as const;

/** Every Application reads from somewhere else: what differs then, differs because this is another cluster. */
function refuseOtherCluster(applications: readonly LiveApplication[], context: string): void {
  const pairs = applications.flatMap(({ described, live }) => {
    const path = live.ok && live.value !== null ? textAt(live.value.spec, 'source', 'path') : undefined;
    const wanted = textAt(at(described?.source.manifest.spec, 'source'), 'path');
    return path === undefined || wanted === undefined ? [] : [{ path, wanted }];
  });
  const [first] = pairs;
  if (first === undefined || pairs.some(({ path, wanted }) => path === wanted)) return;
  throw new OperatorError(
    `--context: expected a cluster whose Applications read ${show(first.wanted)} and others, got ${show(context)}, where they read ${show(first.path)}`,
  );
}
