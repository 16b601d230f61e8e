/** An alert on Service addresses that lead nowhere on a node, by the check that looks from the node itself. */
import { describeDuration, minutes } from '../../cluster/duration.js';
import { byNode, promql } from '../promql.js';
import type { AlertRule } from '../rule-group.js';

/** The check runs each minute; after a boot kube-proxy needs one or two. */
const SETTLED = minutes(5);

/** What a check says where it has seen trouble. That it cannot tell is no trouble, and an alert of its own. */
const CRITICAL = 2;

export const CLUSTER_IP_RULES_MISSING: AlertRule = {
  kind: 'alert',
  name: 'ClusterIpRulesMissing',
  expr: promql`${byNode('selfheal_check_status{check="k8s_nat_rules"}')} == ${CRITICAL}`,
  for: SETTLED,
  severity: 'critical',
  summary: `A node has not reached Services by their ClusterIP for ${describeDuration(SETTLED)}.`,
  description:
    'On {{ $labels.node }} the address of the Service kubernetes does not answer although the API server does, or the rules for ClusterIPs are gone. Pods there look healthy and reach nothing.',
};
