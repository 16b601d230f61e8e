/** The alerts of the layer 'network'. */
import type { Cluster } from '../../cluster/cluster.js';
import type { RuleGroup } from '../rule-group.js';

export function networkAlerts(_cluster: Cluster): readonly RuleGroup[] {
  return [];
}
