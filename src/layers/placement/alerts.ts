/** The alerts of the layer 'placement'. */
import type { Cluster } from '../../cluster/cluster.js';
import type { RuleGroup } from '../rule-group.js';

export function placementAlerts(_cluster: Cluster): readonly RuleGroup[] {
  return [];
}
