/** Alerts on hosts that are not as described or wait for a reboot, and on nodes that node-bootstrap does not reach. */
import type { Cluster } from '../../cluster/cluster.js';
import { type Duration, describeDuration, minutes } from '../../cluster/duration.js';
import { anyOf, byNode, missing, promql, rewritten, UPTIME } from '../promql.js';
import { type AlertRule, type RuleGroup, ruleGroups } from '../rule-group.js';
import { NODE_BOOTSTRAP_NAMESPACE } from './host-pod.js';
import { rebootPendingRules } from './reboot-alert.js';

/** Longer than a pod takes after a reboot, with the image pulled anew. */
const SETTLED = minutes(15);

/** Two looks may fall victim to a busy host; three in a row do not. */
const MISSED_LOOKS = 3;

const DRIFTED = promql`sum by (node) (${byNode('selfheal_bootstrap_items{state=~"drifted|refused"}', 'state')}) > 0`;

export function nodeBootstrapAlerts(cluster: Cluster): readonly RuleGroup[] {
  const { hosts, monitoring } = cluster;
  if (hosts.length === 0) return [];
  const names = anyOf(hosts.map(({ name }) => name));
  const nodes = anyOf(hosts.flatMap((group) => group.nodes.map(({ name }) => name)));
  const pods = `namespace="${NODE_BOOTSTRAP_NAMESPACE}",created_by_kind="DaemonSet",created_by_name=~"${names}"`;
  const told = monitoring?.textfileCollector ?? false;
  return ruleGroups('node-bootstrap', [
    {
      kind: 'alert',
      name: 'NodeBootstrapUnavailable',
      expr: unavailable(names, told ? pods : null),
      for: SETTLED,
      severity: 'warning',
      summary: `A node-bootstrap pod has not become available for ${describeDuration(SETTLED)}.`,
      description:
        '{{ $value }} pods of {{ $labels.daemonset }} are not available. Its init container may be failing, or its watch sees a host that is not as described.',
    },
    {
      kind: 'alert',
      name: 'NodeBootstrapMissing',
      // A node that the DaemonSet does not count as desired (a taint, a lost label) is never "unavailable".
      expr: promql`
        max by (node) (kube_node_info{node=~"${nodes}"})
        unless on (node) (
          max by (namespace, pod, node) (kube_pod_info{${pods}})
          * on (namespace, pod) group_left ()
            (max by (namespace, pod) (kube_pod_container_status_running{container="watch"}) == 1)
        )`,
      for: SETTLED,
      severity: 'warning',
      summary: `A node has had no running node-bootstrap pod for ${describeDuration(SETTLED)}.`,
      description:
        'No node-bootstrap pod has brought {{ $labels.node }} to its state and watches it: what Git says about this host has not been confirmed there.',
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
      severity: 'warning',
      summary: 'A node-bootstrap DaemonSet does not exist.',
      description:
        '{{ $labels.daemonset }} is gone from the cluster: a reinstalled or changed host would stay without its protection, and nothing would say so.',
    },
    drifted,
    silent(nodes, longestLook(hosts)),
    ...rebootPendingRules(cluster),
  ]);
}

/** A pod that is not ready because of its host is told by NodeBootstrapDrifted, where its metrics can be seen. */
function unavailable(names: string, pods: string | null): string {
  const any = promql`
    max by (namespace, daemonset) (
      kube_daemonset_status_number_unavailable{namespace="${NODE_BOOTSTRAP_NAMESPACE}",daemonset=~"${names}"}
    ) > 0`;
  if (pods === null) return any;
  return promql`
    ${any}
    unless on (daemonset)
      label_replace(
        (${DRIFTED})
        * on (node) group_right ()
          max by (node, created_by_name) (kube_pod_info{${pods}}),
        "daemonset", "$1", "created_by_name", "(.*)"
      )`;
}

const drifted: AlertRule = {
  kind: 'alert',
  name: 'NodeBootstrapDrifted',
  expr: DRIFTED,
  for: SETTLED,
  severity: 'warning',
  summary: `A host has not been as described for ${describeDuration(SETTLED)}.`,
  description:
    '{{ $value }} items on {{ $labels.node }} are not as Git describes them: somebody or something changed them. The log of the node-bootstrap pod there names them.',
};

const silent = (nodes: string, silence: Duration): AlertRule => ({
  kind: 'alert',
  name: 'NodeBootstrapSilent',
  expr: promql`
    ${UPTIME}{node=~"${nodes}"}
    unless on (node) (
      ${rewritten('selfheal_bootstrap', silence)}
      and on (node)
      ${byNode('selfheal_bootstrap_up')} == 1
    )`,
  for: SETTLED,
  severity: 'warning',
  summary: `Nobody knows whether a host is as described: its last good look is ${describeDuration(silence)} old, or there is none.`,
  description:
    'The node-bootstrap pod of {{ $labels.node }} left no fresh metrics, or says that it cannot tell how the host is.',
});

const longestLook = (hosts: Cluster['hosts']): Duration => ({
  seconds: MISSED_LOOKS * Math.max(...hosts.map(({ driftCheck }) => driftCheck.seconds)),
});
