/** What the API server never lets change stays as it is. */
import { at, type Field, show } from '../../../guardrails/json.js';
import { groupOf, type Manifest } from '../../../manifest/manifest.js';
import { type Concern, concern, type VetRule } from '../rule.js';
import { isSame } from '../same.js';

export const immutableField: VetRule = {
  id: 'immutable-field',
  severity: 'error',
  reason:
    'The API server refuses the object, Argo CD gives the whole revision up, and everything else in it waits: a Job that was synced again with a new image does that.',
  mend: 'give the object a new name; or let somebody delete the old one by hand when nothing is lost by it. A Job belongs into a hook',
  check: ({ objects }) =>
    objects.kept.flatMap(({ before, after }): readonly Concern[] => {
      const paths = IMMUTABLE.get(`${groupOf(after.manifest)}/${after.manifest.kind}`) ?? [];
      const changed = paths.filter((path) => differs(before.manifest, after.manifest, path));
      return [
        ...changed.map((path) =>
          concern(
            after,
            `expected ${path.join('.')} to stay ${show(at(before.manifest, ...path))}, got ${show(at(after.manifest, ...path))}: the API server refuses it`,
            path,
          ),
        ),
        ...frozen(before.manifest, after.manifest).map((path) =>
          concern(
            after,
            `expected ${path.join('.')} to stay as it is (immutable true), got another: the API server refuses it`,
            path,
          ),
        ),
        ...shrunk(before.manifest, after.manifest).map((text) => concern(after, text, REQUEST)),
      ];
    }),
};

const REQUEST = ['spec', 'resources', 'requests', 'storage'];
const BINDING = [['roleRef']];

/** By `group/Kind`. Selectors: selector-changed. */
const IMMUTABLE: ReadonlyMap<string, readonly (readonly string[])[]> = new Map([
  [
    'batch/Job',
    [
      ['spec', 'template'],
      ['spec', 'completions'],
      ['spec', 'completionMode'],
    ],
  ],
  [
    'apps/StatefulSet',
    [
      ['spec', 'serviceName'],
      ['spec', 'podManagementPolicy'],
      ['spec', 'volumeClaimTemplates'],
    ],
  ],
  [
    '/PersistentVolumeClaim',
    [
      ['spec', 'accessModes'],
      ['spec', 'storageClassName'],
      ['spec', 'volumeMode'],
      ['spec', 'volumeName'],
      ['spec', 'selector'],
    ],
  ],
  ['/PersistentVolume', ['nfs', 'csi', 'hostPath', 'local', 'iscsi', 'nodeAffinity'].map((source) => ['spec', source])],
  ['/Secret', [['type']]],
  ['/Service', [['spec', 'clusterIP']]],
  ['rbac.authorization.k8s.io/RoleBinding', BINDING],
  ['rbac.authorization.k8s.io/ClusterRoleBinding', BINDING],
  [
    'storage.k8s.io/StorageClass',
    ['provisioner', 'parameters', 'reclaimPolicy', 'volumeBindingMode'].map((field) => [field]),
  ],
  ['scheduling.k8s.io/PriorityClass', [['value'], ['preemptionPolicy']]],
  [
    'apiextensions.k8s.io/CustomResourceDefinition',
    [
      ['spec', 'group'],
      ['spec', 'scope'],
      ['spec', 'names', 'kind'],
      ['spec', 'names', 'plural'],
    ],
  ],
]);

/** A field that only one side names may be the default that the other means; then nothing is refused. */
const differs = (before: Manifest, after: Manifest, path: readonly string[]): boolean => {
  const [old, now] = [at(before, ...path), at(after, ...path)];
  return old !== undefined && now !== undefined && !isSame(old, now);
};

function frozen(before: Manifest, after: Manifest): readonly (readonly string[])[] {
  if (!['ConfigMap', 'Secret'].includes(after.kind) || before.immutable !== true) return [];
  return ['data', 'binaryData', 'stringData', 'immutable']
    .filter((key) => !isSame(before[key], after[key]))
    .map((key) => [key]);
}

function shrunk(before: Manifest, after: Manifest): readonly string[] {
  const [old, now] = [before, after].map((manifest) => bytes(at(manifest, ...REQUEST)));
  if (after.kind !== 'PersistentVolumeClaim' || old === undefined || now === undefined || now >= old) return [];
  return [
    `expected at least ${show(at(before, ...REQUEST))}, got ${show(at(after, ...REQUEST))}: a claim never shrinks`,
  ];
}

const UNITS = ['', 'K', 'M', 'G', 'T', 'P'];

function bytes(quantity: Field): number | undefined {
  const match = /^(\d+(?:\.\d+)?)([KMGTP]?)(i?)$/.exec(String(quantity).replace(/^(\d+)k$/, '$1K'));
  return match ? Number(match[1]) * (match[3] === 'i' ? 1024 : 1000) ** UNITS.indexOf(match[2] ?? '') : undefined;
}
