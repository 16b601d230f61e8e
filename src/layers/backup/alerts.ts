/** The alerts of the layer 'backup'. */
import type { Cluster } from '../../cluster/cluster.js';
import type { RuleGroup } from '../rule-group.js';

export function backupAlerts(_cluster: Cluster): readonly RuleGroup[] {
  return [];
}
