/** The signature of a scheduler whose watch has stalled: it renews its lease and writes nothing, not even a refusal. */
import { describeDuration, hours, minutes } from '../../cluster/duration.js';
import { promql } from '../promql.js';
import type { AlertRule } from '../rule-group.js';
import { UNTOUCHED, UNTOUCHED_PODS } from '../untouched-pods.js';

/**
 * A lease is renewed every few seconds, and scraped once in one or two minutes. Whether its time changes is asked, never
 * how old it is: it is written by the holder's clock, and a node without a battery for its clock may be hours behind.
 */
const UNRENEWED = minutes(5);

/** A server of its own reboots in four minutes and needs two more until somebody holds the lease. */
const NOT_A_REBOOT = minutes(5);

/** Rides over one failed scrape. */
const CONFIRMED = minutes(2);

/** A reboot of one node makes two holders, a rolling reboot of three nodes four in more than an hour. */
const FLAPPING = { holders: 3, within: hours(1) };

const LEASES = 'namespace="kube-system",lease=~"kube-scheduler|kube-controller-manager"';
const SCHEDULER_LEASE = 'namespace="kube-system",lease="kube-scheduler"';

export const SCHEDULER_NOT_PROCESSING_PODS: AlertRule = {
  kind: 'alert',
  name: 'SchedulerNotProcessingPods',
  expr: promql`
    count(
      ${UNTOUCHED_PODS}
    ) > 0`,
  for: CONFIRMED,
  severity: 'critical',
  summary: `Pods have been pending for more than ${describeDuration(UNTOUCHED)} and the scheduler has not looked at them.`,
  description:
    '{{ $value }} pods are pending and carry no scheduling result, not even "unschedulable". The scheduler runs and does not schedule: waiting does not help.',
};

export const leaseAlerts = (): readonly AlertRule[] => [HOLDER_STALLED, LEASE_NOT_RENEWED, LEADER_FLAPPING];

/** Says which node to look at; that something is wrong is already said by the alert above. */
const HOLDER_STALLED: AlertRule = {
  kind: 'alert',
  name: 'SchedulerLeaseHolderStalled',
  expr: promql`
    max by (node) (
      label_replace(kube_lease_owner{${SCHEDULER_LEASE}}, "node", "$1", "lease_holder", "(.+)_[^_]+")
    )
    and on (node)
      (max by (node) (kube_node_status_condition{condition="Ready",status="true"}) == 1)
    and on ()
      (max(changes(kube_lease_renew_time{${SCHEDULER_LEASE}}[${UNRENEWED}])) > 0)
    and on () (
      count(
        ${UNTOUCHED_PODS}
      ) > 0
    )`,
  for: CONFIRMED,
  severity: 'warning',
  summary: 'The node that holds the scheduler lease is Ready and renews it, but nothing is scheduled.',
  description:
    '{{ $labels.node }} holds the scheduler lease. Its scheduler is alive enough to keep the lease from the others and does no work: restarting Kubernetes on {{ $labels.node }} hands the lease over.',
};

const LEASE_NOT_RENEWED: AlertRule = {
  kind: 'alert',
  name: 'ControlPlaneLeaseNotRenewed',
  expr: promql`max by (namespace, lease) (changes(kube_lease_renew_time{${LEASES}}[${UNRENEWED}])) == 0`,
  for: NOT_A_REBOOT,
  severity: 'critical',
  summary: `The lease of a control-plane component has not been renewed for ${describeDuration(UNRENEWED)}.`,
  description:
    'Nobody renews the lease {{ $labels.lease }}: no instance of it is working, or none can write to the datastore.',
};

const LEADER_FLAPPING: AlertRule = {
  kind: 'alert',
  name: 'LeaderElectionFlapping',
  // Each holder is a series of its own, so changes() would see nothing.
  expr: promql`
    count by (namespace, lease) (
      count by (namespace, lease, lease_holder) (max_over_time(kube_lease_owner{${LEASES}}[${FLAPPING.within}]))
    ) > ${FLAPPING.holders}`,
  for: null,
  severity: 'warning',
  summary: `A control-plane lease has had more than ${FLAPPING.holders} holders within ${describeDuration(FLAPPING.within)}.`,
  description:
    'The lease {{ $labels.lease }} had {{ $value }} holders: its instances restart, or cannot write to the datastore in time.',
};
