/** systemd's drop-in by which it feeds the board's watchdog. */
import type { HardwareWatchdog } from '../../cluster/cluster.js';
import { formatDuration } from '../../cluster/duration.js';
import type { HostFile } from '../../host/host-state.js';

const HARDWARE_WATCHDOG_FILE = '/etc/systemd/system.conf.d/watchdog.conf';

export const hardwareWatchdogFile = ({ runtimeTimeout, rebootTimeout, device }: HardwareWatchdog): HostFile => ({
  path: HARDWARE_WATCHDOG_FILE,
  mode: '0644',
  content: [
    '[Manager]',
    `RuntimeWatchdogSec=${formatDuration(runtimeTimeout)}`,
    `RebootWatchdogSec=${formatDuration(rebootTimeout)}`,
    `WatchdogDevice=${device}`,
    '',
  ].join('\n'),
});
