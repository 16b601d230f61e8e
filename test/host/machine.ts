/** A real machine but for its hardware: a systemd-nspawn container with systemd as PID 1 and a root file system of its own. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const TEMPLATE = process.env.HOST_TEMPLATE ?? '/var/cache/selfheal/host-template';
const DEADLINE_SECONDS = 30;

export interface MachineOptions {
  /** Whether it sees the kernel log, which all machines share: a test marks its own lines. */
  readonly kernelLog?: boolean;
  /** The network namespace (`ip netns`) that it lives in; without one it has a loopback of its own and nothing else. */
  readonly network?: string;
  /** More flags of systemd-nspawn, for what the machine runs. */
  readonly flags?: readonly string[];
}

export class Machine {
  private readonly folder = mkdtempSync(join(tmpdir(), 'machine-'));
  readonly root = join(this.folder, 'root');
  private nspawn: ChildProcess | undefined;
  private ended: Promise<number | null> = Promise.resolve(null);

  constructor(private readonly options: MachineOptions = {}) {
    if (!existsSync(TEMPLATE))
      throw new Error(`template '${TEMPLATE}': expected a root file system, got nothing (tools/install-host-tools.sh)`);
    const { status, stderr } = spawnSync('cp', ['-a', '--reflink=auto', TEMPLATE, this.root], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`template '${TEMPLATE}': expected a copy in ${this.root}, got ${stderr}`);
  }

  /** Boots and waits until systemd has started everything. */
  async boot(): Promise<void> {
    const { kernelLog, network } = this.options;
    const flags = [
      '--boot',
      '--register=no',
      '--keep-unit',
      '--console=pipe',
      '-M',
      basename(this.folder).toLowerCase(),
    ];
    flags.push(network === undefined ? '--private-network' : `--network-namespace-path=/run/netns/${network}`);
    if (kernelLog) flags.push('--bind=/dev/kmsg', '--capability=CAP_SYSLOG');
    flags.push(...(this.options.flags ?? []));
    const nspawn = spawn('systemd-nspawn', ['-D', this.root, ...flags], { stdio: 'ignore' });
    this.nspawn = nspawn;
    this.ended = new Promise((resolve) => nspawn.once('exit', resolve));
    await until('to start', () =>
      ['running', 'degraded'].includes(this.run('systemctl', 'is-system-running').stdout.trim()),
    );
  }

  /** PID 1 of the machine, as this machine counts; undefined as long as there is none. */
  get init(): number | undefined {
    const children = ofProcess(`/proc/${this.nspawn?.pid}/task/${this.nspawn?.pid}/children`);
    const isInit = (pid: string) => /^NSpid:.*\t1$/m.test(ofProcess(`/proc/${pid}/status`));
    const init = children.trim().split(' ').find(isInit);
    return init === undefined ? undefined : Number(init);
  }

  /** Runs a program inside. */
  run(...command: readonly string[]) {
    const init = this.init;
    if (init === undefined) return { status: null, stdout: '', stderr: 'the machine does not run' };
    const enter = ['-t', `${init}`, '-m', '-u', '-i', '-n', '-p', '--'];
    return spawnSync('nsenter', [...enter, ...command], { encoding: 'utf8', timeout: 60_000 });
  }

  write(path: string, content: string): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    writeFileSync(join(this.root, path), content);
  }

  /** Puts a program of this machine there. */
  copy(from: string, path: string): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    copyFileSync(from, join(this.root, path));
  }

  read(path: string): string | null {
    return existsSync(join(this.root, path)) ? readFileSync(join(this.root, path), 'utf8') : null;
  }

  /** Every file below some folders with inode and times. */
  times(...folders: readonly string[]): string {
    return spawnSync('find', [...folders.map((folder) => join(this.root, folder)), '-printf', '%p %i %m %T@ %C@\n'], {
      encoding: 'utf8',
    }).stdout;
  }

  /** Ends the machine in an orderly way; what nspawn's status says of a reboot is 133. */
  async end(how: 'poweroff' | 'reboot' = 'poweroff'): Promise<number | null> {
    this.run('systemctl', how);
    const status = await Promise.race([this.ended, sleep(DEADLINE_SECONDS * 1000, 'late' as const)]);
    if (status !== 'late') return status;
    await this.crash(); // killing nspawn alone would leave its init running
    return this.ended;
  }

  /** Waits until it has gone down by itself and says how: 133 is a reboot, 0 a poweroff. */
  async goneDown(seconds?: number): Promise<number | null> {
    if (seconds === undefined) return this.ended;
    const status = await Promise.race([this.ended, sleep(seconds * 1000, 'late' as const)]);
    if (status === 'late') throw new Error(`machine: expected it to go down within ${seconds} s, it did not`);
    return status;
  }

  /** Pulls the plug: nothing inside is told. */
  async crash(): Promise<void> {
    const { init } = this;
    if (init !== undefined) process.kill(init, 'SIGKILL');
    await this.ended;
  }

  async destroy(): Promise<void> {
    if (this.nspawn?.exitCode === null) await this.end();
    // nspawn leaves nothing mounted below the root; a folder that is a mount point would not go.
    for (const entry of readdirSync(this.folder)) rmSync(join(this.folder, entry), { recursive: true });
    rmSync(this.folder, { recursive: true });
  }
}

/** What the kernel says of a process; empty once it has ended, be it between a look and a read. */
function ofProcess(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** Waits until something holds of a machine. */
export async function until(what: string, holds: () => boolean, seconds = DEADLINE_SECONDS): Promise<void> {
  const deadline = performance.now() + seconds * 1000;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`machine: expected it ${what} within ${seconds} s`);
    await sleep(100);
  }
}
