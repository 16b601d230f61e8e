/** A kubelet that does not take up its pods, and a datastore that refuses requests: both on single nodes. */
import { describeDuration, minutes } from '../../cluster/duration.js';
import { promql } from '../promql.js';
import type { AlertRule } from '../rule-group.js';

/**
 * The kubelet reports a container as waiting within seconds, long before its image is there. A time in the future counts
 * like one in the past: the clock that wrote it was wrong.
 */
const UNTOUCHED = minutes(10);

export const KUBELET_NOT_STARTING_PODS: AlertRule = {
  kind: 'alert',
  name: 'KubeletNotStartingPods',
  expr: promql`
    count by (node) (
      max by (namespace, pod, uid, node) (kube_pod_info{node!=""})
      and on (namespace, pod, uid)
        (max by (namespace, pod, uid) (kube_pod_status_phase{phase="Pending"}) == 1)
      and on (namespace, pod, uid)
        (abs(time() - max by (namespace, pod, uid) (kube_pod_status_scheduled_time)) > ${UNTOUCHED.seconds})
      unless on (namespace, pod, uid) kube_pod_container_status_waiting
      unless on (namespace, pod, uid) kube_pod_init_container_status_waiting
      and on (node)
        (max by (node) (kube_node_status_condition{condition="Ready",status="true"}) == 1)
      and on () (count(kube_pod_container_status_waiting) > 0)
    ) > 0`,
  for: minutes(2),
  severity: 'critical',
  summary: `Pods were given to a node more than ${describeDuration(UNTOUCHED)} ago and its kubelet has reported nothing about them.`,
  description:
    "{{ $value }} pods wait on {{ $labels.node }} without any container status: its kubelet does not see them, or cannot write to the API. The node's own heartbeat goes another way and looks fine.",
};

/** Single requests are cancelled whenever a client goes away; one in fifty over ten minutes is the datastore. */
const ERRORS = { share: 0.02, within: minutes(10) };

/** Longer than the window: the burst when a member reboots stays in it for that long. */
const LASTING = minutes(15);

export const DATASTORE_REQUEST_ERRORS: AlertRule = {
  kind: 'alert',
  name: 'DatastoreRequestErrors',
  // By host, because one bad follower among three healthy ones would vanish in the sum. Several ports of one host show
  // the same process; a ratio is the same however often it is counted.
  expr: promql`
    max by (host) (
      label_replace(
        sum by (instance) (rate(etcd_request_errors_total[${ERRORS.within}]))
        / on (instance)
        sum by (instance) (rate(etcd_requests_total[${ERRORS.within}])),
        "host", "$1", "instance", "(.+):[0-9]+"
      )
    ) > ${ERRORS.share}`,
  for: LASTING,
  severity: 'warning',
  summary: `More than ${ERRORS.share * 100} percent of an API server's requests to its datastore have failed for ${describeDuration(LASTING)}.`,
  description:
    '{{ $value | humanizePercentage }} of the requests of the API server on {{ $labels.host }} to its datastore fail. Look for "context canceled" and "database is locked" in the log there.',
};
