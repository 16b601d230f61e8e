/** The backup that flags mean: of which cluster, and at which of its places. */
import type { Backup } from '../cluster/backup.js';
import type { Cluster } from '../cluster/cluster.js';
import { didYouMean, show } from '../cluster/parse/issue.js';
import { OperatorError } from '../errors.js';
import { loadClusters } from '../synth/load-clusters.js';
import type { Io } from './command.js';
import { clustersFolder } from './flags.js';

interface Asked {
  readonly cluster: string | undefined;
  readonly clusters: string | undefined;
}

/** @throws OperatorError where no described backup is meant, or one of several. */
export async function findBackup(
  asked: Asked,
  io: Io,
): Promise<{ readonly cluster: Cluster; readonly backup: Backup }> {
  const folder = clustersFolder(asked.clusters, io);
  const described = (await loadClusters(folder)).flatMap((cluster) =>
    cluster.backup === null ? [] : [{ cluster, backup: cluster.backup }],
  );
  const names = described.map(({ cluster }) => cluster.name);
  const meant = described.filter(({ cluster }) => asked.cluster === undefined || cluster.name === asked.cluster);
  const [first] = meant;
  if (first === undefined || meant.length > 1) {
    if (names.length === 0)
      throw new OperatorError(`clusters '${folder}': expected a description with a backup, got none`);
    throw new OperatorError(
      `--cluster: expected one with a backup in ${folder} (${names.join(', ')}), got ${show(asked.cluster)}${didYouMean(asked.cluster ?? '', names)}`,
    );
  }
  return first;
}

/** The second place of a backup. @throws OperatorError where there is none. */
export function offsiteOf({ cluster, backup }: { readonly cluster: Cluster; readonly backup: Backup }) {
  if (backup.form === 'snapshots' && backup.offsite !== null) return backup.offsite;
  throw new OperatorError(`--offsite: expected a backup with a second place, got that of ${cluster.name} without one`);
}
