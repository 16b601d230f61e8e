/** How fast a scheduler that fell silent loses its lease. */
import { NOTHING } from '../../host/host-state.js';
import type { Layer } from '../layer.js';
import { controlPlaneAlerts } from './alerts.js';
import { schedulerLeaseFlags } from './scheduler-lease-flags.js';

export const controlPlane: Layer = {
  name: 'control-plane',
  hostState: ({ distribution, schedulerLease }, { role }) => ({
    ...NOTHING,
    flags: role === 'control-plane' && schedulerLease ? schedulerLeaseFlags(distribution, schedulerLease) : [],
  }),
  alerts: controlPlaneAlerts,
};
