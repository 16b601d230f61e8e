/**
 * Where Longhorn sends backups: declared also where the answer is "nowhere".
 *
 * Longhorn creates the BackupTarget `default` itself, so it is patched and never pruned. A target that was only emptied
 * by hand came back from Git within seconds and took the node down a third time.
 */
import type { App } from 'cdk8s';
import { BackupTarget } from '../../../imports/longhorn.io.js';
import { ApplicationChart } from '../../argo/application-chart.js';
import { ForeignPatch } from '../../argo/foreign-patch.js';
import type { Longhorn } from '../../cluster/cluster.js';
import { type Duration, formatGoDuration } from '../../cluster/duration.js';

type Target = Longhorn['backupTarget'];

/** Longhorn's own default. */
const POLL_INTERVAL: Duration = { seconds: 300 };

/** The NFS client gives up after three tries of ten seconds and returns an error, where a hard mount waits for ever. */
const NFS_OPTIONS = 'nfsOptions=soft,timeo=100,retrans=3';

export function addBackupTarget(app: App, { namespace, backupTarget }: Longhorn): void {
  const chart = new ApplicationChart(app, 'longhorn-backup-target', {
    ownership: 'foreign-patch',
    description: 'Where Longhorn sends backups; empty by declaration where there is no target.',
    namespaces: [namespace],
    // Longhorn, which brings the CRD, may be synced later than this.
    syncOptions: ['SkipDryRunOnMissingResource=true'],
  });
  new ForeignPatch(chart, 'Default', {
    form: 'partial',
    manifest: { ...BackupTarget.GVK, metadata: { name: 'default', namespace }, spec: backupTargetSpec(backupTarget) },
  });
}

/** All three fields in every case, so that going from one target to another leaves nothing of the first behind. */
function backupTargetSpec(target: Target) {
  const s3 = target.kind === 's3' ? target : null;
  return {
    backupTargetURL: urlOf(target),
    credentialSecret: s3?.credentialSecret ?? '',
    pollInterval: formatGoDuration(s3?.pollInterval ?? POLL_INTERVAL),
  };
}

function urlOf(target: Target): string {
  switch (target.kind) {
    case 'none':
      return '';
    case 's3':
      return `s3://${target.bucket}@${target.region}/${target.path}`;
    case 'kernel-nfs':
      return `nfs://${target.server.includes(':') ? `[${target.server}]` : target.server}:${target.path}?${NFS_OPTIONS}`;
  }
}
