import type { Layer } from '../layer.js';
import { kernelAlerts } from './alerts.js';

export const kernel: Layer = { name: 'kernel', alerts: kernelAlerts };
