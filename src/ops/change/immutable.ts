/** Fields that an API server takes once and never again. */
import type { FieldChange } from '../../manifest/field-changes.js';
import { groupOf, type Manifest } from '../../manifest/manifest.js';
import { quantityOf } from '../../manifest/quantity.js';

/** By `group/Kind`: the path of a change that is refused. test/live-cluster/change tries each on a real API server. */
const REFUSED: ReadonlyMap<string, RegExp> = new Map([
  ['apps/Deployment', /^spec\.selector\b/],
  ['apps/DaemonSet', /^spec\.selector\b/],
  ['apps/ReplicaSet', /^spec\.selector\b/],
  [
    'apps/StatefulSet',
    /^spec\.(?!replicas\b|template\b|updateStrategy\b|ordinals\b|revisionHistoryLimit\b|minReadySeconds\b|persistentVolumeClaimRetentionPolicy\b)/,
  ],
  [
    'batch/Job',
    /^spec\.(selector|template|completionMode|podFailurePolicy|successPolicy|backoffLimitPerIndex|completions)\b/,
  ],
  ['/Service', /^spec\.(clusterIP|clusterIPs)\b/],
  ['/PersistentVolumeClaim', /^spec\.(?!resources\b|volumeAttributesClassName\b)/],
  [
    '/PersistentVolume',
    /^spec\.(?!capacity\b|accessModes\b|claimRef\b|persistentVolumeReclaimPolicy\b|storageClassName\b|mountOptions\b)/,
  ],
  ['/Pod', /^spec\.(?!(initContainers|containers)\[[^\]]*\]\.image$|activeDeadlineSeconds\b|tolerations\b)/],
  ['rbac.authorization.k8s.io/RoleBinding', /^roleRef\b/],
  ['rbac.authorization.k8s.io/ClusterRoleBinding', /^roleRef\b/],
  ['storage.k8s.io/StorageClass', /^(provisioner|parameters|reclaimPolicy|volumeBindingMode)\b/],
  ['scheduling.k8s.io/PriorityClass', /^(value|preemptionPolicy)\b/],
  ['node.k8s.io/RuntimeClass', /^handler\b/],
  ['networking.k8s.io/IngressClass', /^spec\.controller\b/],
  ['apiextensions.k8s.io/CustomResourceDefinition', /^spec\.(group|scope|names\.(kind|plural))\b/],
]);

/** `group/Kind`, a ConfigMap's and a Secret's as well. */
export const KINDS_WITH_IMMUTABLE_FIELDS: readonly string[] = [...REFUSED.keys(), '/ConfigMap', '/Secret'];

/** Argo CD hands these to `kubectl auth reconcile`, which deletes and creates where the server would refuse. */
export const isReconciled = (manifest: Manifest): boolean =>
  groupOf(manifest) === 'rbac.authorization.k8s.io' && manifest.kind.endsWith('Binding');

/** What is frozen once the object says `immutable: true`. */
const FROZEN = /^(data|binaryData|stringData|immutable)\b/;

/** The changes that the API server refuses. */
export function refusedChanges(before: Manifest, fields: readonly FieldChange[]): readonly FieldChange[] {
  const kind = `${groupOf(before)}/${before.kind}`;
  const isConfig = kind === '/ConfigMap' || kind === '/Secret';
  if (isConfig) {
    return fields.filter(
      ({ path, after }) =>
        (before.immutable === true && FROZEN.test(path)) ||
        (kind === '/Secret' && path === 'type' && after !== undefined),
    );
  }
  const pattern = REFUSED.get(kind);
  if (pattern === undefined) return [];
  return fields.filter(
    (field) =>
      (pattern.test(field.path) && !isFilledIn(kind, field)) ||
      (kind === '/PersistentVolumeClaim' && field.path === CLAIMED && isSmaller(field)),
  );
}

/** What the API server fills in by itself only ever changes to a value: left out, it stays. */
const isFilledIn = (kind: string, { path, after }: FieldChange): boolean =>
  after === undefined &&
  ((kind === '/Service' && /^spec\.(clusterIP|clusterIPs)\b/.test(path)) ||
    (kind === '/PersistentVolumeClaim' && path === 'spec.volumeMode'));

/** A claim may grow and never shrink. */
const CLAIMED = 'spec.resources.requests.storage';

function isSmaller({ before, after }: FieldChange): boolean {
  const [old, now] = [quantityOf(before), quantityOf(after)];
  return old !== undefined && now !== undefined && now < old;
}
