/** The alerts of the layer 'dns'. */
import type { Cluster } from '../../cluster/cluster.js';
import type { RuleGroup } from '../rule-group.js';

export function dnsAlerts(_cluster: Cluster): readonly RuleGroup[] {
  return [];
}
