/** Alerts on calico-node after a reboot: one that does not come up, and one that was never started anew. */
import { type Duration, describeDuration, hours, minutes } from '../../cluster/duration.js';
import { promql, UPTIME } from '../promql.js';
import type { AlertRule } from '../rule-group.js';

/** What is known by pod, by node. */
const onNode = (byPod: string): string => promql`
  max by (node) (
    ${byPod}
    * on (namespace, pod) group_left (node)
      max by (namespace, pod, node) (kube_pod_info{node!=""})
  )`;

/** The start that belongs to the reboot counts one; three more are a loop. */
const RESTARTS = { more: 2, within: minutes(30) };
const AFTER_REBOOT = hours(1);

export const CALICO_RESTARTING: AlertRule = {
  kind: 'alert',
  name: 'CalicoNodeRestartingAfterReboot',
  expr: promql`
    (
      ${onNode(promql`
        max by (namespace, pod) (
          increase(kube_pod_container_status_restarts_total{container="calico-node"}[${RESTARTS.within}])
        )`)} > ${RESTARTS.more}
    )
    and on (node) ${UPTIME} < ${AFTER_REBOOT.seconds}`,
  for: null,
  severity: 'warning',
  summary: `calico-node restarted more than ${RESTARTS.more} times in ${describeDuration(RESTARTS.within)} on a node that booted within the last ${describeDuration(AFTER_REBOOT)}.`,
  description: 'calico-node does not come up on {{ $labels.node }} after its reboot: pods there have no network.',
};

const STARTED = 'kube_pod_container_state_started{container="calico-node"}';

/** The first tells soon, also of a container that was young when its node went down; the second goes on telling. */
const LOOKED_BACK = [hours(1), hours(24)];

/**
 * The node booted within a time, and the container's start is the one that was known before that time. The start and the
 * boot are never compared: both are the node's clock, which a node without a battery for it sets right after its boot.
 */
const bootedAndNotStarted = (since: Duration): string => promql`
  ${onNode(promql`
    (
      max by (namespace, pod) (${STARTED})
      == on (namespace, pod)
      max by (namespace, pod) (max_over_time(${STARTED}[1h] offset ${since}))
    )`)}
  and on (node) ${UPTIME} < ${since.seconds}`;

const RESTARTED = minutes(15);

export const CALICO_NOT_RESTARTED: AlertRule = {
  kind: 'alert',
  name: 'CalicoNodeNotRestartedAfterReboot',
  expr: LOOKED_BACK.map(bootedAndNotStarted).join('\nor\n'),
  for: RESTARTED,
  severity: 'critical',
  summary: `calico-node has not been started anew for ${describeDuration(RESTARTED)} after its node booted.`,
  description:
    'calico-node on {{ $labels.node }} has not been started since the node booted. Felix may go on with its old picture and leave out the rules for Service addresses: connections to ClusterIPs are dropped silently.',
};
