/** Alerts on CoreDNS: too few, none, or all in one place. */
import type { Cluster } from '../../cluster/cluster.js';
import { describeDuration, minutes } from '../../cluster/duration.js';
import { wantedDns } from '../../cluster/patches.js';
import { SEVERAL_NODES_TO_CHOOSE } from '../planned-reboot.js';
import { promql, readyPods } from '../promql.js';
import { type AlertRule, type RuleGroup, ruleGroups } from '../rule-group.js';

const DEPLOYMENT = 'namespace="kube-system",deployment="coredns"';
const PODS = 'namespace="kube-system",created_by_kind="ReplicaSet",created_by_name=~"coredns-.+"';

/** Long enough for a roll-out. */
const SETTLED = minutes(10);

/** A node that is drained, rebooted and uncordoned takes its replica away for so long. */
const REBOOTED = minutes(30);

/** No name resolves meanwhile: only a roll-out's overlap is waited for. */
const NONE_FOR = minutes(2);

/** Only where the description asks for replicas: both distributions bring one, and that would be alerted on for ever. */
export function dnsAlerts(cluster: Cluster): readonly RuleGroup[] {
  const dns = wantedDns(cluster);
  if (dns === null) return [];
  const tooFew: AlertRule = {
    kind: 'alert',
    name: 'CoreDnsReplicasLow',
    expr: promql`max by (namespace, deployment) (kube_deployment_status_replicas_available{${DEPLOYMENT}}) < ${dns.replicas}`,
    for: REBOOTED,
    severity: 'warning',
    summary: `Fewer than ${dns.replicas} CoreDNS replicas have been available for ${describeDuration(REBOOTED)}.`,
    description: `{{ $value }} of ${dns.replicas} CoreDNS replicas are available: the next node that goes down may take all name resolution with it.`,
  };
  return ruleGroups('dns', dns.replicas > 1 ? [NONE, tooFew, ON_ONE_NODE] : [NONE]);
}

const NONE: AlertRule = {
  kind: 'alert',
  name: 'CoreDnsUnavailable',
  // A Deployment that is gone has no series at all.
  expr: promql`
    max by (namespace, deployment) (kube_deployment_status_replicas_available{${DEPLOYMENT}}) == 0
    or
    absent(kube_deployment_status_replicas_available{${DEPLOYMENT}})
    and on () (count(kube_deployment_status_replicas_available) > 0)`,
  for: NONE_FOR,
  severity: 'critical',
  summary: `No CoreDNS replica has been available for ${describeDuration(NONE_FOR)}.`,
  description:
    'Nothing in the cluster can resolve a name: {{ $labels.deployment }} is gone or has no available replica.',
};

const ON_ONE_NODE: AlertRule = {
  kind: 'alert',
  name: 'CoreDnsOnOneNode',
  expr: promql`
    (
      count(count by (node) (
        ${readyPods(PODS)}
      )) == 1
    )
    and on () ${SEVERAL_NODES_TO_CHOOSE}`,
  for: SETTLED,
  severity: 'warning',
  summary: `All ready CoreDNS replicas have been on one node for ${describeDuration(SETTLED)}.`,
  description:
    'More than one node is Ready and not cordoned, but CoreDNS is on one of them only: that node is a single point of failure.',
};
