import type { Layer } from '../layer.js';
import { controlPlaneAlerts } from './alerts.js';

export const controlPlane: Layer = { name: 'control-plane', alerts: controlPlaneAlerts };
