/**
 * The machine that keeps the backups: a real sshd in a network of its own, with an account of its own whose one key may
 * start the server program and nothing else. `/etc/passwd` and `/usr/local` are its own too; its other programs are ours.
 */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
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
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Lan } from './lan.js';

const SCRIPTS = fileURLToPath(new URL('../../src/layers/backup/scripts/server/', import.meta.url));
const PROGRAM = 'selfheal-backup-server';
export const ACCOUNT = { name: 'keeper', id: 64_999 } as const;
const NODE = '10.77.0.2';
export const SERVER = '10.77.0.3';

/** What follows the program's name in the forced command, and what stands around it. */
interface Account {
  readonly snapshots?: number;
  readonly days?: number;
  readonly reservePercent?: number;
  /** The far side's clock, as faketime takes it: '+40d', '-3d', '@2026-11-21 02:30:00'. */
  readonly clock?: string;
  /** An account without a forced command: what a person has who logs in by hand. */
  readonly login?: 'ordinary';
}

const MACHINE = `
  mount --bind "$1/passwd" /etc/passwd && mount --bind "$1/local" /usr/local && mount -t proc proc /proc
  exec /usr/sbin/sshd -D -e -f "$1/config"`;

export class BackupSite {
  readonly home = mkdtempSync(join(tmpdir(), 'site-'));
  /** The folder of the backups. */
  readonly path = join(this.home, 'backup');
  readonly lan = new Lan();
  private sshd: ChildProcess | undefined;
  private disk = false;

  constructor() {
    this.lan.add('node', 2);
    this.lan.add('server', 3);
    for (const name of ['near', 'server', 'other'])
      execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', join(this.home, name)]);
    this.put(
      'passwd',
      `root:x:0:0::/root:/bin/sh\nsshd:x:65533:65534::/run/sshd:/bin/false\n${ACCOUNT.name}:x:${ACCOUNT.id}:${ACCOUNT.id}::${this.home}/account:/bin/sh\n`,
    );
    this.put(
      'config',
      `ListenAddress ${SERVER}:22\nHostKey ${this.home}/server\nAuthorizedKeysFile ${this.home}/authorized\nPidFile none\n` +
        'UsePAM no\nStrictModes no\nPasswordAuthentication no\nKbdInteractiveAuthentication no\nSubsystem sftp internal-sftp\n',
    );
    chmodSync(this.home, 0o755);
    for (const folder of [this.path, join(this.home, 'account')]) {
      mkdirSync(folder);
      chownSync(folder, ACCOUNT.id, ACCOUNT.id);
    }
    chmodSync(this.path, 0o700);
    this.install();
    this.authorize();
  }

  /** Puts the program where it belongs, as docs/layers/backup.md has it. */
  private install(): void {
    const [bin, parts] = ['local/bin', `local/lib/selfheal/backup-server`].map((name) => join(this.home, name));
    if (bin === undefined || parts === undefined) return;
    for (const folder of [bin, parts]) mkdirSync(folder, { recursive: true });
    for (const file of existsSync(SCRIPTS) ? readdirSync(SCRIPTS) : []) {
      const target = file === `${PROGRAM}.sh` ? join(bin, PROGRAM) : join(parts, file);
      copyFileSync(join(SCRIPTS, file), target);
      chmodSync(target, file === `${PROGRAM}.sh` ? 0o755 : 0o644);
    }
  }

  /** Writes the account's one line anew; sshd reads it at each connection. */
  authorize({ snapshots = 14, days = 30, reservePercent = 1, clock, login }: Account = {}): void {
    const program = `/usr/local/bin/${PROGRAM} --folder ${this.path} --snapshots ${snapshots} --days ${days} --reserve-percent ${reservePercent}`;
    const key = readFileSync(join(this.home, 'near.pub'), 'utf8');
    const command = clock === undefined ? program : `${atClock(clock)} ${program}`;
    const options = login === 'ordinary' ? 'restrict' : `restrict,from=\\"${NODE}\\",command=\\"${command}\\"`;
    this.put('authorized', `${options.replaceAll('\\"', '"')} ${key}`);
  }

  /** Makes the layout, as the installation does. */
  prepare(): this {
    const { status, stderr } = this.server('prepare');
    if (status !== 0) throw new Error(`folder '${this.path}': expected to be prepared, got ${status}: ${stderr}`);
    return this;
  }

