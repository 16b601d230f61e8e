/** How old the last good copies are, whether they could be read back, and how much room is left. */
import type { Cluster } from '../../cluster/cluster.js';
import { runPanels, snapshotPanels } from './copies.js';
import type { DashboardSpec } from './dashboard.js';
import { drillPanels } from './drill.js';
import { longhornBackupPanels } from './longhorn-backups.js';
import type { PanelSpec } from './panel.js';

/** Without a row where the cluster has neither kind of backup. */
export function backupsDashboard({ name, backup, longhorn, monitoring }: Cluster): DashboardSpec {
  const told = backup?.form === 'snapshots' && (monitoring?.textfileCollector ?? false) ? backup : null;
  const rows: readonly { readonly title: string; readonly panels: readonly PanelSpec[] }[] = [
    { title: 'Snapshots of local-path volumes', panels: told ? snapshotPanels(told) : [] },
    { title: 'Restore drills', panels: backup?.form === 'snapshots' ? drillPanels(backup, told !== null) : [] },
    { title: 'Runs of the backup', panels: backup ? runPanels(backup) : [] },
    { title: 'Longhorn', panels: longhorn ? longhornBackupPanels(longhorn) : [] },
  ];
  return {
    board: 'backups',
    title: `${name}: backups`,
    description: 'How old the last good copies are, whether they could be read back, and how much room is left.',
    rows: rows.filter(({ panels }) => panels.length > 0),
  };
}
