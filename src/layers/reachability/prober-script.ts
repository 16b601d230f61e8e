/** The script that puts the prober onto a host outside the cluster: one text to read and to run there. */
import type { Reachability } from '../../cluster/cluster.js';
import { withPayload } from '../payload.js';
import { readScript } from '../script.js';
import { proberFiles } from './prober-files.js';

export function proberScript(cluster: string, reachability: Reachability): string {
  const { notify } = reachability;
  return withPayload(
    readScript('reachability', 'install/install-prober.sh'),
    { CLUSTER: cluster, FORM: notify?.kind ?? '', WEBHOOK: notify?.urlFile ?? '' },
    proberFiles(reachability),
  );
}
