/** Alerts on OpenEBS Jiva, as far as Kubernetes objects show it: Jiva itself exports nothing that the stack scrapes. */
import type { Cluster, Jiva } from '../../cluster/cluster.js';
import { describeDuration, hours, minutes } from '../../cluster/duration.js';
import { promql } from '../promql.js';
import { type AlertRule, type RuleGroup, ruleGroups } from '../rule-group.js';

export const jivaAlerts = ({ jiva }: Cluster): readonly RuleGroup[] =>
  jiva === null
    ? []
    : ruleGroups('jiva', [
        withoutQuorum(jiva),
        replicaNotReady(jiva),
        stuckTerminating(jiva),
        budgetBlocked(jiva),
        orphan(jiva),
      ]);

/** The operator names the StatefulSet of a volume's replicas `<volume>-jiva-rep`, older ones `<volume>-rep`. */
const ready = ({ namespace }: Jiva): string =>
  `max by (namespace, statefulset) (kube_statefulset_status_replicas_ready{namespace="${namespace}",statefulset=~".+-rep"})`;

/** The volume turns read-only at once; five minutes let a single restart pass. */
const withoutQuorum = (jiva: Jiva): AlertRule => {
  const quorum = Math.floor(jiva.replicas / 2) + 1;
  return {
    kind: 'alert',
    name: 'JivaVolumeWithoutQuorum',
    expr: `${ready(jiva)} < ${quorum}`,
    for: minutes(5),
    severity: 'critical',
    summary: `A Jiva volume has fewer than ${quorum} of ${jiva.replicas} replicas ready and is read-only.`,
    description: `{{ $labels.statefulset }} has {{ $value }} of ${jiva.replicas} replicas ready. Do not restart pods that still use the volume: they could not mount it again.`,
  };
};

/** A node that is drained, rebooted and uncordoned takes its replica away for a quarter of an hour; then it rebuilds. */
const REBUILT = minutes(45);

const replicaNotReady = (jiva: Jiva): AlertRule => ({
  kind: 'alert',
  name: 'JivaReplicaNotReady',
  expr: `${ready(jiva)} < ${jiva.replicas}`,
  for: REBUILT,
  severity: 'warning',
  summary: `A Jiva volume has had fewer than ${jiva.replicas} ready replicas for ${describeDuration(REBUILT)}.`,
  description: `{{ $labels.statefulset }} has {{ $value }} of ${jiva.replicas} replicas ready. Reboot no node before all are back.`,
});

/** Many times the usual grace of 30 seconds. */
const STUCK = minutes(10);

const stuckTerminating = ({ namespace }: Jiva): AlertRule => ({
  kind: 'alert',
  name: 'JivaPodStuckTerminating',
  expr: promql`
    time() - max by (namespace, pod) (
      kube_pod_deletion_timestamp{namespace="${namespace}",pod=~".+-(ctrl|rep)-.+"}
    ) > ${STUCK.seconds}`,
  for: null,
  severity: 'warning',
  summary: `A Jiva pod has been terminating for more than ${describeDuration(STUCK)}.`,
  description:
    '{{ $labels.pod }} should have been gone {{ $value | humanizeDuration }} ago. While it is there, the operator does not reconcile the volume and anti-affinity keeps its successor away.',
});

const budgetBlocked = ({ namespace }: Jiva): AlertRule => ({
  kind: 'alert',
  name: 'JivaDisruptionBudgetBlocked',
  expr: promql`
    max by (namespace, poddisruptionbudget) (
      kube_poddisruptionbudget_status_desired_healthy{namespace="${namespace}"}
    )
    - on (namespace, poddisruptionbudget)
    max by (namespace, poddisruptionbudget) (
      kube_poddisruptionbudget_status_current_healthy{namespace="${namespace}"}
    ) > 0`,
  for: REBUILT,
  severity: 'warning',
  summary: `A PodDisruptionBudget of Jiva has not been satisfied for ${describeDuration(REBUILT)}.`,
  description:
    '{{ $labels.poddisruptionbudget }} lacks {{ $value }} healthy pods: every eviction is refused, a drain would wait for ever.',
});

const ABANDONED = hours(1);

/** The provisioner's helper pods live for seconds and belong to nobody; one that stays is left over from a dead node. */
const orphan = ({ namespace }: Jiva): AlertRule => ({
  kind: 'alert',
  name: 'JivaOrphanPod',
  expr: promql`
    (
      time() - max by (namespace, pod) (
        kube_pod_created{namespace=~"${namespace}|kube-system",pod=~"hostpath-provisioner-.+|pvc-.+"}
      ) > ${ABANDONED.seconds}
    )
    and on (namespace, pod) kube_pod_owner{owner_kind=~"(<none>)?"}
    and on (namespace, pod)
      (max by (namespace, pod) (kube_pod_status_phase{phase=~"Pending|Running|Unknown"}) == 1)`,
  for: null,
  severity: 'warning',
  summary: `A storage pod without an owner has been there for more than ${describeDuration(ABANDONED)}.`,
  description:
    '{{ $labels.namespace }}/{{ $labels.pod }} belongs to no controller and does not end. Nothing will ever clean it up.',
});
