/** Argo CD itself: an alert on the control plane that brings everything else. */
import type { Layer } from '../layer.js';
import { gitopsAlerts } from './alerts.js';

export const gitops: Layer = { name: 'gitops', alerts: gitopsAlerts };
