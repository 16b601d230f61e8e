/** What a spec says of volumes and their copies, with its defaults. */
import { hours, minutes } from '../duration.js';
import type { BackupDestinationSpec, BackupSpec, SecretKeySpec } from '../spec/backup.js';
import type {
  CsiSpreadSpec,
  KernelNfsBackupTargetSpec,
  LonghornSpec,
  NoBackupTargetSpec,
  RecurringJobSpec,
  S3BackupTargetSpec,
} from '../spec/longhorn.js';
import { fields, optional } from './fields.js';
import { integer, oneOf, type Parser, tagged } from './parser.js';
import * as value from './values.js';

const recurringJob = (name: string) =>
  fields<RecurringJobSpec>()({
    at: value.timeOfDay,
    retain: integer(1, 100),
    name: optional(value.longhornJobName, name),
  });

export const longhorn = fields<LonghornSpec>()({
  version: value.version,
  namespace: optional(value.dnsLabel, 'longhorn-system'),
  csiSpread: optional(fields<CsiSpreadSpec>()({ replicas: integer(1, 10) }), null),
  dailySnapshot: optional(recurringJob('daily-snapshot'), null),
  backupTarget: tagged('kind', {
    none: fields<NoBackupTargetSpec>()({ kind: oneOf('none') }),
    s3: fields<S3BackupTargetSpec>()({
      kind: oneOf('s3'),
      bucket: value.dnsSubdomain,
      region: value.region,
      path: optional(value.relativePath, ''),
      credentialSecret: value.secretName,
      pollInterval: optional(value.duration('1min', '1d'), minutes(5)),
      backup: recurringJob('daily-backup'),
    }),
    'kernel-nfs': fields<KernelNfsBackupTargetSpec>()({
      kind: oneOf('kernel-nfs'),
      server: value.hostName,
      path: value.absolutePath,
    }),
  }),
});

export const backup = (node: Parser<string>) =>
  fields<BackupSpec<string>>()({
    name: optional(value.cronJobName, 'local-path-backup'),
    namespace: optional(value.dnsLabel, 'kube-system'),
    from: node,
    to: fields<BackupDestinationSpec>()({
      host: value.hostName,
      user: value.userName,
      path: value.mirrorPath,
      port: optional(integer(1, 65_535), 22),
      hostKey: value.sshHostKey,
    }),
    at: value.timeOfDay,
    bandwidthLimitKibPerSecond: integer(1, 1_000_000),
    keySecret: fields<SecretKeySpec>()({ name: value.secretName, key: value.secretKey }),
    deadline: optional(value.duration('1min', '1d'), hours(2)),
    staleAfter: optional(value.duration('1h', '30d'), hours(26)),
  });
