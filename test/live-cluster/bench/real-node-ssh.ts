/** A real sshd on a real node, for whoever holds the one key that it lets in. */
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bench } from './bench.js';
import { keepProcesses } from './processes.js';
import type { RealNode } from './real-node.js';
import { until } from './until.js';

export const SSH_TOOLS = ['ssh', 'sshd', 'ssh-keygen', 'ssh-agent', 'ssh-add'];

interface Login {
  readonly publicKey: string;
  /** Of whoever runs ssh. */
  readonly environment: Readonly<Record<string, string>>;
  readonly close: () => Promise<void>;
}

/** As a description has it. */
interface SshHost {
  readonly host: string;
  readonly port: number;
  readonly hostKey: string;
}

const makeKey = (file: string): string => {
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', file]);
  return readFileSync(`${file}.pub`, 'utf8').trim();
};

/** A key in an agent of its own. */
export async function startLogin(): Promise<Login> {
  const processes = keepProcesses();
  const [key, agent] = [join(processes.folder, 'key'), join(processes.folder, 'agent')];
  const publicKey = makeKey(key);
  const environment = { PATH: process.env.PATH ?? '', SSH_AUTH_SOCK: agent };
  processes.start({ name: 'ssh-agent', command: ['ssh-agent', '-D', '-a', agent] });
  await until('the agent listens', () => (existsSync(agent) ? true : undefined));
  execFileSync('ssh-add', ['-q', key], { env: environment, stdio: 'ignore' });
  return { publicKey, environment, close: processes.close };
}

/** It serves at once and after each boot, at the address of the bench. */
export function serveSsh(bench: Bench, node: RealNode, { publicKey }: Login, port: number): SshHost {
  const { machine } = node;
  const host = new URL(bench.server).hostname;
  copyWithLibraries(machine, execFileSync('sh', ['-c', 'command -v sshd'], { encoding: 'utf8' }).trim());
  machine.write('etc/ssh/config', CONFIG);
  machine.write('etc/ssh/authorized', `${publicKey}\n`);
  const key = join(machine.root, 'etc/ssh/host');
  const hostKey = makeKey(key);
  for (const [path, text] of UNITS) machine.write(`etc/systemd/system/${path}`, text);
  for (const command of [
    ['useradd', '--system', '--home-dir', '/run/sshd', '--shell', '/usr/sbin/nologin', 'sshd'],
    ['systemctl', 'daemon-reload'],
    ['systemctl', 'enable', '--now', 'ssh-wire.socket'],
  ]) {
    const { status, stderr } = machine.run(...command);
    if (status !== 0) throw new Error(`${command.join(' ')}: expected it done, got ${status}: ${stderr}`);
  }
  node.lead('ssh', `${host}:${port}`);
  return { host, port, hostKey };
}

/** The machine has this one's Debian, and fewer packages of it. */
function copyWithLibraries(machine: RealNode['machine'], program: string): void {
  const libraries = execFileSync('ldd', [program], { encoding: 'utf8' }).match(/\/\S+/g) ?? [];
  for (const path of [program, ...libraries]) {
    if (existsSync(join(machine.root, path))) continue;
    machine.copy(path, path);
  }
  chmodSync(join(machine.root, program), 0o755);
}

const CONFIG = `HostKey /etc/ssh/host
AuthorizedKeysFile /etc/ssh/authorized
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
`;

const UNITS = [
  ['ssh-wire.socket', '[Socket]\nListenStream=/wire/ssh\nAccept=yes\n[Install]\nWantedBy=sockets.target\n'],
  [
    'ssh-wire@.service',
    `[Service]
ExecStart=-/usr/sbin/sshd -i -e -f /etc/ssh/config
StandardInput=socket
StandardError=journal
RuntimeDirectory=sshd
RuntimeDirectoryPreserve=yes
`,
  ],
] as const;
