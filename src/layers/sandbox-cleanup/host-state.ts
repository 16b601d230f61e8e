/**
 * What the clean-up needs on a host: its programs, their settings, a drop-in that calls one before containerd starts, a
 * unit that calls another when the host goes down, and a timer for the third.
 */
import type { HostGroup, SandboxCleanup } from '../../cluster/cluster.js';
import type { Distribution } from '../../cluster/distribution.js';
import {
  environmentFile,
  type HostFile,
  type HostState,
  NOTHING,
  SETTINGS_FOLDER,
  STATE_FOLDER,
} from '../../host/host-state.js';
import { readScript } from '../script.js';

const LAYER = 'sandbox-cleanup';
const SETTINGS = `${SETTINGS_FOLDER}/sandbox-cleanup.env`;
const LIBRARY = '/usr/local/lib/selfheal/sandbox-cleanup';
const BEFORE_REBOOT = 'selfheal-before-reboot.service';
const HUNG_CNI = 'selfheal-hung-cni';

/** What the script may need beyond its time to end its containerd and to clear up behind itself. */
const MARGIN_SECONDS = 15;

/** systemd's DefaultTimeoutStartSec, which the unit's own start keeps. */
const DEFAULT_START_TIMEOUT_SECONDS = 90;

/** What the settings say of a part that is off: the programs want a number, nothing calls them. */
const OFF = { beforeReboot: { timeout: { seconds: 30 } }, hungNetworkCall: { after: { seconds: 600 } } };

export function sandboxCleanupHostState(
  distribution: Distribution,
  { role }: Pick<HostGroup, 'role'>,
  cleanup: SandboxCleanup,
): HostState {
  const preStart = `/usr/local/bin/${distribution.name}-pre-start-cleanup.sh`;
  const { beforeReboot, hungNetworkCall } = cleanup;
  return {
    ...NOTHING,
    // What a file calls stands before it: a host that gets only some of them has nothing that calls what is not there.
    files: [
      ...['settings.sh', 'shims.sh', 'database.sh', 'duplicates.sh'].map((name) => part(name, '0644')),
      { path: preStart, mode: '0755', content: readScript(LAYER, 'pre-start-cleanup.sh') },
      {
        path: SETTINGS,
        mode: '0644',
        content: environmentFile(sandboxCleanupEnvironment(distribution, role, cleanup)),
      },
      unit(
        `${distribution.containerdUnit[role]}.d/sandbox-cleanup.conf`,
        dropIn(preStart, distribution, cleanup.timeout.seconds),
      ),
      ...(beforeReboot
        ? [
            part('before-reboot.sh', '0755'),
            unit(BEFORE_REBOOT, beforeRebootUnit(distribution, role, beforeReboot.timeout.seconds)),
          ]
        : []),
      ...(hungNetworkCall
        ? [
            part('end-hung-cni.sh', '0755'),
            ...[`${HUNG_CNI}.service`, `${HUNG_CNI}.timer`].map((name) => unit(name, readScript(LAYER, name))),
          ]
        : []),
    ],
    units: [...(beforeReboot ? [BEFORE_REBOOT] : []), ...(hungNetworkCall ? [`${HUNG_CNI}.timer`] : [])],
  };
}

/** Every setting of the scripts, so that nothing on a host depends on a default that nobody wrote down. */
export function sandboxCleanupEnvironment(
  distribution: Distribution,
  role: HostGroup['role'],
  cleanup: SandboxCleanup,
): Readonly<Record<string, string | number>> {
  return {
    SANDBOX_CLEANUP_CONTAINERD_ROOT: distribution.containerdRoot,
    SANDBOX_CLEANUP_CONTAINERD_STATE: distribution.containerdState,
    SANDBOX_CLEANUP_CONTAINERD_SOCKET: distribution.containerdSocket,
    SANDBOX_CLEANUP_CONTAINERD_PROGRAM: distribution.containerdProgram,
    SANDBOX_CLEANUP_CONTAINERD_UNIT: distribution.containerdUnit[role],
    SANDBOX_CLEANUP_CTR_PROGRAM: distribution.ctrCommand,
    SANDBOX_CLEANUP_LOCK_SECONDS: cleanup.databaseLockTimeout.seconds,
    SANDBOX_CLEANUP_TIMEOUT_SECONDS: cleanup.timeout.seconds,
    SANDBOX_CLEANUP_BEFORE_REBOOT_SECONDS: (cleanup.beforeReboot ?? OFF.beforeReboot).timeout.seconds,
    SANDBOX_CLEANUP_HUNG_CNI_SECONDS: (cleanup.hungNetworkCall ?? OFF.hungNetworkCall).after.seconds,
    SANDBOX_CLEANUP_CNI_FOLDER: '/var/lib/cni',
    SANDBOX_CLEANUP_STATE_FOLDER: `${STATE_FOLDER}/sandbox-cleanup`,
    SANDBOX_CLEANUP_RUN_FOLDER: '/run/selfheal',
    SANDBOX_CLEANUP_PROC_FOLDER: '/proc',
    SANDBOX_CLEANUP_LIBRARY: LIBRARY,
  };
}

/** Every `-` is there so that a clean-up that fails, or is not there at all, never keeps the node from starting. */
function dropIn(program: string, distribution: Distribution, timeoutSeconds: number): string {
  const most = timeoutSeconds + MARGIN_SECONDS;
  const lines = [
    '[Service]',
    `EnvironmentFile=-${SETTINGS}`,
    `ExecStartPre=-/usr/bin/timeout --kill-after=10 ${most} ${program}`,
  ];
  if (distribution.containerdStartTimeout === 'default') {
    lines.push(`TimeoutStartSec=${most + DEFAULT_START_TIMEOUT_SECONDS}`);
  }
  return `${lines.join('\n')}\n`;
}

/** Before them at the start is after them at the stop. Nothing but a shutdown stops it together with them. */
function beforeRebootUnit(distribution: Distribution, role: HostGroup['role'], timeoutSeconds: number): string {
  const units = new Set([distribution.containerdUnit[role], distribution.kubeletUnit[role]]);
  return [
    '[Unit]',
    'Description=End pods and remove their sandboxes when the host goes down',
    `Before=${[...units].join(' ')}`,
    '',
    '[Service]',
    'Type=oneshot',
    'RemainAfterExit=yes',
    `EnvironmentFile=-${SETTINGS}`,
    'ExecStart=/bin/true',
    `ExecStop=-/usr/bin/timeout --signal=KILL ${timeoutSeconds} ${LIBRARY}/before-reboot.sh`,
    `TimeoutStopSec=${timeoutSeconds + 5}`,
    '# What is left of it holds the database; systemd ends that without a second wait.',
    'KillSignal=SIGKILL',
    '',
    '[Install]',
    'WantedBy=multi-user.target',
    '',
  ].join('\n');
}

function part(name: string, mode: HostFile['mode']): HostFile {
  return { path: `${LIBRARY}/${name}`, mode, content: readScript(LAYER, name) };
}

function unit(name: string, content: string): HostFile {
  return { path: `/etc/systemd/system/${name}`, mode: '0644', content };
}
