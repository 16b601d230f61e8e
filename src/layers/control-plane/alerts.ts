/** Alerts on a control plane that looks alive and does nothing. */
import type { Cluster } from '../../cluster/cluster.js';
import type { RuleGroup } from '../rule-group.js';
import { ruleGroups } from '../rule-group.js';
import { DATASTORE_REQUEST_ERRORS, KUBELET_NOT_STARTING_PODS } from './node-alerts.js';
import { leaseAlerts, SCHEDULER_NOT_PROCESSING_PODS } from './scheduler-alerts.js';

/** k3s on SQLite elects no leader and has no leases: alerts on them could only be wrong. */
export const controlPlaneAlerts = ({ leaderElection }: Cluster): readonly RuleGroup[] =>
  ruleGroups('control-plane', [
    SCHEDULER_NOT_PROCESSING_PODS,
    ...(leaderElection ? leaseAlerts() : []),
    KUBELET_NOT_STARTING_PODS,
    DATASTORE_REQUEST_ERRORS,
  ]);
