import type { Layer } from '../layer.js';
import { sandboxCleanupAlerts } from './alerts.js';

export const sandboxCleanup: Layer = { name: 'sandbox-cleanup', alerts: sandboxCleanupAlerts };
