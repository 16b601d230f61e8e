/** What Longhorn's manager makes by itself: its Settings, the default BackupTarget, and the CSI sidecars. */
import type { Manifest } from '../../../src/manifest/manifest.js';
import type { Kubectl } from '../bench/kubectl.js';
import { createAs, namespace, serviceAccount } from './create.js';
import { upstream } from './fixtures.js';

const NAMESPACE = 'longhorn-system';
const MANAGER = 'longhorn-manager';

interface LonghornRelease {
  readonly version: string;

  /** Of each sidecar, as its chart was told. */
  readonly sidecars: number;
}

/** Its chart by Helm, and then what its manager creates when it starts. */
export function installLonghorn(bench: Kubectl, release: LonghornRelease): void {
  createAs(bench, 'helm', [namespace(NAMESPACE), serviceAccount('longhorn-service-account', NAMESPACE)]);
  createAs(bench, MANAGER, [...settings(release), BACKUP_TARGET, ...sidecarsOf(release)]);
}

/** What the driver deployer does with a sidecar that is not as it wants it: away with it. */
export function deleteSidecars(bench: Kubectl): void {
  bench.kubectl(['delete', 'deployment', `--namespace=${NAMESPACE}`, '--wait', ...SIDECARS]);
}

/** And then it makes them anew; minutes may pass in between. */
export function deploySidecars(bench: Kubectl, release: LonghornRelease): void {
  createAs(bench, MANAGER, sidecarsOf(release));
}

const SIDECARS = ['csi-attacher', 'csi-provisioner', 'csi-resizer', 'csi-snapshotter'] as const;

const sidecarsOf = ({ version, sidecars }: LonghornRelease): readonly Manifest[] =>
  upstream('longhorn-csi-deployments').map((deployment) => ({
    ...deployment,
    metadata: {
      ...deployment.metadata,
      annotations: { ...deployment.metadata.annotations, 'driver.longhorn.io/version': `v${version}` },
    },
    spec: { ...(deployment.spec as object), replicas: sidecars },
  }));

const settings = ({ version }: LonghornRelease): readonly Manifest[] =>
  [
    ['allow-recurring-job-while-volume-detached', 'false'],
    ['current-longhorn-version', `v${version}`],
    ['default-replica-count', '{"v1":"2","v2":"2"}'],
    ['node-down-pod-deletion-policy', 'do-nothing'],
  ].map(([name = '', value = '']) => ({
    apiVersion: 'longhorn.io/v1beta2',
    kind: 'Setting',
    metadata: { name, namespace: NAMESPACE },
    value,
  }));

const BACKUP_TARGET: Manifest = {
  apiVersion: 'longhorn.io/v1beta2',
  kind: 'BackupTarget',
  metadata: { name: 'default', namespace: NAMESPACE },
  spec: { backupTargetURL: '', credentialSecret: '', pollInterval: '5m0s' },
};
