import type { Layer } from '../layer.js';
import { reachabilityAlerts } from './alerts.js';

export const reachability: Layer = { name: 'reachability', alerts: reachabilityAlerts };
