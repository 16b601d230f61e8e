import type { Layer } from '../layer.js';
import { rcuWatchdogAlerts } from './alerts.js';

export const rcuWatchdog: Layer = { name: 'rcu-watchdog', alerts: rcuWatchdogAlerts };
