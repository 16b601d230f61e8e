import type { Layer } from '../layer.js';

export const alerts: Layer = { name: 'alerts' };
