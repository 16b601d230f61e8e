/**
 * Pods that no scheduler has looked at, as kube-state-metrics shows them: what an alert counts and a panel draws.
 *
 * A pod that was looked at and found unschedulable has the condition PodScheduled=False, whatever the reason. A pod
 * that nobody looked at has no such condition at all; so an alert on "unschedulable" misses exactly the stall.
 */
import { minutes } from '../cluster/duration.js';
import { promql } from './promql.js';

/** A healthy scheduler answers within a second; a restart of the control plane takes one or two minutes. */
export const UNTOUCHED = minutes(5);

/**
 * One that has chosen a node waits there for a new volume, for ten minutes by default, and says nothing of the pod until
 * it has the volume or gives up. Which node it chose stands in an annotation of the claim, which is not exported: so every
 * pod with a claim that is not known to be bound has that time.
 */
export const UNTOUCHED_WITH_CLAIM = minutes(15);

/** How old a pod is. One from the future is as old as one from the past: the API server's clock was wrong when it was made. */
const AGE = 'abs(time() - max by (namespace, pod, uid) (kube_pod_created))';

const WAITING_FOR_A_VOLUME = promql`
  kube_pod_spec_volumes_persistentvolumeclaims_info
  unless on (namespace, persistentvolumeclaim)
    (max by (namespace, persistentvolumeclaim) (kube_persistentvolumeclaim_status_phase{phase="Bound"}) == 1)
  and on (namespace, pod, uid)
    (${AGE} <= ${UNTOUCHED_WITH_CLAIM.seconds})`;

/** Where no pod at all has a condition, they are not exported. */
export const UNTOUCHED_PODS = promql`
  (max by (namespace, pod, uid) (kube_pod_status_phase{phase="Pending"}) == 1)
  and on (namespace, pod, uid)
    (${AGE} > ${UNTOUCHED.seconds})
  and on (namespace, pod, uid) kube_pod_info{node=""}
  unless on (namespace, pod, uid) kube_pod_status_scheduled
  unless on (namespace, pod, uid) (
    ${WAITING_FOR_A_VOLUME}
  )
  and on () (count(kube_pod_status_scheduled) > 0)`;
