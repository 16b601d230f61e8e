/** Longhorn's backups go somewhere that outlives the cluster, without a kernel mount, and something sends them there. */
import type { Cluster } from '../../cluster/cluster.js';
import { show, textAt } from '../../manifest/json.js';
import { describe } from '../../manifest/manifest.js';
import type { Guardrail, Violation } from '../guardrail.js';
import type { Inspection } from '../inspection.js';
import { BY_DEFAULT, isBackup, jobsAmong, reachedBy } from '../longhorn-jobs.js';

export const longhornBackupOffCluster: Guardrail = {
  id: 'longhorn-backup-off-cluster',
  severity: 'error',
  lesson:
    'The backup target was the other node: its NFS server came back seven minutes late, and the mount took the control plane down with it.',
  incident: 'nov-2',
  check: (inspection) =>
    targetsOf(inspection).flatMap((target) => [
      ...mounted(target),
      ...inCluster(target, inspection.cluster),
      ...unsent(target, inspection),
    ]),
};

interface Target {
  readonly where: string;
  readonly url: string;
  /** The name of the Secret, `''` where there is none. */
  readonly secret: string;
}

function targetsOf({ objects, helmValues }: Inspection): readonly Target[] {
  return [
    ...objects.flatMap(({ manifest }) =>
      manifest.kind === 'BackupTarget'
        ? [
            {
              where: describe(manifest),
              url: textAt(manifest, 'spec', 'backupTargetURL') ?? '',
              secret: textAt(manifest, 'spec', 'credentialSecret') ?? '',
            },
          ]
        : [],
    ),
    ...helmValues.flatMap(({ where, chart, values }) =>
      chart !== 'longhorn'
        ? []
        : // The second is where charts before 1.8 had it.
          ['defaultBackupStore', 'defaultSettings'].map((section) => ({
            where: `${where}, ${section}.backupTarget`,
            url: textAt(values, section, 'backupTarget') ?? '',
            secret: textAt(values, section, 'backupTargetCredentialSecret') ?? '',
          })),
    ),
  ].filter(({ url }) => url !== '');
}

const violation = ({ where, url }: Target, expected: string, mend: string): Violation => ({
  where,
  found: `expected ${expected}, got ${show(url)}`,
  mend,
});

/** `nfs` has rules of its own. */
const mounted = (target: Target): readonly Violation[] =>
  target.url.startsWith('cifs://')
    ? [violation(target, 'no kernel mount (CIFS waits in the kernel as NFS does)', 'use kind "s3"')]
    : [];

/** The host of a target that is mounted: an object store's is in its Secret and cannot be seen here. */
const hostOf = (url: string): string | undefined =>
  /^(?:nfs|cifs):\/\/(?:\[([^\]]+)\]|([^/:?]+))/
    .exec(url)
    ?.slice(1)
    .find((host) => host !== undefined);

function inCluster(target: Target, { nodes }: Cluster): readonly Violation[] {
  const host = hostOf(target.url);
  if (host === undefined) return [];
  const node = nodes.find(({ name, address }) => host === address || host === name || host.startsWith(`${name}.`));
  const place = node?.name ?? (OF_THE_CLUSTER.test(host) ? 'a Service or a loopback address' : undefined);
  return place === undefined
    ? []
    : [
        violation(
          target,
          `a machine outside the cluster (this is ${place})`,
          'use an object store on a machine that is no node',
        ),
      ];
}

const OF_THE_CLUSTER = /\.svc(\.|$)|^(localhost|127(\.\d{1,3}){3}|::1)$/;

function unsent(target: Target, { objects }: Inspection): readonly Violation[] {
  if (!target.url.startsWith('s3://')) return [];
  const jobs = jobsAmong(objects);
  return [
    ...(reachedBy([BY_DEFAULT], jobs).some(isBackup)
      ? []
      : [
          violation(
            target,
            'a recurring job of the group "default" that backs up to it (none is there)',
            'describe `longhorn.backupTarget.backup`, or take the target away',
          ),
        ]),
    ...(target.secret === ''
      ? [violation(target, 'credentials by the name of a Secret (none is named)', 'name it as `credentialSecret`')]
      : []),
  ];
}
