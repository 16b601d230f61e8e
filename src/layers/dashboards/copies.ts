/** The copies themselves, by the word of the runs and by that of Kubernetes. */
import type { Backup, SnapshotsBackup } from '../../cluster/backup.js';
import { anyOf, promql } from '../promql.js';
import { ofNewestRun } from './newest-run.js';
import { type PanelSpec, type Part, type Reading, sideBySide } from './panel.js';

const namesOf = ({ name, offsite }: SnapshotsBackup): readonly string[] => [name, ...(offsite ? [offsite.name] : [])];

/** By the word of the runs. */
export function snapshotPanels(backup: SnapshotsBackup): readonly PanelSpec[] {
  const names = namesOf(backup);
  const age = `time() - max by (cronjob) (selfheal_backup_last_success_timestamp_seconds{cronjob=~"${anyOf(names)}"})`;
  // Where two copies have different limits, the shorter one colours both: a look costs less than a loss.
  const stale = Math.min(backup.staleAfter.seconds, backup.offsite?.staleAfter.seconds ?? Number.POSITIVE_INFINITY);
  return [
    ...sideBySide(
      {
        kind: 'stat',
        title: 'Newest good snapshot',
        description:
          'Ago, by the word of the runs; that nothing had changed counts as good. Less than a day is normal.',
        queries: [{ expr: age, legend: '{{cronjob}}' }],
        unit: 's',
        from: [{ at: stale, is: 'bad', alert: 'LocalPathBackupStale' }],
      },
      {
        kind: 'stat',
        title: 'How the last run ended',
        description:
          'Done is normal. The log of its pod ends with the reason; a second run comes by itself the next night.',
        queries: [{ expr: ofNewestRun('last_status', names), legend: '{{cronjob}}' }],
        unit: 'short',
        words: ENDS,
      },
      {
        kind: 'stat',
        title: 'Free over there, of its reserve',
        description:
          'Room on the machine that keeps the snapshots, at the last run. Several hundred percent is normal; below 100 % it takes no more snapshots.',
        queries: [
          {
            expr: promql`
              ${ofNewestRun('server_free_bytes', names)}
              / on (cronjob)
              ${ofNewestRun('server_reserve_bytes', names)}`,
            legend: '{{cronjob}}',
          },
        ],
        unit: 'percentunit',
        below: [
          { at: 1, is: 'bad', alert: null },
          { at: 1.25, is: 'worth a look', alert: 'BackupServerRoomLow' },
        ],
      },
      {
        kind: 'stat',
        title: 'Hooks that failed',
        description:
          'Of the last run. Zero is normal. The snapshot is there, but the data of that program was not at rest, or the program still waits.',
        queries: [{ expr: ofNewestRun('hooks_failed', names), legend: '{{cronjob}}' }],
        unit: 'short',
        from: [{ at: 1, is: 'worth a look', alert: 'BackupHookFailed' }],
      },
    ),
    { ...sizes(names), width: 8 },
    { ...sent(names), width: 8 },
    changing(names),
  ];
}

const ENDS: NonNullable<Reading['words']> = {
  0: { text: 'done', is: 'good' },
  1: { text: 'wrong settings', is: 'bad' },
  2: { text: 'refused', is: 'bad' },
  3: { text: 'another run was under way', is: 'worth a look' },
  4: { text: 'failed', is: 'bad' },
  5: { text: 'node too busy', is: 'worth a look' },
  6: { text: 'done, a hook failed', is: 'worth a look' },
};

const sizes = (names: readonly string[]): Part => ({
  kind: 'timeseries',
  title: 'Size of what is backed up',
  description:
    'All volumes together. It grows slowly; a drop by half is refused by the run, and somebody should know why.',
  queries: [{ expr: ofNewestRun('bytes', names), legend: '{{cronjob}}' }],
  unit: 'bytes',
});

const sent = (names: readonly string[]): Part => ({
  kind: 'timeseries',
  title: 'Sent by the last run',
  description: 'What had changed since the run before. What is usual is yours to know; a jump is a large new file.',
  queries: [{ expr: ofNewestRun('sent_bytes', names), legend: '{{cronjob}}' }],
  unit: 'bytes',
});

const changing = (names: readonly string[]): PanelSpec => ({
  kind: 'table',
  title: 'Files that changed while they were read',
  description:
    'A few log files are normal. A database among them is only as consistent as after a crash: a hook can hold its program still.',
  width: 8,
  height: 8,
  labels: [
    { label: 'cronjob', title: 'Backup' },
    { label: 'volume', title: 'Volume' },
  ],
  columns: [{ title: 'Files', expr: `${ofNewestRun('changing_files', names, 'volume')} > 0`, unit: 'short' }],
  sortedBy: { title: 'Files', first: 'highest' },
  emptyMeans: 'No file changed',
});

/** By the word of Kubernetes, which speaks also where no run ever began. */
export function runPanels(backup: Backup): readonly PanelSpec[] {
  const { namespace, name } = backup;
  const { offsite, drill } = backup.form === 'snapshots' ? backup : { offsite: null, drill: null };
  const names = [name, ...(offsite ? [offsite.name] : []), ...(drill ? [drill.name] : [])];
  const cronJobs = `namespace="${namespace}",cronjob=~"${anyOf(names)}"`;
  const jobs = `namespace="${namespace}",job_name=~"(${anyOf(names)})-[0-9]+"`;
  return [
    {
      kind: 'table',
      title: 'CronJobs',
      description:
        'Each ran within its time and is not suspended. A suspended one makes no copies, and is not alerted on as failed but as stale.',
      width: 12,
      height: 8,
      labels: [{ label: 'cronjob', title: 'CronJob' }],
      columns: [
        {
          title: 'Last succeeded, ago',
          expr: `time() - max by (cronjob) (kube_cronjob_status_last_successful_time{${cronJobs}})`,
          unit: 's',
        },
        {
          title: 'Next run in',
          expr: `max by (cronjob) (kube_cronjob_next_schedule_time{${cronJobs}}) - time()`,
          unit: 's',
        },
        {
          title: 'Suspended',
          expr: `max by (cronjob) (kube_cronjob_spec_suspend{${cronJobs}})`,
          unit: 'short',
          words: { 0: { text: 'no', is: 'neither' }, 1: { text: 'SUSPENDED', is: 'bad' } },
        },
      ],
    },
    {
      kind: 'timeseries',
      title: 'Backup last succeeded, ago',
      description:
        'A saw with one tooth for each night is normal. A tooth that goes on upwards is a night without a copy.',
      queries: [
        {
          expr: `time() - max by (cronjob) (kube_cronjob_status_last_successful_time{namespace="${namespace}",cronjob="${name}"})`,
          legend: '{{cronjob}}',
        },
      ],
      unit: 's',
      width: 6,
      from: [{ at: backup.staleAfter.seconds, is: 'bad', alert: 'BackupCronJobStale' }],
    },
    {
      kind: 'timeseries',
      title: 'How long a run took',
      description:
        'From its start to its end, of the runs that Kubernetes still knows. One that grows towards its deadline needs a look.',
      queries: [
        {
          expr: promql`
            max by (job_name) (
              kube_job_status_completion_time{${jobs}} - on (namespace, job_name) kube_job_status_start_time{${jobs}}
            )`,
          legend: '{{job_name}}',
        },
      ],
      unit: 's',
      width: 6,
      emptyMeans: 'No run is left to look at',
    },
  ];
}
