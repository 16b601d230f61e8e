/** Where workloads that are not ours may run. For own workloads: `PinnedDeployment` and `requireNodes`. */
import type { Layer } from '../layer.js';
import { placementAlerts } from './alerts.js';
import { addCsiSpread } from './csi-spread.js';
import { addKeepOff } from './keep-off.js';

export const placement: Layer = {
  name: 'placement',
  alerts: placementAlerts,
  build: (app, cluster) => {
    if (cluster.longhorn?.csiSpread) addCsiSpread(app, cluster.longhorn);
    if (cluster.keepOff.length > 0) addKeepOff(app, cluster.keepOff);
  },
};
