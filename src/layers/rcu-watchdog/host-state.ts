/** What the watchdog needs on a host: its program and parts, settings, peers, and units for the form that was asked for. */
import type { Cluster, RcuWatchdog } from '../../cluster/cluster.js';
import { formatDuration } from '../../cluster/duration.js';
import {
  environmentFile,
  type HostFile,
  type HostState,
  type HostUnit,
  NOTHING,
  SETTINGS_FOLDER,
} from '../../host/host-state.js';
import { readScript } from '../script.js';
import { rcuWatchdogEnvironment } from './environment.js';
import { PEERS_FILE, peersOf } from './peers-file.js';
import { DETECTOR_PARTS, PROGRAM, PROGRAM_PARTS } from './program.js';

const LAYER = 'rcu-watchdog';
const PARTS_FOLDER = '/usr/local/lib/selfheal/watchdog';
const SERVICE = 'rcu-stall-watchdog.service';
const TIMER = 'rcu-stall-watchdog.timer';
const PEER_SOCKET = 'selfheal-peer.socket';

/** As the unit files have them; another value comes as a drop-in. */
const SHIPPED_PEER_PORT = 9847;

export function rcuWatchdogHostState(cluster: Cluster, watchdog: RcuWatchdog): HostState {
  const read: readonly HostFile[] = [
    { path: `/usr/local/bin/${PROGRAM.replace('.sh', '')}`, mode: '0755', content: readScript(LAYER, PROGRAM) },
    ...PROGRAM_PARTS.map((name) => part(name, name)),
    ...DETECTOR_PARTS.map((name) => part(name, `detector/${name}`)),
    {
      path: `${SETTINGS_FOLDER}/rcu-watchdog.env`,
      mode: '0644',
      content: environmentFile(rcuWatchdogEnvironment(cluster, watchdog)),
    },
    { path: PEERS_FILE, mode: '0644', content: peersOf(cluster) },
  ];
  return {
    ...NOTHING,
    files: [
      ...read,
      ...(watchdog.form === 'timer'
        ? [unit(SERVICE, 'rcu-stall-check.service'), unit(TIMER), ...timesDropIn(watchdog)]
        : [unit(SERVICE)]),
      unit(PEER_SOCKET),
      unit('selfheal-peer@.service'),
      ...portDropIn(watchdog),
    ],
    units: [PEER_SOCKET, watchdog.form === 'timer' ? TIMER : runningUnit(read)],
  };
}

/** It reads its parts when it starts. A look of the timer form starts anew each time, and so does each answer. */
const runningUnit = (read: readonly HostFile[]): HostUnit => ({
  name: SERVICE,
  reads: read.map(({ path }) => path).filter((path) => path !== `${PARTS_FOLDER}/answer.sh`),
});

function timesDropIn({ startupGrace, checkEvery }: RcuWatchdog & { form: 'timer' }): readonly HostFile[] {
  const times = [`OnBootSec=${formatDuration(startupGrace)}`, `OnUnitActiveSec=${formatDuration(checkEvery)}`];
  const shipped = readScript(LAYER, TIMER).split('\n');
  if (times.every((line) => shipped.includes(line))) return [];
  // systemd adds up the times of all files; an empty one forgets those before it.
  return [dropIn(TIMER, 'times', ['[Timer]', 'OnBootSec=', ...times])];
}

const portDropIn = ({ peerPort }: RcuWatchdog): readonly HostFile[] =>
  peerPort === SHIPPED_PEER_PORT
    ? []
    : [dropIn(PEER_SOCKET, 'port', ['[Socket]', 'ListenStream=', `ListenStream=${peerPort}`])];

const dropIn = (of: string, name: string, lines: readonly string[]): HostFile => ({
  path: `/etc/systemd/system/${of}.d/${name}.conf`,
  mode: '0644',
  content: `${lines.join('\n')}\n`,
});

function part(name: string, script: string): HostFile {
  return { path: `${PARTS_FOLDER}/${name}`, mode: '0644', content: readScript(LAYER, script) };
}

function unit(name: string, script = name): HostFile {
  return { path: `/etc/systemd/system/${name}`, mode: '0644', content: readScript(LAYER, script) };
}
