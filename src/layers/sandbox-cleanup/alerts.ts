/** The alerts of the layer 'sandbox-cleanup'. */
import type { Cluster } from '../../cluster/cluster.js';
import type { RuleGroup } from '../rule-group.js';

export function sandboxCleanupAlerts(_cluster: Cluster): readonly RuleGroup[] {
  return [];
}
