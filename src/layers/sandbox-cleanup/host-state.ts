/** What the clean-up needs on a host: its program, its settings, and a drop-in that calls it before containerd starts. */
import type { HostGroup, SandboxCleanup } from '../../cluster/cluster.js';
import type { Distribution } from '../../cluster/distribution.js';
import { environmentFile, type HostState, NOTHING, SETTINGS_FOLDER, STATE_FOLDER } from '../../host/host-state.js';
import { readScript } from '../script.js';

const SETTINGS = `${SETTINGS_FOLDER}/sandbox-cleanup.env`;

/** What the script may need beyond its time to end its containerd and to clear up behind itself. */
const MARGIN_SECONDS = 15;

/** systemd's DefaultTimeoutStartSec, which the unit's own start keeps. */
const DEFAULT_START_TIMEOUT_SECONDS = 90;

export function sandboxCleanupHostState(
  distribution: Distribution,
  { role }: Pick<HostGroup, 'role'>,
  cleanup: SandboxCleanup,
): HostState {
  const program = `/usr/local/bin/${distribution.name}-pre-start-cleanup.sh`;
  return {
    ...NOTHING,
    files: [
      { path: program, mode: '0755', content: readScript('sandbox-cleanup', 'pre-start-cleanup.sh') },
      {
        path: SETTINGS,
        mode: '0644',
        content: environmentFile(sandboxCleanupEnvironment(distribution, cleanup)),
      },
      {
        path: `/etc/systemd/system/${distribution.containerdUnit[role]}.d/sandbox-cleanup.conf`,
        mode: '0644',
        content: dropIn(program, distribution, cleanup),
      },
    ],
  };
}

/** Every setting of the script, so that nothing on a host depends on a default that nobody wrote down. */
export function sandboxCleanupEnvironment(
  distribution: Distribution,
  cleanup: SandboxCleanup,
): Readonly<Record<string, string | number>> {
  return {
    SANDBOX_CLEANUP_CONTAINERD_ROOT: distribution.containerdRoot,
    SANDBOX_CLEANUP_CONTAINERD_SOCKET: distribution.containerdSocket,
    SANDBOX_CLEANUP_CONTAINERD_PROGRAM: distribution.containerdProgram,
    SANDBOX_CLEANUP_CTR_PROGRAM: distribution.ctrCommand,
    SANDBOX_CLEANUP_LOCK_SECONDS: cleanup.databaseLockTimeout.seconds,
    SANDBOX_CLEANUP_TIMEOUT_SECONDS: cleanup.timeout.seconds,
    SANDBOX_CLEANUP_CNI_FOLDER: '/var/lib/cni',
    SANDBOX_CLEANUP_STATE_FOLDER: `${STATE_FOLDER}/sandbox-cleanup`,
    SANDBOX_CLEANUP_RUN_FOLDER: '/run/selfheal',
    SANDBOX_CLEANUP_PROC_FOLDER: '/proc',
  };
}

/** Every `-` is there so that a clean-up that fails, or is not there at all, never keeps the node from starting. */
function dropIn(program: string, distribution: Distribution, { timeout }: SandboxCleanup): string {
  const most = timeout.seconds + MARGIN_SECONDS;
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
