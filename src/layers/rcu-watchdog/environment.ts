/** Every setting of the watchdog on a host, so that nothing there depends on a default that nobody wrote down. */
import { formatClockTime } from '../../cluster/clock-time.js';
import type { Cluster, RcuWatchdog } from '../../cluster/cluster.js';
import { STATE_FOLDER, TEXTFILE_FOLDER } from '../../host/host-state.js';
import { PEERS_FILE } from './peers-file.js';

type Environment = Readonly<Record<string, string | number>>;

export function rcuWatchdogEnvironment({ distribution }: Cluster, watchdog: RcuWatchdog): Environment {
  return {
    // A look of v3 counts lines; whatever reads along counts stalls.
    RCU_WATCHDOG_COUNT: watchdog.form === 'timer' ? 'lines' : 'periods',
    RCU_WATCHDOG_BURST_STALLS: watchdog.burst.stalls,
    RCU_WATCHDOG_BURST_SECONDS: watchdog.burst.within.seconds,
    RCU_WATCHDOG_SUSTAINED_STALLS: watchdog.sustained.stalls,
    RCU_WATCHDOG_SUSTAINED_SECONDS: watchdog.sustained.within.seconds,
    RCU_WATCHDOG_GRACE_SECONDS: watchdog.startupGrace.seconds,
    ...pathsOfStream(watchdog),
    RCU_WATCHDOG_MAX_REBOOTS: watchdog.maxRebootsInARow,
    RCU_WATCHDOG_HEALTHY_SECONDS: watchdog.healthyAfter.seconds,
    RCU_WATCHDOG_PEER_PORT: watchdog.peerPort,
    RCU_WATCHDOG_API_PORT: distribution.apiPort,
    RCU_WATCHDOG_PEERS_FILE: PEERS_FILE,
    RCU_WATCHDOG_REBOOT_DEADLINE_SECONDS: 180,
    RCU_WATCHDOG_FORCED_DEADLINE_SECONDS: 60,
    RCU_WATCHDOG_STATE_FOLDER: `${STATE_FOLDER}/rcu-watchdog`,
    RCU_WATCHDOG_TEXTFILE_FOLDER: TEXTFILE_FOLDER,
    RCU_WATCHDOG_PROC_FOLDER: '/proc',
  };
}

/** 0 is off: v3 had none of them. */
function pathsOfStream(watchdog: RcuWatchdog): Environment {
  if (watchdog.form === 'timer')
    return {
      RCU_WATCHDOG_STUCK_SECONDS: 0,
      RCU_WATCHDOG_CHRONIC_STALLS: 0,
      RCU_WATCHDOG_CHRONIC_SECONDS: 21_600,
      RCU_WATCHDOG_CHRONIC_ACTION: 'alert',
      RCU_WATCHDOG_CHRONIC_WINDOW: '',
      RCU_WATCHDOG_BLACK_HOLE_SECONDS: 0,
    };
  const { stuck, chronic, blackHole } = watchdog;
  const window = chronic.action === 'alert' ? null : chronic.action.window;
  return {
    RCU_WATCHDOG_STUCK_SECONDS: stuck.seconds,
    RCU_WATCHDOG_CHRONIC_STALLS: chronic.stalls,
    RCU_WATCHDOG_CHRONIC_SECONDS: chronic.within.seconds,
    RCU_WATCHDOG_CHRONIC_ACTION: window ? 'window' : 'alert',
    RCU_WATCHDOG_CHRONIC_WINDOW: window ? `${formatClockTime(window.start)}-${formatClockTime(window.end)}` : '',
    RCU_WATCHDOG_BLACK_HOLE_SECONDS: blackHole?.after.seconds ?? 0,
  };
}
