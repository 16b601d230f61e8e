/** The checks that there are, in the order in which they are listed: what others stand on comes first. */
import type { HealthCheck } from '../facts.js';
import { applicationsCheck } from './applications.js';
import { backupAgeCheck } from './backup-age.js';
import { calicoRestartedCheck } from './calico-restarted.js';
import { certificatesCheck } from './certificates.js';
import { clusterIpRulesCheck } from './cluster-ip-rules.js';
import { cordonsCheck } from './cordons.js';
import { corednsCheck } from './coredns.js';
import { datastoreCheck } from './datastore.js';
import { disruptionBudgetsCheck } from './disruption-budgets.js';
import { hostClockCheck } from './host-clock.js';
import { hostDiskCheck } from './host-disk.js';
import { jivaDeadlockCheck } from './jiva-deadlock.js';
import { jivaVolumesCheck } from './jiva-volumes.js';
import { kubeletStallCheck } from './kubelet-stall.js';
import { leaseHoldersCheck } from './lease-holders.js';
import { longhornBackupAgeCheck } from './longhorn-backup-age.js';
import { longhornVolumesCheck } from './longhorn-volumes.js';
import { nodeBootstrapCheck } from './node-bootstrap.js';
import { nodesCheck } from './nodes.js';
import { patchOwnershipCheck } from './patch-ownership.js';
import { rebootPendingCheck } from './reboot-pending.js';
import { restoreDrillAgeCheck } from './restore-drill-age.js';
import { sandboxErrorsCheck } from './sandbox-errors.js';
import { sandboxNamesCheck } from './sandbox-names.js';
import { schedulerStallCheck } from './scheduler-stall.js';
import { upgradesAtWorkCheck } from './upgrades-at-work.js';
import { watchdogBudgetCheck } from './watchdog-budget.js';

/** One line each. */
export const CHECKS: readonly HealthCheck[] = [
  nodesCheck,
  cordonsCheck,
  upgradesAtWorkCheck,
  leaseHoldersCheck,
  schedulerStallCheck,
  corednsCheck,
  nodeBootstrapCheck,
  applicationsCheck,
  sandboxErrorsCheck,
  kubeletStallCheck,
  disruptionBudgetsCheck,
  jivaDeadlockCheck,
  jivaVolumesCheck,
  longhornVolumesCheck,
  backupAgeCheck,
  longhornBackupAgeCheck,
  restoreDrillAgeCheck,
  patchOwnershipCheck,
  hostClockCheck,
  hostDiskCheck,
  clusterIpRulesCheck,
  calicoRestartedCheck,
  sandboxNamesCheck,
  datastoreCheck,
  watchdogBudgetCheck,
  certificatesCheck,
  rebootPendingCheck,
];