  /** The folder becomes a disk of its own, of so many MiB and with so many inodes. */
  mountDisk(mebibytes: number, inodes?: number): void {
    const image = join(this.home, 'disk');
    execFileSync('truncate', ['-s', `${mebibytes}M`, image]);
    const root = `root_owner=${ACCOUNT.id}:${ACCOUNT.id}`;
    execFileSync('mkfs.ext4', ['-q', '-m', '0', '-E', root, ...(inodes ? ['-N', `${inodes}`] : []), image]);
    execFileSync('mount', ['-o', 'loop', image, this.path]);
    rmSync(join(this.path, 'lost+found'), { recursive: true });
    this.disk = true;
  }

  async start(key: 'server' | 'other' = 'server'): Promise<this> {
    this.put('config', this.text('config').replace(/HostKey .*/, `HostKey ${this.home}/${key}`));
    mkdirSync('/run/sshd', { recursive: true });
    const flags = ['--mount', '--pid', '--fork', '--kill-child', 'sh', '-ec', MACHINE, 'sh', this.home];
    const errors = join(this.home, 'sshd.log');
    const command = ['netns', 'exec', this.lan.namespace('server'), 'unshare', ...flags];
    this.sshd = spawn('sh', ['-c', `exec ip "$@" 2>>"${errors}"`, 'sh', ...command], { stdio: 'ignore' });
    for (let attempt = 0; attempt < 100; attempt++) {
      if (this.lan.run('node', 'busybox', 'nc', '-w', '1', SERVER, '22').stdout.startsWith('SSH-')) return this;
      await sleep(50);
    }
    throw new Error(`sshd on ${SERVER}: expected to answer within 5 s, got nothing: ${this.text('sshd.log')}`);
  }

  /** Pulls the plug: sshd and all that it started are gone at once. */
  async stop(): Promise<void> {
    const { sshd } = this;
    this.sshd = undefined;
    if (sshd === undefined || sshd.exitCode !== null || sshd.signalCode !== null) return;
    const gone = new Promise((resolve) => sshd.once('exit', resolve));
    const init = readFileSync(`/proc/${sshd.pid}/task/${sshd.pid}/children`, 'utf8').trim();
    if (init === '') sshd.kill('SIGKILL');
    else process.kill(Number(init), 'SIGKILL');
    await gone;
  }

  /** The published snapshots, oldest first as their numbers say. */
  snapshots(): readonly string[] {
    const folder = join(this.path, 'snapshots');
    const number = (name: string) => Number(this.facts(name).number);
    return (existsSync(folder) ? readdirSync(folder) : []).sort((one, other) => number(one) - number(other));
  }

  get newest(): string {
    const newest = this.snapshots().at(-1);
    if (newest === undefined) throw new Error(`folder '${this.path}': expected a snapshot, got none`);
    return newest;
  }

  /** What stands in a snapshot's own file. */
  facts(snapshot: string): Readonly<Record<string, string>> {
    const lines = readFileSync(join(this.path, 'snapshots', snapshot, 'snapshot'), 'utf8')
      .trim()
      .split('\n');
    return Object.fromEntries(lines.map((line) => line.split(/ (.*)/s).slice(0, 2)));
  }

  /** A file of a snapshot, as it lies there. */
  stored(snapshot: string, path: string): string {
    return join(this.path, 'snapshots', snapshot, 'data', path);
  }

  /** Runs the server program as its account does, without ssh. */
  server(...words: readonly string[]) {
    const id = `${ACCOUNT.id}`;
    const command = [
      'setpriv',
      `--reuid=${id}`,
      `--regid=${id}`,
      '--clear-groups',
      `${this.home}/local/bin/${PROGRAM}`,
    ];
    return spawnSync(
      'unshare',
      [
        '--mount',
        'sh',
        '-ec',
        `mount --bind "$0" /usr/local; exec "$@"`,
        `${this.home}/local`,
        ...command,
        '--folder',
        this.path,
        ...words,
      ],
      { encoding: 'utf8', timeout: 60_000 },
    );
  }

  text(name: string): string {
    const path = join(this.home, name);
    return existsSync(path) ? readFileSync(path, 'utf8') : '';
  }

  private put(name: string, content: string): void {
    writeFileSync(join(this.home, name), content);
  }

  async destroy(): Promise<void> {
    await this.stop();
    this.lan.destroy();
    if (this.disk) execFileSync('umount', [this.path]);
    rmSync(this.home, { recursive: true });
  }
}

/** Times of files stay what they are: only what asks for the date gets another one. */
const atClock = (clock: string): string =>
  `/usr/bin/env LD_PRELOAD=${FAKETIME} NO_FAKE_STAT=1 DONT_FAKE_MONOTONIC=1 FAKETIME='${clock}'`;

const FAKETIME = `/usr/lib/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu/faketime/libfaketime.so.1`;
