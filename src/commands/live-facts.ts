/** What a live cluster has of the described objects, and what an apply of each would make of it. */
import type { SyncedApplication } from '../argo/tree.js';
import type { Cluster } from '../cluster/cluster.js';
import type { KubeApi } from '../live/kube-api.js';
import type { Answer, LiveObject } from '../manifest/live-object.js';
import { refOf } from '../manifest/live-object.js';
import { isSecret, type Manifest } from '../manifest/manifest.js';
import { isAsApplied } from '../ops/drift/as-applied.js';
import type { Applied, LiveFacts, ObjectFacts } from '../ops/drift/facts.js';
import { ARGO_MANAGER } from '../ops/drift/field-set.js';
import { predictedApply } from '../ops/drift/predicted-apply.js';
import { tracked } from '../ops/drift/tracking.js';

interface Look {
  /** Ask what an apply would do to each object, also where the record of owners says that it changes nothing. @default false */
  readonly askAll?: boolean;
  /** Asked for already. */
  readonly nodes?: Promise<Answer<readonly LiveObject[]>>;
}

export async function lookAtCluster(
  api: KubeApi,
  cluster: Cluster,
  applications: readonly SyncedApplication[],
  look: Look = {},
): Promise<LiveFacts> {
  const bootstrap = applications
    .flatMap(({ objects }) => objects)
    .find(
      ({ manifest: { kind, metadata } }) =>
        kind === 'DaemonSet' && cluster.hosts.some(({ name }) => name === metadata.name),
    );
  const [nodes, bootstrapPods, objects] = await Promise.all([
    look.nodes ?? listNodes(api),
    bootstrap === undefined ? null : listPods(api, bootstrap.manifest),
    lookAtObjects(api, applications, look),
  ]);
  return { cluster, applications, objects, nodes, bootstrapPods };
}

export const listNodes = (api: KubeApi): Promise<Answer<readonly LiveObject[]>> =>
  api.list({ apiVersion: 'v1', kind: 'Node' });

/** Every described object, with what an apply by Argo CD would make of the live one. */
export async function lookAtObjects(
  api: KubeApi,
  applications: readonly SyncedApplication[],
  { askAll = false }: Look = {},
): Promise<readonly ObjectFacts[]> {
  const ask = createDryRun(api);
  const apply: Apply = (manifest, live) =>
    !askAll && isAsApplied(live, manifest)
      ? Promise.resolve({ result: { ok: true, value: live }, by: 'record' })
      : ask(manifest, live);
  return Promise.all(
    applications.flatMap((application) =>
      application.objects.map(({ manifest }) => lookAtObject(api, application, manifest, apply)),
    ),
  );
}

type Apply = (manifest: Manifest, live: LiveObject) => Promise<Applied>;

async function lookAtObject(
  api: KubeApi,
  application: SyncedApplication,
  manifest: Manifest,
  apply: Apply,
): Promise<ObjectFacts> {
  // A Secret is never read: who may look for drift need not see it.
  if (isSecret(manifest)) return { application, described: manifest, live: 'withheld', applied: null };
  const placed = await inNamespace(api, manifest, application);
  const live = await api.get(refOf(placed));
  const described = tracked(placed, application, live.ok ? live.value : null);
  const applied = live.ok && live.value !== null ? await apply(described, live.value) : null;
  return { application, described, live, applied };
}

/** Where the manifest says nothing, the Application's namespace; but not for what belongs to the whole cluster. */
async function inNamespace(api: KubeApi, manifest: Manifest, { policy }: SyncedApplication): Promise<Manifest> {
  const { metadata } = manifest;
  if (metadata.namespace !== undefined || policy.destinationNamespace === null) return manifest;
  const resource = await api.resource(manifest);
  if (!resource.ok || !resource.value.namespaced) return manifest;
  return { ...manifest, metadata: { ...metadata, namespace: policy.destinationNamespace } };
}

/** Asks the server; who may not ask is told what this program works out, and does not ask again for that kind. */
function createDryRun(api: KubeApi): Apply {
  const refused = new Set<string>();
  return async (manifest, live) => {
    const kind = `${manifest.apiVersion} ${manifest.kind} ${manifest.metadata.namespace ?? ''}`;
    const predicted = (): Applied => ({
      result: { ok: true, value: predictedApply(live, manifest) },
      by: 'prediction',
    });
    if (refused.has(kind)) return predicted();
    const answer = await api.dryRunApply(manifest, { fieldManager: ARGO_MANAGER });
    if (answer.ok) return { result: { ok: true, value: answer.value.object }, by: 'dry-run' };
    if (!mayNotAsk(answer)) return { result: answer, by: 'dry-run' };
    refused.add(kind);
    return predicted();
  };
}

/** Forbidden, or an admission webhook that cannot be asked without an effect. */
const mayNotAsk = (answer: Answer<unknown>): boolean =>
  !answer.ok && (answer.failure.kind === 'forbidden' || /does not support dry run/i.test(answer.failure.message));

const listPods = (api: KubeApi, { metadata }: Manifest): Promise<Answer<readonly LiveObject[]>> =>
  api.list(
    { apiVersion: 'v1', kind: 'Pod' },
    {
      labelSelector: 'app.kubernetes.io/name=node-bootstrap',
      ...(metadata.namespace !== undefined && { namespace: metadata.namespace }),
    },
  );
