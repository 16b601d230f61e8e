import type { Layer } from '../layer.js';

export const dashboards: Layer = { name: 'dashboards' };
