/** OpenEBS Jiva: alerts on the quorum of its volumes. */
import type { Layer } from '../layer.js';
import { jivaAlerts } from './alerts.js';

export const jiva: Layer = { name: 'jiva', alerts: jivaAlerts };
