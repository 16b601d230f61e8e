import type { Layer } from '../layer.js';

export const monitoring: Layer = { name: 'monitoring' };
