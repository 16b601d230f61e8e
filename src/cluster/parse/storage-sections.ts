/** What a spec says of Longhorn's volumes and their copies, with its defaults. */
import { minutes } from '../duration.js';
import type {
  CsiSpreadSpec,
  KernelNfsBackupTargetSpec,
  LonghornSpec,
  NoBackupTargetSpec,
  RecurringJobSpec,
  S3BackupTargetSpec,
} from '../spec/longhorn.js';
import { fields, optional } from './fields.js';
import { longhornVolume } from './longhorn-volume.js';
import { integer, list, oneOf, tagged } from './parser.js';
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
  detachedVolumes: optional(oneOf('include', 'leave-out'), 'include'),
  excludeVolumes: optional(list(longhornVolume), []),
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
