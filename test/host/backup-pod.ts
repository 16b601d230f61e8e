/**
 * The backup's pod without Kubernetes: a root that cannot be written with busybox and the scripts' own bytes, the node's
 * programs and libraries read-only, the node's network, processes of its own, and no power but those that are named.
 */
import { execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
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
import { ACCOUNT, type BackupSite, SERVER } from './backup-site.js';
import { type NodePrograms, THIS_MACHINE } from './node-programs.js';

const SCRIPTS = fileURLToPath(new URL('../../src/layers/backup/scripts/pod/', import.meta.url));
const DEVICES = ['null', 'zero', 'random', 'urandom'];

/** Mounts what the pod mounts, then gives up every power but the ones named. */
const POD = `
  mount --rbind "$1" "$1" && cd "$1"
  mount --bind "$5" host-usr && mount -o remount,bind,ro host-usr
  mount --bind "$6" host-lib && mount -o remount,bind,ro host-lib
  mount --rbind "$2" storage && mount -o remount,bind,ro storage
  mount -t tmpfs run run/backup && mount -t proc proc proc && mount --bind loadavg proc/loadavg
  for device in ${DEVICES.join(' ')}; do mount --bind "/dev/$device" "dev/$device"; done
  for folder in textfile scratch restore hooks; do mount --rbind "$folder" "$folder"; done
  mount --bind dev/termination-log dev/termination-log
  mount -o remount,bind,ro .
  exec chroot . "$7" --library-path "$8" /host-usr/bin/setpriv \\
    --inh-caps=-all --bounding-set="$3" --no-new-privs "/scripts/$4"`;

/** What the CronJobs' containers add to nothing. */
export const POWERS = {
  'backup.sh': ['dac_read_search'],
  'mirror.sh': ['dac_read_search'],
  'drill.sh': ['chown', 'dac_override', 'fowner', 'fsetid', 'setfcap'],
  'restore.sh': ['chown', 'dac_override', 'fowner', 'fsetid', 'setfcap'],
} as const satisfies Record<string, readonly string[]>;
export type Script = keyof typeof POWERS;

export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly ended: Promise<Ended>;
  /** As the kernel does when memory is short, or the power fails: nothing of the pod is told. */
  readonly kill: () => void;
  /** As the kubelet asks a pod to end. */
  readonly terminate: () => void;
}

export interface Start {
  /** Settings without their prefix. */
  readonly settings?: Readonly<Record<string, string | number>>;
  readonly powers?: readonly string[];
  readonly prefix?: 'LOCAL_PATH_BACKUP' | 'LOCAL_PATH_RESTORE';
}

export class BackupPod {
  readonly root = mkdtempSync(join(tmpdir(), 'pod-'));
  /** The node's folder of volumes. */
  readonly source = mkdtempSync(join(tmpdir(), 'volumes-'));

