/** The alerts of the layer 'longhorn'. */
import type { Cluster } from '../../cluster/cluster.js';
import type { RuleGroup } from '../rule-group.js';

export function longhornAlerts(_cluster: Cluster): readonly RuleGroup[] {
  return [];
}
