/**
 * What the watchdog needs on a host: two programs, a service, a timer and their settings.
 *
 * The timer file holds the times of v3 and can be copied to a host by hand; a spec with other times gets a drop-in.
 */
import type { RcuWatchdog } from '../../cluster/cluster.js';
import { formatDuration } from '../../cluster/duration.js';
import {
  environmentFile,
  type HostFile,
  type HostState,
  NOTHING,
  SETTINGS_FOLDER,
  STATE_FOLDER,
  TEXTFILE_FOLDER,
} from '../../host/host-state.js';
import { readScript } from '../script.js';

const LAYER = 'rcu-watchdog';
const TIMER = 'rcu-stall-watchdog.timer';

export function rcuWatchdogHostState(watchdog: RcuWatchdog): HostState {
  return {
    ...NOTHING,
    files: [
      program('rcu-stall-reboot.sh'),
      program('rcu-stall-watchdog.sh'),
      {
        path: `${SETTINGS_FOLDER}/rcu-watchdog.env`,
        mode: '0644',
        content: environmentFile(rcuWatchdogEnvironment(watchdog)),
      },
      unit('rcu-stall-watchdog.service'),
      unit(TIMER),
      ...timesDropIn(watchdog),
    ],
    units: [TIMER],
  };
}

/** Every setting of the two programs, so that nothing on a host depends on a default that nobody wrote down. */
export function rcuWatchdogEnvironment(watchdog: RcuWatchdog): Readonly<Record<string, string | number>> {
  return {
    RCU_WATCHDOG_BURST_STALLS: watchdog.burst.stalls,
    RCU_WATCHDOG_BURST_SECONDS: watchdog.burst.within.seconds,
    RCU_WATCHDOG_SUSTAINED_STALLS: watchdog.sustained.stalls,
    RCU_WATCHDOG_SUSTAINED_SECONDS: watchdog.sustained.within.seconds,
    RCU_WATCHDOG_GRACE_SECONDS: watchdog.startupGrace.seconds,
    RCU_WATCHDOG_MAX_REBOOTS: watchdog.maxRebootsInARow,
    RCU_WATCHDOG_HEALTHY_SECONDS: watchdog.healthyAfter.seconds,
    RCU_WATCHDOG_REBOOT_DEADLINE_SECONDS: 180,
    RCU_WATCHDOG_FORCED_DEADLINE_SECONDS: 60,
    RCU_WATCHDOG_STATE_FOLDER: `${STATE_FOLDER}/rcu-watchdog`,
    RCU_WATCHDOG_TEXTFILE_FOLDER: TEXTFILE_FOLDER,
    RCU_WATCHDOG_PROC_FOLDER: '/proc',
  };
}

function timesDropIn(watchdog: RcuWatchdog): readonly HostFile[] {
  const { startupGrace } = watchdog;
  const checkEvery = watchdog.form === 'timer' ? watchdog.checkEvery : { seconds: 120 };
  const times = [`OnBootSec=${formatDuration(startupGrace)}`, `OnUnitActiveSec=${formatDuration(checkEvery)}`];
  const shipped = readScript(LAYER, TIMER).split('\n');
  if (times.every((line) => shipped.includes(line))) return [];
  // systemd adds up the times of all files; an empty one forgets those before it.
  const content = ['[Timer]', 'OnBootSec=', ...times, ''].join('\n');
  return [{ path: `/etc/systemd/system/${TIMER}.d/times.conf`, mode: '0644', content }];
}

function program(name: string): HostFile {
  return { path: `/usr/local/bin/${name}`, mode: '0755', content: readScript(LAYER, name) };
}

function unit(name: string): HostFile {
  return { path: `/etc/systemd/system/${name}`, mode: '0644', content: readScript(LAYER, name) };
}
