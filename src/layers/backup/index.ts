import type { Layer } from '../layer.js';
import { backupAlerts } from './alerts.js';

export const backup: Layer = { name: 'backup', alerts: backupAlerts };
