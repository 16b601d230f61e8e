import type { Layer } from '../layer.js';

export const upgrades: Layer = { name: 'upgrades' };
