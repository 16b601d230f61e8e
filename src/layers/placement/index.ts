import type { Layer } from '../layer.js';
import { placementAlerts } from './alerts.js';

export const placement: Layer = { name: 'placement', alerts: placementAlerts };
