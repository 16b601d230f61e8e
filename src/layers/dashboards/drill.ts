/** Whether what was backed up could be read back and was equal. */
import type { SnapshotsBackup } from '../../cluster/backup.js';
import { promql } from '../promql.js';
import { ofNewestRun } from './newest-run.js';
import { type PanelSpec, type Reading, sideBySide, type ValuePanel } from './panel.js';

export function drillPanels({ drill, namespace }: SnapshotsBackup, told: boolean): readonly PanelSpec[] {
  if (drill === null) return [];
  const names = [drill.name];
  const stale: ValuePanel = {
    kind: 'stat',
    title: 'Last good drill',
    description:
      'Ago: a volume was read back and found equal. Up to a week is normal; each week one volume has its turn.',
    queries: [
      {
        expr: `time() - max by (cronjob) (kube_cronjob_status_last_successful_time{namespace="${namespace}",cronjob="${drill.name}"})`,
        legend: '{{cronjob}}',
      },
    ],
    unit: 's',
    width: 12,
    from: [{ at: 15 * 24 * 3600, is: 'worth a look', alert: 'BackupDrillStale' }],
  };
  if (!told) return [stale];
  return [
    ...sideBySide(
      stale,
      {
        kind: 'stat',
        title: 'What it found',
        description:
          'Equal is normal. Not equal: what lies over there is not what was backed up. The log of its pod names the volume and the first difference.',
        queries: [{ expr: ofNewestRun('drill_last_status', names), legend: '{{cronjob}}' }],
        unit: 'short',
        words: FOUND,
      },
      {
        kind: 'stat',
        title: 'Longest without a drill',
        description:
          'The volume that waits longest. As many weeks as there are volumes is normal. Some fifty years: one has not had its turn yet.',
        queries: [
          {
            expr: promql`time() - ${ofNewestRun('drill_oldest_verified_timestamp_seconds', names)}`,
            legend: '{{cronjob}}',
          },
        ],
        unit: 's',
        from: [{ at: 180 * 24 * 3600, is: 'worth a look', alert: 'BackupVolumeUnverified' }],
      },
      {
        kind: 'stat',
        title: 'Too large to be read back',
        description:
          'Volumes that do not fit into the scratch space of the drill. Zero is normal: nobody knows about these.',
        queries: [{ expr: ofNewestRun('drill_too_large_volumes', names), legend: '{{cronjob}}' }],
        unit: 'short',
        from: [{ at: 1, is: 'worth a look', alert: 'BackupVolumeTooLargeToDrill' }],
      },
    ),
    volumes(names),
  ];
}

const FOUND: NonNullable<Reading['words']> = {
  0: { text: 'equal', is: 'good' },
  1: { text: 'wrong settings', is: 'bad' },
  2: { text: 'nothing to read back', is: 'worth a look' },
  4: { text: 'failed', is: 'worth a look' },
  7: { text: 'NOT EQUAL', is: 'bad' },
};

const volumes = (names: readonly string[]): PanelSpec => ({
  kind: 'table',
  title: 'Each volume',
  description:
    'When each volume of the newest snapshot was last read back and found equal, and how the last attempt ended. A volume that never had its turn stands there with some fifty years.',
  width: 24,
  height: 7,
  labels: [{ label: 'volume', title: 'Volume' }],
  columns: [
    {
      title: 'Found equal, ago',
      expr: promql`
        max by (volume) (
          time() - ${ofNewestRun('drill_volume_verified_timestamp_seconds', names, 'volume')}
        )`,
      unit: 's',
      from: [{ at: 180 * 24 * 3600, is: 'worth a look', alert: 'BackupVolumeUnverified' }],
    },
    {
      title: 'Last found',
      expr: promql`max by (volume) (${ofNewestRun('drill_volume_bad', names, 'volume')})`,
      unit: 'short',
      words: { 0: { text: 'equal, or not read yet', is: 'good' }, 1: { text: 'NOT EQUAL', is: 'bad' } },
    },
  ],
  sortedBy: { title: 'Found equal, ago', first: 'highest' },
});
