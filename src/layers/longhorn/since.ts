/** What Longhorn exports since which version. */
import type { Longhorn } from '../../cluster/cluster.js';

const SINCE = {
  /** Each snapshot, by name. */
  longhorn_snapshot_actual_size_bytes: [1, 6],
  /** When a volume was last backed up. */
  longhorn_volume_last_backup_at: [1, 11],
} as const;

export function isExported({ version }: Longhorn, metric: keyof typeof SINCE): boolean {
  const [major, minor] = SINCE[metric];
  const [actualMajor = 0, actualMinor = 0] = version.split('.').map(Number);
  return actualMajor > major || (actualMajor === major && actualMinor >= minor);
}
