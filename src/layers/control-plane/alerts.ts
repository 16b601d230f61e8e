/** Alerts on a control plane that looks alive and does nothing. */
import type { RuleGroup } from '../rule-group.js';
import { ruleGroups } from '../rule-group.js';
import { DATASTORE_REQUEST_ERRORS, KUBELET_NOT_STARTING_PODS } from './node-alerts.js';
import { leaseAlerts, SCHEDULER_NOT_PROCESSING_PODS } from './scheduler-alerts.js';

export const controlPlaneAlerts = (): readonly RuleGroup[] =>
  ruleGroups('control-plane', [
    SCHEDULER_NOT_PROCESSING_PODS,
    ...leaseAlerts(),
    KUBELET_NOT_STARTING_PODS,
    DATASTORE_REQUEST_ERRORS,
  ]);
