/** A host with a real sshd on loopback, an agent that holds the one key it lets in, and stubs for what reboots. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import type { RebootSsh } from '../../src/cluster/cluster.js';
import { type FakeHost, fakeHost } from '../support/fake-host.js';

export const SSH_TOOLS = ['ssh', 'sshd', 'ssh-keygen', 'ssh-agent', 'ssh-add'];

export interface SshHost {
  readonly on: FakeHost;
  /** As a description has it, for a node that is root there. */
  readonly ssh: RebootSsh;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** What the stubs were called with. */
  readonly calls: () => readonly string[];
  /** sshd says so once for each client. */
  readonly connections: () => number;
  /** Ends sshd and every session of it, as a cut wire would. */
  readonly cut: () => void;
}

interface SshHostProps {
  /** Null: the file is not there. */
  readonly boot: string;
  readonly stubs?: Readonly<Record<string, string>>;
}

const SYSTEMD = {
  systemctl: `case "$*" in 'show '*) printf 'inactive\\n' ;; is-system-running) printf 'running\\n' ;; *) exit 9 ;; esac`,
  'systemd-run': 'exit 0',
  sudo: 'while [[ $1 == -* ]]; do shift; done; exec "$@"',
};

export async function sshHost({ boot, stubs = {} }: SshHostProps): Promise<SshHost> {
  const on = fakeHost(['timeout', 'cat', 'env', 'id', 'sleep', 'mkfifo'], { ...SYSTEMD, ...stubs });
  // sshd runs sessions of root here, and root's folder is none of the test's.
  chmodSync(on.folder, 0o755);
  on.write('proc/sys/kernel/random/boot_id', `${boot}\n`);
  for (const key of ['host', 'mine']) {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', on.path(key)]);
  }
  copyFileSync(on.path('mine.pub'), on.path('authorized'));
  const port = await freePort();
  on.write(
    'config',
    [
      `ListenAddress 127.0.0.1:${port}`,
      `HostKey ${on.path('host')}`,
      `AuthorizedKeysFile ${on.path('authorized')}`,
      `SetEnv PATH=${on.path('bin')} HOST_REBOOT_PROC_FOLDER=${on.path('proc')}`,
      ...[
        'PidFile none',
        'UsePAM no',
        'StrictModes no',
        'PasswordAuthentication no',
        'KbdInteractiveAuthentication no',
      ],
      '',
    ].join('\n'),
  );
  mkdirSync('/run/sshd', { recursive: true });
  const environment = { PATH: process.env.PATH, HOME: on.folder, SSH_AUTH_SOCK: on.path('agent') };
  const log = on.path('sshd.log');
  const far = spawn('sh', ['-c', `exec "$(command -v sshd)" -D -e -f "$1" 2>>"$2"`, 'sh', on.path('config'), log], {
    stdio: 'ignore',
  });
  const agent = spawn('ssh-agent', ['-D', '-a', on.path('agent')], { stdio: 'ignore' });
  const cut = (): void => {
    // From the top: what a program says when its own child has been killed must not get through any more.
    for (const pid of [far.pid ?? 0, ...descendants(far.pid ?? 0)]) kill(pid);
  };
  onTestFinished(async () => {
    const gone = [far, agent].map((child) => (child.exitCode ?? child.signalCode) || once(child, 'exit'));
    cut();
    agent.kill('SIGKILL');
    await Promise.all(gone);
  });
  await until(() => existsSync(on.path('agent')) && existsSync(log) && /listening/.test(readFileSync(log, 'utf8')));
  execFileSync('ssh-add', ['-q', on.path('mine')], { env: environment, stdio: 'ignore' });
  const hostKey = readFileSync(on.path('host.pub'), 'utf8').trim();
  return {
    on,
    ssh: { host: '127.0.0.1', port, user: 'root', sudo: false, hostKey },
    environment,
    calls: () => (on.has('calls') ? on.read('calls').trimEnd().split('\n') : []),
    connections: () => [...readFileSync(log, 'utf8').matchAll(/^(Accepted |Connection )/gm)].length,
    cut,
  };
}

/** At most ten seconds. */
export async function until(isSo: () => boolean): Promise<void> {
  for (let attempt = 0; attempt < 400; attempt++) {
    if (isSo()) return;
    await sleep(25);
  }
  throw new Error('expected it within 10 s, got nothing');
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('expected a port, got none');
  return address.port;
}

function descendants(pid: number): readonly number[] {
  const path = `/proc/${pid}/task/${pid}/children`;
  const children = existsSync(path) ? readFileSync(path, 'utf8').trim().split(' ').filter(Boolean).map(Number) : [];
  return children.flatMap((child) => [child, ...descendants(child)]);
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}
