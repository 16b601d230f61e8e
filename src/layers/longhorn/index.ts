import type { Layer } from '../layer.js';
import { longhornAlerts } from './alerts.js';

export const longhorn: Layer = { name: 'longhorn', alerts: longhornAlerts };
