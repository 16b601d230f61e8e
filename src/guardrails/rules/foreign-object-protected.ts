/** What somebody else created is patched, never owned: nothing of ours can delete it. */
import { FOREIGN } from '../../argo/sync-options.js';
import { at, numberAt, show } from '../../manifest/json.js';
import { describe, type Manifest, type PlacedManifest } from '../../manifest/manifest.js';
import { finalizersOf, isProtected, optionsOf, prunes, tryFindApplication } from '../argo.js';
import type { Guardrail, Violation } from '../guardrail.js';

export const foreignObjectProtected: Guardrail = {
  id: 'foreign-object-protected',
  severity: 'error',
  lesson:
    'On a test cluster the file with a two-line patch was removed, and Argo CD pruned the object that it patched: all of CoreDNS.',
  incident: 'argocd-wiped',
  check: ({ objects }) => [
    ...objects.flatMap(({ manifest }) => (isForeign(manifest) ? unprotected(manifest) : takenOver(manifest))),
    ...[
      ...new Set(objects.filter(({ manifest }) => isForeign(manifest)).map(({ application }) => application)),
    ].flatMap((folder) => carelessApplication(objects, folder)),
  ],
};

const isForeign = ({ metadata: { annotations } }: Manifest): boolean => annotations?.[FOREIGN] !== undefined;

function unprotected(manifest: Manifest): readonly Violation[] {
  const options = optionsOf(manifest);
  const missing = ['Prune=false', 'Delete=false', 'ServerSideApply=true'].filter((option) => !options.includes(option));
  return missing.length === 0
    ? []
    : [
        {
          where: describe(manifest),
          found: `expected a foreign object with sync options ${missing.join(', ')}, got ${show(options)}`,
          mend: 'make it with ForeignPatch',
        },
      ];
}

/** Objects that the distributions, Longhorn and the CNI bring, by namespace: kinds and names. */
const OTHERS: ReadonlyMap<string, RegExp> = new Map([
  [
    'kube-system',
    /^\w+ (coredns|coredns-custom|kube-dns|local-path-provisioner|local-path-config|metrics-server|traefik|svclb-.*|calico-node|calico-kube-controllers|calico-config|hostpath-provisioner|kube-proxy|kube-flannel.*)$/,
  ],
  [
    'longhorn-system',
    /^((Deployment|DaemonSet|Service|ConfigMap) (csi-(attacher|provisioner|resizer|snapshotter)|longhorn-(csi-plugin|driver-deployer|manager|ui|storageclass|default-setting|backend|frontend)|engine-image-.*)|(Setting|Node|Volume|Engine|Replica) .*|BackupTarget default)$/,
  ],
  ['openebs', /^(Deployment|DaemonSet) .*$/],
  ['kube-flannel', /^.*$/],
]);

const takenOver = (manifest: Manifest): readonly Violation[] =>
  OTHERS.get(manifest.metadata.namespace ?? '')?.test(`${manifest.kind} ${manifest.metadata.name}`) &&
  !isServiceData(manifest)
    ? [
        {
          where: describe(manifest),
          found: `expected a patch of what somebody else brings (annotation ${FOREIGN}), got an object of our own${isProtected(manifest) ? '' : ' that Argo CD may prune'}`,
          mend: 'make it with ForeignPatch, in an Application with ownership "foreign-patch"',
        },
      ]
    : [];

/** k3s reads this one ConfigMap and never writes it: it is ours to make. */
const isServiceData = ({ kind, metadata: { name } }: Manifest): boolean =>
  kind === 'ConfigMap' && name === 'coredns-custom';

function carelessApplication(objects: readonly PlacedManifest[], folder: string): readonly Violation[] {
  const application = tryFindApplication(objects, folder);
  const where = application ? describe(application) : `folder '${folder}'`;
  if (application === undefined)
    return [
      {
        where,
        found: 'expected an Application that syncs the foreign objects, got none',
        mend: 'add it to the folder argocd',
      },
    ];
  const limit = numberAt(application, 'spec', 'syncPolicy', 'retry', 'limit');
  const violation = (found: string): Violation => ({
    where,
    found: `${found} (it holds patches of foreign objects)`,
    mend: 'give its chart ownership "foreign-patch"',
  });
  return [
    ...(prunes(application) ? [violation('expected prune false, got true')] : []),
    ...(finalizersOf(application).length > 0
      ? [violation(`expected no finalizer, got ${show(finalizersOf(application))}`)]
      : []),
    ...(limit === -1
      ? []
      : [
          violation(
            `expected retry.limit -1 (a revision whose retries ran out is never tried again), got ${show(limit)}`,
          ),
        ]),
    ...(at(application, 'spec', 'syncPolicy', 'automated', 'selfHeal') === true
      ? []
      : [violation('expected automated.selfHeal true, got something else')]),
  ];
}
