/**
 * The far side's program with the real rsync, over a remote shell that drops the host's name and does what sshd does
 * with a forced command: it runs the program and hands it the client's words in SSH_ORIGINAL_COMMAND.
 *
 * A test that runs as root lets the program run as somebody who may not set owners, as it does on a real machine.
 */
import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describeWith } from '../../../support/tools.js';

const PROGRAM = fileURLToPath(
  new URL('../../../../src/layers/backup/scripts/server/selfheal-backup-server.sh', import.meta.url),
);

/** What the program needs beyond a shell and what every Linux has. */
export const TOOLS = ['rsync', 'flock'];

/** As on the node: what a backup wants to keep, and no file system below another. */
export const KEEP = ['-rlptgo', '--specials', '-HAXSxz', '--numeric-ids'];
export const READ = ['-rlptgo', '--specials', '-HAXS', '--numeric-ids'];
export const TOKEN = '01234567-89ab-cdef-0123-456789abcdef';

export const isRoot = process.getuid?.() === 0;
const NOBODY = 65534;

export interface Answer {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The shells of which a far side has one as /bin/sh. Debian's busybox would use its own find, so it is told not to. */
const ASH_TOOLS =
  'awk cmp comm cp cut date find flock head mkdir mv rm sha256sum sleep sort stat sync timeout touch tr uniq wc'
    .split(' ')
    .map((tool) => `${tool}() { /usr/bin/env ${tool} "$@"; }`)
    .join('; ');
const SHELLS: Readonly<Record<string, readonly string[]>> = {
  dash: ['dash', PROGRAM],
  bash: ['bash', '--posix', PROGRAM],
  busybox: ['busybox', 'sh', '-c', `${ASH_TOOLS}; . "$0"`, PROGRAM],
};

export const ALL_SHELLS: readonly string[] = Object.keys(SHELLS);

/** A suite under dash, and by `npm run test:host` under the others (its configuration names them). */
export function describeInEachShell(title: string, body: (shell: string) => void): void {
  for (const shell of (process.env.FAR_SIDE_SHELLS ?? 'dash').split(' '))
    describeWith([...TOOLS, shell], `${title} under ${shell}`, () => {
      body(shell);
    });
}

export class FarSide {
  readonly home = mkdtempSync(join(tmpdir(), 'far-side-'));
  readonly folder = join(this.home, 'store');
  readonly source = join(this.home, 'source');
  readonly #argv: readonly string[];

