/** What the kernel itself does about a hang: panic and reboot, reset by the board, and what its command line says. */
import type { HostState } from '../../host/host-state.js';
import { NOTHING } from '../../host/host-state.js';
import type { Layer } from '../layer.js';
import { kernelAlerts } from './alerts.js';
import { hardwareWatchdogFile } from './hardware-watchdog-file.js';
import { hungTaskFile } from './hung-task-file.js';
import { moduleParameterFile } from './module-parameter-file.js';

export const kernel: Layer = {
  name: 'kernel',
  hostState: (_cluster, { hungTask, hardwareWatchdog, kernelArguments, moduleParameters }): HostState => ({
    ...NOTHING,
    files: [
      ...(hungTask ? [hungTaskFile(hungTask)] : []),
      ...(hardwareWatchdog ? [hardwareWatchdogFile(hardwareWatchdog)] : []),
      ...(moduleParameters.length > 0 ? [moduleParameterFile(moduleParameters)] : []),
    ],
    kernelArguments,
    parameters: moduleParameters,
  }),
  alerts: kernelAlerts,
};