  constructor(
    private readonly site: BackupSite,
    private readonly programs: NodePrograms = THIS_MACHINE,
  ) {
    const folders = [
      'bin',
      'etc',
      'dev',
      'proc',
      'host-usr',
      'host-lib',
      'ssh-key',
      'scripts',
      'storage',
      'run/backup',
    ];
    for (const folder of [...folders, 'root', 'tmp', 'textfile', 'scratch', 'restore', 'hooks'])
      mkdirSync(join(this.root, folder), { recursive: true });
    const busybox = execFileSync('sh', ['-c', 'command -v busybox'], { encoding: 'utf8' }).trim();
    copyFileSync(busybox, join(this.root, 'bin/busybox'));
    const applets = execFileSync(busybox, ['--list'], { encoding: 'utf8' }).trim().split('\n');
    for (const applet of applets) if (applet !== 'busybox') symlinkSync('busybox', join(this.root, 'bin', applet));
    writeFileSync(join(this.root, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\n');
    for (const file of [...DEVICES, 'termination-log']) writeFileSync(join(this.root, 'dev', file), '');
    for (const file of existsSync(SCRIPTS) ? readdirSync(SCRIPTS) : []) {
      copyFileSync(join(SCRIPTS, file), join(this.root, 'scripts', file));
      chmodSync(join(this.root, 'scripts', file), 0o555);
    }
    programs.equip(this.root);
    this.load(0.1);
    this.pin('server');
    this.useKey('near');
  }

  /** Which of the site's keys the pod takes for the server's. */
  pin(key: string): void {
    writeFileSync(join(this.root, 'scripts/known_hosts'), `${SERVER} ${this.site.text(`${key}.pub`)}`);
  }

  useKey(key: string, mode = 0o400): void {
    const path = join(this.root, 'ssh-key/id');
    rmSync(path, { force: true });
    writeFileSync(path, this.site.text(key), { mode });
    chmodSync(path, mode);
  }

  /** What the node has to do besides, as /proc/loadavg says it. */
  load(average: number): void {
    writeFileSync(join(this.root, 'loadavg'), `${average.toFixed(2)} 0.10 0.10 1/100 1000\n`);
  }

  start(script: Script, { settings = {}, powers = POWERS[script] }: Start = {}): Running {
    const env = Object.fromEntries(
      Object.entries({ ...this.settings(script), ...settings }).map(([name, value]) => [
        name.startsWith('LOCAL_PATH_') ? name : `LOCAL_PATH_BACKUP_${name}`,
        String(value),
      ]),
    );
    writeFileSync(join(this.root, 'dev/termination-log'), '');
    // An emptyDir is a new one for each pod.
    rmSync(join(this.root, 'scratch/selfheal-drill'), { recursive: true, force: true });
    const { usr, lib, linker, libraries } = this.programs;
    const inside = [
      'sh',
      '-ec',
      POD,
      'sh',
      this.root,
      this.source,
      ['-all', ...powers.map((power) => `+${power}`)].join(),
      script,
      usr,
      lib,
      linker,
      libraries,
    ];
    const child = spawn(
      'ip',
      ['netns', 'exec', this.site.lan.namespace('node'), 'unshare', '--mount', '--pid', '--fork', ...inside],
      {
        env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/root', ...env },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    const text = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr'] as const)
      child[stream].setEncoding('utf8').on('data', (chunk: string) => {
        text[stream] += chunk;
      });
    const ended = new Promise<Ended>((resolve) => child.once('close', (status) => resolve({ status, ...text })));
    const signal = (name: NodeJS.Signals) => {
      const init = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim();
      process.kill(Number(init), name);
    };
    return { ended, kill: () => signal('SIGKILL'), terminate: () => signal('SIGTERM') };
  }

  run(script: Script, start: Start = {}): Promise<Ended> {
    return this.start(script, start).ended;
  }

  private settings(script: Script): Readonly<Record<string, string | number>> {
    const common = {
      USER: ACCOUNT.name,
      HOST: SERVER,
      PORT: 22,
      PATH: this.site.path,
      BANDWIDTH_LIMIT_KIB_PER_SECOND: 50_000,
      TIMEOUT_SECONDS: 60,
      LINKER: this.programs.linker,
      LIBRARIES: this.programs.libraries,
      RSYNC: '/host-usr/bin/rsync',
      SSH: '/host-usr/bin/ssh',
      KEY: '/ssh-key/id',
      KNOWN_HOSTS: '/scripts/known_hosts',
    };
    if (script === 'mirror.sh') return { ...common, SOURCE: '/storage' };
    const named = {
      ...common,
      NAME: 'local-path-backup',
      TEXTFILE_FOLDER: '/textfile',
      RUN_FOLDER: '/run/backup',
      SCRIPTS: '/scripts',
    };
    if (script === 'backup.sh')
      return { ...named, SOURCE: '/storage', MAX_SHRINK_PERCENT: 50, EXCLUDE: '', HOOKS: '/hooks' };
    if (script === 'drill.sh')
      return { ...named, NAME: 'local-path-backup-drill', SCRATCH: '/scratch', MAX_BYTES: 1 << 30 };
    return named;
  }

  /** The metrics that the last run left, by name and labels. */
  metrics(name = 'local_path_backup'): Readonly<Record<string, number>> {
    const text = readFileSync(join(this.root, `textfile/selfheal_backup_${name}.prom`), 'utf8');
    const samples = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    return Object.fromEntries(samples.map((line) => [line.replace(/ \S+$/, ''), Number(line.replace(/^.* /, ''))]));
  }

  get lastWords(): string {
    return readFileSync(join(this.root, 'dev/termination-log'), 'utf8');
  }

  destroy(): void {
    for (const folder of [this.root, this.source]) rmSync(folder, { recursive: true });
  }
}
