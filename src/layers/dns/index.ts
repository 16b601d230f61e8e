import type { Layer } from '../layer.js';
import { dnsAlerts } from './alerts.js';

export const dns: Layer = { name: 'dns', alerts: dnsAlerts };
