/** The alerts of the layer 'node-bootstrap'. */
import type { Cluster } from '../../cluster/cluster.js';
import type { RuleGroup } from '../rule-group.js';

export function nodeBootstrapAlerts(_cluster: Cluster): readonly RuleGroup[] {
  return [];
}
