/** The alerts of the layer 'kernel'. */
import type { Cluster } from '../../cluster/cluster.js';
import type { RuleGroup } from '../rule-group.js';

export function kernelAlerts(_cluster: Cluster): readonly RuleGroup[] {
  return [];
}
