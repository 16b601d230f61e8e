/** Why the pods of the backup may do what they may do. */
import type { Reasons } from '../../manifest/privileges.js';

const PROGRAMS = {
  'host-path-host-usr': "rsync and ssh are the host's own, so that nothing is installed in a pod; read only",
  'host-path-host-lib': "the libraries of the host's rsync and ssh; read only",
} as const satisfies Reasons;

export const BACKUP_PRIVILEGES = {
  'host-path-storage': 'these are the volumes that are copied; it reads them and cannot write to them',
  ...PROGRAMS,
  'backup.root': 'the files of the volumes belong to many users, and some may be read by their owner and root only',
  'backup.capability-dac-read-search': 'it reads what belongs to others; it can write to none of it',
} as const satisfies Reasons;

export const METRICS_PRIVILEGES = {
  'host-path-textfile': 'it leaves its metrics where node-exporter reads them, and writes nowhere else on the host',
} as const satisfies Reasons;

/** What giving files back to their owners takes, in a drill as in a restore; a reason for each stands below. */
export const READ_BACK_CAPABILITIES = ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'FSETID', 'SETFCAP'] as const;

export const DRILL_PRIVILEGES = {
  ...PROGRAMS,
  'drill.root': 'only root can give files back to the users that they belong to',
  'drill.capability-chown': 'it gives each file that it reads back to its owner and group, in a scratch folder',
  'drill.capability-dac-override': 'there it writes into folders that belong to others, and reads what it wrote',
  'drill.capability-fowner': 'there it sets modes, times and ACLs of files that belong to others',
  'drill.capability-fsetid': 'there it sets the set-group-ID bit of files of other groups',
  'drill.capability-setfcap': 'there it sets the file capabilities that a program in a volume may have',
} as const satisfies Reasons;

/** Beside what a restore into a folder of the node has. */
export const RESTORE_PRIVILEGES = {
  ...PROGRAMS,
  'restore.root': 'only root can give files back to the users that they belong to',
  'restore.capability-chown': 'it gives each file that it restores back to its owner and group',
  'restore.capability-dac-override': 'it writes into restored folders that belong to others, and reads what it wrote',
  'restore.capability-fowner': 'it sets modes, times and ACLs of restored files that belong to others',
  'restore.capability-fsetid': 'it sets the set-group-ID bit of restored files of other groups',
  'restore.capability-setfcap': 'it sets the file capabilities that a program in a volume may have',
} as const satisfies Reasons;
