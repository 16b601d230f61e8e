/** The CronJobs that a description asks for: the copy, the same to a second place, and the drill. */
import type { Backup, BackupCopy, BackupDrill, MirrorBackup, SnapshotsBackup } from '../../cluster/backup.js';
import { dailyCron, weeklyCron } from '../../cluster/clock-time.js';
import type { Duration } from '../../cluster/duration.js';
import { connection, serverConnection } from './connection.js';
import { HOOKS, hooksPiece } from './hooks.js';
import { hostFolder, SCRATCH, STORAGE, scratch, TEXTFILE, textfile } from './pieces.js';
import { BACKUP_PRIVILEGES, DRILL_PRIVILEGES, METRICS_PRIVILEGES, READ_BACK_CAPABILITIES } from './privileges.js';
import type { ScheduledRun } from './run.js';

/** What the host has of it. */
interface Place {
  /** The folder of the local-path volumes. */
  readonly storage: string;
  readonly configMap: string;
}

export function runsOf(backup: Backup, place: Place): readonly ScheduledRun[] {
  if (backup.form === 'mirror') return [mirror(backup, place)];
  const { drill: described, offsite } = backup;
  return [
    snapshots(backup, backup, place),
    ...(offsite === null ? [] : [snapshots(backup, offsite, place)]),
    ...(described === null ? [] : [drill(backup, described, place)]),
  ];
}

/** One attempt ends a little before the Job's deadline, so that the script can still say so. */
const attempt = ({ seconds }: Duration): number => Math.floor(seconds * 0.9);

/** How much of the scratch folder the bytes of a volume may take: each of its files ends with a block that is not full. */
const FILLED = 0.9;

const daily = ({ name, schedule, deadline }: Pick<BackupCopy, 'name' | 'schedule' | 'deadline'>) => ({
  name,
  cron: dailyCron(schedule.at),
  timeZone: schedule.timeZone,
  deadline,
  container: 'backup',
});

function mirror(backup: MirrorBackup, { storage, configMap }: Place): ScheduledRun {
  const { settings, pieces } = connection(backup, backup.from, configMap);
  return {
    ...daily(backup),
    namespace: backup.namespace,
    node: backup.from,
    script: 'mirror.sh',
    hopeless: [1, 2],
    capabilities: ['DAC_READ_SEARCH'],
    privileges: BACKUP_PRIVILEGES,
    to: backup.to,
    hooks: [],
    settings: { SOURCE: STORAGE, ...settings, TIMEOUT_SECONDS: attempt(backup.deadline) },
    pieces: [hostFolder('storage', storage, STORAGE), ...pieces],
  };
}

function snapshots(backup: SnapshotsBackup, copy: BackupCopy, { storage, configMap }: Place): ScheduledRun {
  const { from, hooks, exclude, maxShrinkPercent } = backup;
  const { settings, pieces } = serverConnection(copy, from, configMap);
  return {
    ...daily(copy),
    namespace: backup.namespace,
    node: from,
    script: 'backup.sh',
    // 6: the copy is made, a hook failed. A second run would find nothing to copy, ask no hook and call that good.
    hopeless: [1, 2, 6],
    capabilities: ['DAC_READ_SEARCH'],
    privileges: { ...BACKUP_PRIVILEGES, ...METRICS_PRIVILEGES },
    to: copy.to,
    hooks,
    settings: {
      NAME: copy.name,
      SOURCE: STORAGE,
      ...settings,
      TIMEOUT_SECONDS: attempt(copy.deadline),
      MAX_SHRINK_PERCENT: maxShrinkPercent,
      TEXTFILE_FOLDER: TEXTFILE,
      ...(exclude.length === 0 ? {} : { EXCLUDE: exclude.join(':') }),
      ...(hooks.length === 0 ? {} : { HOOKS }),
    },
    pieces: [
      hostFolder('storage', storage, STORAGE),
      ...pieces,
      textfile,
      ...(hooks.length === 0 ? [] : [hooksPiece(hooks, configMap)]),
    ],
  };
}

function drill(
  backup: SnapshotsBackup,
  { name, schedule, scratchGibibytes }: BackupDrill,
  { configMap }: Place,
): ScheduledRun {
  const { settings, pieces } = serverConnection(backup, backup.from, configMap);
  return {
    name,
    namespace: backup.namespace,
    node: backup.from,
    cron: weeklyCron(schedule.day, schedule.at),
    timeZone: schedule.timeZone,
    deadline: backup.deadline,
    script: 'drill.sh',
    container: 'drill',
    // 7: not equal. A second attempt would pick another volume, and its success would hide what the first one found.
    hopeless: [1, 2, 7],
    capabilities: READ_BACK_CAPABILITIES,
    privileges: { ...DRILL_PRIVILEGES, ...METRICS_PRIVILEGES },
    to: backup.to,
    hooks: [],
    settings: {
      NAME: name,
      ...settings,
      TIMEOUT_SECONDS: attempt(backup.deadline),
      SCRATCH,
      MAX_BYTES: Math.floor(scratchGibibytes * 2 ** 30 * FILLED),
      TEXTFILE_FOLDER: TEXTFILE,
    },
    pieces: [...pieces, textfile, scratch(scratchGibibytes)],
  };
}
