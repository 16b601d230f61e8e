/** How old the last good copies are. */
import type { Backup, SnapshotsBackup } from '../../cluster/backup.js';
import type { Cluster, Longhorn } from '../../cluster/cluster.js';
import type { DashboardSpec, PanelSpec } from './dashboard.js';

/** Nothing where the cluster has neither kind of backup. */
export function backupsDashboard({ name, backup, longhorn, monitoring }: Cluster): Omit<DashboardSpec, 'uid'> | null {
  const panels = [
    ...(backup ? localPath(backup, monitoring?.textfileCollector ?? false) : []),
    ...(longhorn ? longhornPanels(longhorn) : []),
  ];
  if (panels.length === 0) return null;
  return { title: `${name}: backups`, description: 'How old the last good copies are, and what failed.', panels };
}

function localPath(backup: Backup, isTold: boolean): readonly PanelSpec[] {
  const { namespace, name, staleAfter } = backup;
  const cronJob = `namespace="${namespace}",cronjob="${name}"`;
  return [
    {
      kind: 'stat',
      title: 'Age of the last local-path backup',
      description: 'Since the last run that succeeded.',
      queries: [
        {
          expr: `time() - max by (cronjob) (kube_cronjob_status_last_successful_time{${cronJob}})`,
          legend: '{{cronjob}}',
        },
      ],
      unit: 's',
      width: 8,
      badFrom: staleAfter.seconds,
    },
    {
      kind: 'stat',
      title: 'Suspended',
      description: 'A suspended CronJob makes no copies.',
      queries: [{ expr: `max by (cronjob) (kube_cronjob_spec_suspend{${cronJob}})`, legend: '{{cronjob}}' }],
      unit: 'bool_yes_no',
      width: 8,
      badFrom: 1,
    },
    {
      kind: 'stat',
      title: 'Failed Jobs in the history',
      description: 'Jobs that ended as failed and have not been cleaned up yet.',
      queries: [
        {
          expr: `sum(max by (job_name) (kube_job_failed{namespace="${namespace}",condition="true",job_name=~"${name}-.+"})) or vector(0)`,
          legend: 'failed',
        },
      ],
      unit: 'short',
      width: 8,
    },
    {
      kind: 'timeseries',
      title: 'How long a run took',
      description: 'From start to completion. A run that grows towards the deadline needs a look.',
      queries: [
        {
          expr: `max by (job_name) (kube_job_status_completion_time{namespace="${namespace}",job_name=~"${name}-.+"} - kube_job_status_start_time{namespace="${namespace}",job_name=~"${name}-.+"})`,
          legend: '{{job_name}}',
        },
      ],
      unit: 's',
      width: 24,
    },
    ...(isTold && backup.form === 'snapshots' ? snapshots(backup) : []),
  ];
}

/** What the runs say of themselves. */
function snapshots({ name, offsite, drill, staleAfter }: SnapshotsBackup): readonly PanelSpec[] {
  const names = [name, ...(offsite === null ? [] : [offsite.name])];
  const ofEach = (metric: string) => `max by (cronjob) (selfheal_backup_${metric}{cronjob=~"${names.join('|')}"})`;
  return [
    {
      kind: 'stat',
      title: 'Age of the newest good snapshot',
      description: 'By the word of the runs; nothing changed counts as good.',
      queries: [{ expr: `time() - ${ofEach('last_success_timestamp_seconds')}`, legend: '{{cronjob}}' }],
      unit: 's',
      width: 8,
      badFrom: staleAfter.seconds,
    },
    {
      kind: 'stat',
      title: 'Free on the other machine, of its reserve',
      description: 'Below 1 it takes no more snapshots.',
      queries: [{ expr: `${ofEach('server_free_bytes')} / ${ofEach('server_reserve_bytes')}`, legend: '{{cronjob}}' }],
      unit: 'short',
      width: 8,
    },
    {
      kind: 'stat',
      title: 'Hooks that failed',
      description: 'In the last run.',
      queries: [{ expr: ofEach('hooks_failed'), legend: '{{cronjob}}' }],
      unit: 'short',
      width: 8,
      badFrom: 1,
    },
    {
      kind: 'timeseries',
      title: 'Sent by a run',
      description: 'What changed since the run before.',
      queries: [{ expr: ofEach('sent_bytes'), legend: '{{cronjob}}' }],
      unit: 'bytes',
      width: 12,
    },
    {
      kind: 'table',
      title: 'Files that changed while they were read',
      description: 'These volumes are only as consistent as after a crash: a hook can hold their program still.',
      queries: [
        {
          expr: `max by (cronjob, volume) (selfheal_backup_changing_files{cronjob=~"${names.join('|')}"}) > 0`,
          legend: '{{volume}}',
        },
      ],
      unit: 'short',
      width: 12,
    },
    ...(drill === null ? [] : drillPanels(drill.name)),
  ];
}

const drillPanels = (name: string): readonly PanelSpec[] => [
  {
    kind: 'stat',
    title: 'Age of the last good restore drill',
    description: 'Since a volume was read back and found equal.',
    queries: [
      {
        expr: `time() - max by (cronjob) (selfheal_backup_drill_last_success_timestamp_seconds{cronjob="${name}"})`,
        legend: '{{cronjob}}',
      },
    ],
    unit: 's',
    width: 12,
  },
  {
    kind: 'stat',
    title: 'Longest wait of a volume for its drill',
    description: 'Since that volume was found good. As old as 1970: one has not had its turn yet.',
    queries: [
      {
        expr: `time() - max by (cronjob) (selfheal_backup_drill_oldest_verified_timestamp_seconds{cronjob="${name}"})`,
        legend: '{{cronjob}}',
      },
    ],
    unit: 's',
    width: 12,
  },
];

function longhornPanels({ namespace, dailySnapshot, backupTarget }: Longhorn): readonly PanelSpec[] {
  const s3 = backupTarget.kind === 's3' ? backupTarget : null;
  const jobs = [dailySnapshot, s3?.backup].flatMap((job) => job?.name ?? []);
  const recurring: PanelSpec = {
    kind: 'stat',
    title: "Age of Longhorn's last recurring jobs",
    description: 'Since the last run of each that succeeded.',
    queries: [
      {
        expr: `time() - max by (cronjob) (kube_cronjob_status_last_successful_time{namespace="${namespace}",cronjob=~"${jobs.join('|')}"})`,
        legend: '{{cronjob}}',
      },
    ],
    unit: 's',
    width: 12,
  };
  return [...(jobs.length === 0 ? [] : [recurring]), ...(s3 === null ? [] : VOLUME_BACKUPS)];
}

const VOLUME_BACKUPS: readonly PanelSpec[] = [
  {
    kind: 'table',
    title: "Age of each volume's last backup",
    description: 'Since Longhorn 1.11. A volume without one is not listed here but alerted on.',
    queries: [{ expr: 'time() - (max by (volume) (longhorn_volume_last_backup_at) > 0)', legend: '{{volume}}' }],
    unit: 's',
    width: 12,
  },
  {
    kind: 'stat',
    title: 'Backups with an error',
    description: 'They stay until they are deleted.',
    queries: [{ expr: 'count(max by (volume, backup) (longhorn_backup_state) == 4) or vector(0)', legend: 'backups' }],
    unit: 'short',
    width: 12,
    badFrom: 1,
  },
];
