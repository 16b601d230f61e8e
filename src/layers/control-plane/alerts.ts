/** The alerts of the layer 'control-plane'. */
import type { Cluster } from '../../cluster/cluster.js';
import type { RuleGroup } from '../rule-group.js';

export function controlPlaneAlerts(_cluster: Cluster): readonly RuleGroup[] {
  return [];
}
