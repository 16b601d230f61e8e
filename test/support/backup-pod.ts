/**
 * A pod for the backup's scripts: Alpine's shell with its applets alone, volumes in a folder, this machine's rsync, and
 * in place of ssh a program that runs the far side's command right here, as a forced command would.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const POD_SCRIPTS = fileURLToPath(new URL('../../src/layers/backup/scripts/pod', import.meta.url));
const SERVER = fileURLToPath(
  new URL('../../src/layers/backup/scripts/server/selfheal-backup-server.sh', import.meta.url),
);
const APPLETS =
  'awk cat chmod date env grep head mv printf rm sed sh sleep sort tail timeout tr wc wget mkdir ls find cmp kill';

/** Drops ssh's options; one line a call goes to ssh.log, the command to the file `far`. */
const SSH = `#!/bin/sh
printf '%s\\n' "$*" >>"$POD_HOME/ssh.log"
while :; do
  case $1 in
    -O) exit 0 ;;
    -F | -p | -i | -o | -l) shift 2 ;;
    *) break ;;
  esac
done
shift
exec "$POD_HOME/far" "$@"
`;

export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export class BackupPod {
  readonly home = mkdtempSync(join(tmpdir(), 'pod-'));
  private readonly children: ChildProcess[] = [];

  constructor() {
    for (const folder of ['bin', 'storage', 'run', 'textfile', 'proc/self', 'backup']) this.folder(folder);
    const busybox = whereIs('busybox');
    for (const applet of APPLETS.split(' ')) symlinkSync(busybox, this.at(`bin/${applet}`));
    symlinkSync(whereIs('rsync'), this.at('bin/rsync'));
    this.program('bin/ssh', SSH);
    for (const file of ['id', 'known_hosts', 'termination-log']) this.write(file, 'key\n');
    this.mounts();
    this.load('0.50');
    this.write('proc/cpuinfo', 'processor\t: 0\nprocessor\t: 1\n');
    execFileSync(SERVER, ['--folder', this.at('backup'), 'prepare']);
    this.far();
  }

  at(path: string): string {
    return join(this.home, path);
  }

  folder(path: string): void {
    mkdirSync(this.at(path), { recursive: true });
  }

  write(path: string, content: string | Buffer): void {
    mkdirSync(dirname(this.at(path)), { recursive: true });
    writeFileSync(this.at(path), content);
  }

  read(path: string): string {
    return existsSync(this.at(path)) ? readFileSync(this.at(path), 'utf8') : '';
  }

  program(path: string, text: string): void {
    // A link may stand there, and writing through it would replace this machine's own program.
    rmSync(this.at(path), { force: true });
    this.write(path, text);
    chmodSync(this.at(path), 0o755);
  }

  remove(path: string): void {
    rmSync(this.at(path), { recursive: true });
  }

  /** A volume with so many files of so many bytes. */
  volume(name: string, files: number, bytes = 10): void {
    this.folder(`storage/${name}`);
    for (let number = 1; number <= files; number++) this.write(`storage/${name}/file-${number}`, 'x'.repeat(bytes));
  }

  /** The far side: the real program, after these lines of shell that see its words in $* and may answer instead; options are the machine's own. */
  far(instead = '', options = ''): void {
    this.program(
      'far',
      `#!/bin/sh\n${instead}\nSSH_ORIGINAL_COMMAND="$*" PATH=/usr/sbin:/usr/bin:/sbin:/bin exec ${SERVER} --folder ${this.at('backup')} ${options}\n`,
    );
  }

  /** The kernel's list of mounts; `lines` come after that of the root. */
  mounts(...lines: readonly string[]): void {
    const root = '21 1 8:1 / / rw,relatime shared:1 - ext4 /dev/root rw';
    this.write('proc/self/mountinfo', `${[root, ...lines].join('\n')}\n`);
  }

  load(load: string): void {
    this.write('proc/loadavg', `${load} 0.40 0.30 1/200 4711\n`);
  }

  /** What was asked of the far side, without its options: one word a call. */
  get verbs(): readonly string[] {
    const verb = / --folder \S+ (\w+)/;
    return this.read('ssh.log')
      .split('\n')
      .flatMap((line) => verb.exec(line)?.[1] ?? (line.includes(' -O exit') ? ['exit'] : []));
  }

  get snapshots(): readonly string[] {
    return readdirSync(this.at('backup/snapshots')).sort();
  }

  start(
    script: string,
    changed: Readonly<Record<string, string | undefined>> = {},
  ): { readonly child: ChildProcess; readonly ended: Promise<Ended> } {
    const settings = {
      NAME: 'local-path-backup',
      SOURCE: this.at('storage'),
      USER: 'keeper',
      HOST: 'ultron',
      PORT: '22',
      PATH: this.at('backup'),
      BANDWIDTH_LIMIT_KIB_PER_SECOND: '50000',
      TIMEOUT_SECONDS: '60',
      KEY: this.at('id'),
      KNOWN_HOSTS: this.at('known_hosts'),
      MAX_SHRINK_PERCENT: '50',
      RUN_FOLDER: this.at('run'),
      TEXTFILE_FOLDER: this.at('textfile'),
      TERMINATION_LOG: this.at('termination-log'),
      PROC: this.at('proc'),
      SCRIPTS: POD_SCRIPTS,
      ...changed,
    };
    const env = Object.fromEntries(
      Object.entries(settings).flatMap(([name, value]) =>
        value === undefined ? [] : [[name.startsWith('LOCAL_PATH_') ? name : `LOCAL_PATH_BACKUP_${name}`, value]],
      ),
    );
    const outputs = ['stdout', 'stderr'].map((name) => this.at(`${this.children.length}.${name}`));
    // Files, not pipes: busybox's timeout leaves a process for up to a second that would keep a pipe open.
    const [stdout, stderr] = outputs.map((path) => openSync(path, 'w'));
    const child = spawn(whereIs('busybox'), ['sh', join(POD_SCRIPTS, script)], {
      env: { PATH: this.at('bin'), HOME: this.home, POD_HOME: this.home, ...env },
      stdio: ['ignore', stdout, stderr],
    });
    this.children.push(child);
    for (const descriptor of [stdout, stderr]) if (descriptor !== undefined) closeSync(descriptor);
    const ended = new Promise<Ended>((resolve) =>
      child.on('exit', (status) => {
        const [out = '', err = ''] = outputs.map((path) => readFileSync(path, 'utf8'));
        resolve({ status, stdout: out, stderr: err });
      }),
    );
    return { child, ended };
  }

  run(script: string, changed: Readonly<Record<string, string | undefined>> = {}): Promise<Ended> {
    return this.start(script, changed).ended;
  }

  end(): void {
    for (const child of this.children) if (child.exitCode === null) child.kill('SIGKILL');
    rmSync(this.home, { recursive: true });
  }
}

const whereIs = (program: string): string =>
  (process.env.PATH ?? '')
    .split(':')
    .map((folder) => join(folder, program))
    .find((path) => existsSync(path)) ?? program;
