import type { Layer } from '../layer.js';
import { networkAlerts } from './alerts.js';

export const network: Layer = { name: 'network', alerts: networkAlerts };
