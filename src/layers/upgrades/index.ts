/** Operating-system upgrades, one node at a time. */
import type { Layer } from '../layer.js';
import { upgradesHostState } from './host-state.js';
import { addOsUpgrade } from './plans.js';

export const upgrades: Layer = {
  name: 'upgrades',
  hostState: upgradesHostState,
  build: (app, cluster) => {
    if (cluster.upgrades) addOsUpgrade(app, cluster, cluster.upgrades);
  },
};
