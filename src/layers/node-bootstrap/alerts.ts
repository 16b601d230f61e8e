/** Alerts on nodes that node-bootstrap does not reach: their hosts keep whatever state they have. */
import type { Cluster } from '../../cluster/cluster.js';
import { describeDuration, minutes } from '../../cluster/duration.js';
import { anyOf, missing, promql, readyPods } from '../promql.js';
import { type RuleGroup, ruleGroups } from '../rule-group.js';
import { NODE_BOOTSTRAP_NAMESPACE } from './node-bootstrap.js';

/** Longer than a pod takes after a reboot, with the image pulled anew. */
const SETTLED = minutes(15);

export function nodeBootstrapAlerts({ hosts }: Cluster): readonly RuleGroup[] {
  if (hosts.length === 0) return [];
  const names = anyOf(hosts.map(({ name }) => name));
  const nodes = anyOf(hosts.flatMap((group) => group.nodes.map(({ name }) => name)));
  const pods = `namespace="${NODE_BOOTSTRAP_NAMESPACE}",created_by_kind="DaemonSet",created_by_name=~"${names}"`;
  return ruleGroups('node-bootstrap', [
    {
      kind: 'alert',
      name: 'NodeBootstrapUnavailable',
      expr: promql`
        max by (namespace, daemonset) (
          kube_daemonset_status_number_unavailable{namespace="${NODE_BOOTSTRAP_NAMESPACE}",daemonset=~"${names}"}
        ) > 0`,
      for: SETTLED,
      severity: 'warning',
      summary: `A node-bootstrap pod has not become available for ${describeDuration(SETTLED)}.`,
      description:
        '{{ $value }} pods of {{ $labels.daemonset }} are not available. Its init container may be failing, and then the host is not in the state that Git describes.',
    },
    {
      kind: 'alert',
      name: 'NodeBootstrapMissing',
      // A node that the DaemonSet does not count as desired (a taint, a lost label) is never "unavailable".
      expr: promql`
        max by (node) (kube_node_info{node=~"${nodes}"})
        unless on (node) (
          ${readyPods(pods)}
        )`,
      for: SETTLED,
      severity: 'warning',
      summary: `A node has had no ready node-bootstrap pod for ${describeDuration(SETTLED)}.`,
      description:
        'No node-bootstrap pod is ready on {{ $labels.node }}: what Git says about this host has not been confirmed there.',
    },
    {
      kind: 'alert',
      name: 'NodeBootstrapAbsent',
      expr: hosts
        .map(({ name }) =>
          missing(`kube_daemonset_created{namespace="${NODE_BOOTSTRAP_NAMESPACE}",daemonset="${name}"}`),
        )
        .join('\nor\n'),
      for: SETTLED,
      severity: 'critical',
      summary: 'A node-bootstrap DaemonSet does not exist.',
      description:
        '{{ $labels.daemonset }} is gone from the cluster: a reinstalled or changed host would stay without its protection, and nothing would say so.',
    },
  ]);
}
