/** Reboots a node whose kernel piles up RCU stalls, before its network goes dark. */
import { NOTHING } from '../../host/host-state.js';
import type { Layer } from '../layer.js';
import { rcuWatchdogAlerts } from './alerts.js';
import { rcuWatchdogHostState } from './host-state.js';

export const rcuWatchdog: Layer = {
  name: 'rcu-watchdog',
  hostState: (cluster, { rcuWatchdog: watchdog }) => (watchdog ? rcuWatchdogHostState(cluster, watchdog) : NOTHING),
  alerts: rcuWatchdogAlerts,
};