  constructor({ shell = 'dash', options = [] as readonly string[] } = {}) {
    this.#argv = [...(SHELLS[shell] ?? ['sh', PROGRAM]), '--folder', this.folder, ...options];
    chmodSync(this.home, 0o755);
    for (const folder of ['store', 'source', 'bin', 'scratch']) mkdirSync(join(this.home, folder));
    this.#own(this.folder);
    this.program('rsh', ['shift', 'SSH_ORIGINAL_COMMAND="$*"', 'export SSH_ORIGINAL_COMMAND', this.#run()].join('\n'));
    const { status, stderr } = this.local('prepare');
    if (status !== 0) throw new Error(`prepare: expected status 0, got ${status}: ${stderr}`);
  }

  remove(): void {
    rmSync(this.home, { recursive: true, force: true });
  }

  /** A path below the program's folder. */
  at(...names: string[]): string {
    return join(this.folder, ...names);
  }

  /** A program before all others of its name. */
  program(name: string, body: string): void {
    const path = join(this.home, 'bin', name);
    writeFileSync(path, `#!/bin/sh\n${body}\n`);
    chmodSync(path, 0o755);
  }

  /** Writes a file of the source; its folders are made. */
  write(path: string, text: string | Buffer): void {
    mkdirSync(join(this.source, path, '..'), { recursive: true });
    writeFileSync(join(this.source, path), text);
  }

  /** What a client asks for in an SSH session. */
  ask(command: string, input = '', env: NodeJS.ProcessEnv = {}): Answer {
    return this.#spawn(['sh', '-c', this.#run()], input, { ...env, SSH_ORIGINAL_COMMAND: command });
  }

  /** As a client of ours words it. */
  verb(words: string, input = ''): Answer {
    return this.ask(`selfheal-backup-server --folder ${this.folder} ${words}`, input);
  }

  /** What somebody runs who is logged in. */
  local(words: string): Answer {
    return this.#spawn(['sh', '-c', `${this.#run()} ${words}`], '', {});
  }

  /** The client's rsync; `path` is one of its ends, the far side the other. */
  rsync(words: string, options: readonly string[], ...ends: string[]): Answer {
    return this.#spawn(this.rsyncCommand(words, options, ...ends), '', {});
  }

  /** The same, going on in the background; the caller ends it. */
  start(words: string, options: readonly string[], ...ends: string[]) {
    const [program = '', ...argv] = this.rsyncCommand(words, options, ...ends);
    return spawn(program, argv, { env: this.#env({}), stdio: 'ignore' });
  }

  rsyncCommand(words: string, options: readonly string[], ...ends: string[]): string[] {
    const remote = `--rsync-path=selfheal-backup-server --folder ${this.folder} ${words}`;
    return ['rsync', ...options, '-e', join(this.home, 'bin/rsh'), remote, ...ends];
  }

  plan(...options: string[]): Answer {
    return this.rsync(
      'plan',
      [...KEEP, '-n', '--delete', '--out-format=%i %n', ...options],
      `${this.source}/`,
      'far:.',
    );
  }

  receive({ base = this.newest(), bytes = 0, token = TOKEN, options = [] as string[] } = {}): Answer {
    return this.rsync(`receive ${token} ${base} ${bytes}`, [...KEEP, ...options], `${this.source}/`, 'far:.');
  }

  /** Receives and publishes the source, and returns the snapshot's name. */
  backUp(notes = ''): string {
    const received = this.receive();
    if (received.status !== 0)
      throw new Error(`receive: expected status 0, got ${received.status}: ${received.stderr}`);
    const { status, stdout, stderr } = this.verb(`publish ${TOKEN} -`, notes);
    if (status !== 0) throw new Error(`publish: expected status 0, got ${status}: ${stderr}`);
    return stdout.split(' ')[1] ?? '';
  }

  newest(): string {
    return this.verb('newest').stdout.split(' ')[0] ?? '';
  }

  snapshots(): readonly string[] {
    return readdirSync(this.at('snapshots')).sort();
  }

  work(): readonly string[] {
    return readdirSync(this.at('work')).sort();
  }

  read(...names: string[]): string {
    return readFileSync(this.at(...names), 'utf8');
  }

  has(...names: string[]): boolean {
    return existsSync(this.at(...names));
  }

  /** Leaves the program nothing on its PATH but these, and a shell. */
  only(tools: readonly string[], shell: string): void {
    const bin = join(this.home, 'only');
    mkdirSync(bin);
    for (const tool of [...tools, shell])
      symlinkSync(spawnSync('sh', ['-c', `command -v ${tool}`], { encoding: 'utf8' }).stdout.trim(), join(bin, tool));
    this.program('rsh', `shift\nSSH_ORIGINAL_COMMAND="$*"\nexport SSH_ORIGINAL_COMMAND\n${this.#run(`PATH=${bin}`)}`);
  }

  /** Sets the far side's clock, for this program alone. */
  clock(epoch: number): void {
    this.program('date', `exec /usr/bin/env -S PATH=/usr/bin:/bin date -d @${epoch} "$@"`);
  }

  /** A snapshot as publish leaves one, with one file in each volume. */
  plant(
    number: number,
    epoch: number,
    volumes: Readonly<Record<string, string>> = { 'pvc-1_home_ha': '' },
    name = nameAt(epoch),
  ) {
    const names = Object.keys(volumes);
    for (const volume of names) {
      mkdirSync(this.at('snapshots', name, 'data', volume), { recursive: true });
      writeFileSync(this.at('snapshots', name, 'data', volume, 'file'), 'text\n');
    }
    mkdirSync(this.at('snapshots', name, 'verified'));
    for (const [volume, word] of Object.entries(volumes))
      if (word !== '') writeFileSync(this.at('snapshots', name, 'verified', volume), `${word}\n`);
    const files = names.length * 2;
    writeFileSync(
      this.at('snapshots', name, 'snapshot'),
      `format 1\nnumber ${number}\nepoch ${epoch}\nfiles ${files}\nbytes ${names.length * 5}\nvolumes ${names.length}\nbase -\nmanifest-sha256 0\n`,
    );
    writeFileSync(this.at('snapshots', name, 'volumes'), names.map((volume) => `2 5 0 quiet ${volume}\n`).join(''));
    writeFileSync(this.at('snapshots', name, 'manifest'), '');
    this.#own(this.at('snapshots', name), '-R');
    return name;
  }

  #own(path: string, ...options: string[]): void {
    if (!isRoot) return;
    if (options.length === 0) chownSync(path, NOBODY, NOBODY);
    else spawnSync('chown', [...options, `${NOBODY}:${NOBODY}`, path]);
  }

  #run(...settings: string[]): string {
    const somebody = isRoot ? ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'] : [];
    return `exec ${[...somebody, 'env', ...settings, ...this.#argv].map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ')}`;
  }

  #env(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
    return { PATH: `${join(this.home, 'bin')}:${process.env.PATH}`, HOME: this.home, ...env };
  }

  #spawn([program = '', ...argv]: readonly string[], input: string, env: NodeJS.ProcessEnv): Answer {
    const { status, stdout, stderr } = spawnSync(program, argv, {
      env: this.#env(env),
      input,
      encoding: 'utf8',
      timeout: 120_000,
    });
    return { status, stdout, stderr };
  }
}

export const DAY = 86_400;

/** How a snapshot of that time is called. */
export const nameAt = (epoch: number): string =>
  new Date(epoch * 1000)
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replaceAll(':', '-');
