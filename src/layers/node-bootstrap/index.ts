import type { Layer } from '../layer.js';
import { nodeBootstrapAlerts } from './alerts.js';

export const nodeBootstrap: Layer = { name: 'node-bootstrap', alerts: nodeBootstrapAlerts };
