/** The alerts of the layer 'jiva'. */
import type { Cluster } from '../../cluster/cluster.js';
import type { RuleGroup } from '../rule-group.js';

export function jivaAlerts(_cluster: Cluster): readonly RuleGroup[] {
  return [];
}
