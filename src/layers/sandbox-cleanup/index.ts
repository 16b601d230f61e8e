/** Removes pod sandboxes that a hard reboot left in containerd's database, before k3s or MicroK8s's containerd starts. */
import { NOTHING } from '../../host/host-state.js';
import type { Layer } from '../layer.js';
import { sandboxCleanupAlerts } from './alerts.js';
import { sandboxCleanupHostState } from './host-state.js';

export const sandboxCleanup: Layer = {
  name: 'sandbox-cleanup',
  hostState: (cluster, group) =>
    group.sandboxCleanup ? sandboxCleanupHostState(cluster.distribution, group, group.sandboxCleanup) : NOTHING,
  alerts: sandboxCleanupAlerts,
};
