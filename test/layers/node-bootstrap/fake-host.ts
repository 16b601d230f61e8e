/** A folder that stands for a host's root, with a systemd that remembers what it was told. */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { BootLoader, HostGroup } from '../../../src/cluster/cluster.js';
import { type HostState, NOTHING } from '../../../src/host/host-state.js';
import { payloadOf } from '../../../src/layers/node-bootstrap/payload.js';
import { minimal } from '../../support/clusters.js';

/** coreutils and util-linux: what the host program may use besides bash and systemd. */
const PROGRAMS = 'cat chmod cp dirname flock mkdir mv realpath rm rmdir sha256sum sort stat timeout touch tr'.split(
  ' ',
);

const PAYLOAD = '/var/lib/selfheal/bootstrap/payload';

/**
 * Units are enabled and running, or failed, when they have a file below /run/units; a start gives a new invocation, and
 * a file NAME.type says of which type a service is.
 */
const SYSTEMCTL = `#!/bin/bash
printf 'systemctl %s\\n' "$*" >>"$CALLS"
state=$CONVERGE_ROOT/run/units
case "$1 $2" in
  "show "*)
    shift 3
    parted=
    for unit; do
      [[ -z $parted ]] || echo
      parted=1
      if [[ -e $state/$unit.enabled ]]; then echo UnitFileState=enabled; else echo UnitFileState=disabled; fi
      if [[ -e $state/$unit.active ]]; then echo ActiveState=active
      elif [[ -e $state/$unit.failed ]]; then echo ActiveState=failed
      else echo ActiveState=inactive; fi
      if [[ -e $state/$unit.type ]]; then echo "Type=$(<"$state/$unit.type")"; fi
      if [[ -e $state/$unit.active ]]; then echo "InvocationID=$(<"$state/$unit.active")"; else echo InvocationID=; fi
    done
    ;;
  "enable --now") [[ -f $CONVERGE_ROOT/etc/systemd/system/$3 ]] && : >"$state/$3.enabled" && echo 1 >"$state/$3.active" ;;
  "disable --now") rm -f "$state/$3.enabled" "$state/$3.active" ;;
  "restart "*) echo 2 >"$state/$2.active" ;;
  "daemon-reload "* | "daemon-reexec "*) ;;
  *) exit 1 ;;
esac
`;

const RECORDER = (name: string) => `#!/bin/bash\nprintf '%s\\n' "${name} $*" >>"$CALLS"\n`;

export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** What the stubs were asked to do; questions are left out. */
  readonly calls: readonly string[];
}

export class FakeHost {
  readonly root: string;
  readonly bin: string;
  private readonly folder: string;
  onDrift: HostGroup['onDrift'] = 'restore';

  constructor(readonly bootLoader: BootLoader = 'piboot') {
    this.folder = mkdtempSync(join(tmpdir(), 'fake-host-'));
    onTestFinished(() => rmSync(this.folder, { recursive: true, force: true }));
    this.root = join(this.folder, 'root');
    this.bin = join(this.folder, 'bin');
    mkdirSync(join(this.root, 'run/units'), { recursive: true });
    mkdirSync(join(this.folder, 'home'));
    mkdirSync(this.bin);
    for (const program of ['bash', ...PROGRAMS]) symlinkSync(which(program), join(this.bin, program));
    this.stub('systemctl', SYSTEMCTL);
    this.stub('sysctl', RECORDER('sysctl'));
    // The disk's own pace is not what is tested.
    symlinkSync(which('true'), join(this.bin, 'sync'));
    if (bootLoader === 'grub') {
      this.stub('update-grub', RECORDER('update-grub'));
      this.write('/etc/default/grub', 'GRUB_TIMEOUT=0\n');
    } else {
      this.write(this.bootFile, 'console=tty1 root=LABEL=writable rootwait\n');
    }
  }

  get bootFile(): string {
    return this.bootLoader === 'piboot' ? '/boot/firmware/current/cmdline.txt' : '/boot/firmware/cmdline.txt';
  }

  stub(name: string, script: string): void {
    rmSync(join(this.bin, name), { force: true });
    writeFileSync(join(this.bin, name), script, { mode: 0o755 });
  }

  without(program: string): void {
    rmSync(join(this.bin, program));
  }

  at(path: string): string {
    return join(this.root, path);
  }

  write(path: string, content: string, mode = 0o644): void {
    mkdirSync(dirname(this.at(path)), { recursive: true });
    writeFileSync(this.at(path), content);
    chmodSync(this.at(path), mode);
  }

  read(path: string): string {
    return readFileSync(this.at(path), 'utf8');
  }

  exists(path: string): boolean {
    return existsSync(this.at(path));
  }

  mode(path: string): string {
    return (lstatSync(this.at(path)).mode & 0o7777).toString(8).padStart(4, '0');
  }

  /** Puts the payload of a state where the pod stages it. */
  stage(state: Partial<HostState>, edit: (plan: string) => string = (plan) => plan): void {
    rmSync(this.at(PAYLOAD), { recursive: true, force: true });
    for (const [key, content] of payloadOf(
      { ...groupWith(this.bootLoader), onDrift: this.onDrift },
      { ...NOTHING, ...state },
    )) {
      this.write(`${PAYLOAD}/${key}`, key === 'plan' ? edit(content) : content, 0o555);
    }
  }

  /** Runs the staged host program. */
  run(environment: Readonly<Record<string, string>> = {}, ...args: readonly string[]): Outcome {
    const log = join(this.folder, 'calls');
    writeFileSync(log, '');
    const { status, stdout, stderr } = spawnSync(which('bash'), [this.at(`${PAYLOAD}/converge.sh`), ...args], {
      encoding: 'utf8',
      env: { ...this.environment(), ...environment },
    });
    const calls = readFileSync(log, 'utf8')
      .split('\n')
      .filter((call) => call !== '' && !/^systemctl (is-|show)/.test(call));
    return { status, stdout, stderr, calls };
  }

  /** Another host in the same state. */
  copy(): FakeHost {
    const other = new FakeHost(this.bootLoader);
    other.onDrift = this.onDrift;
    rmSync(other.root, { recursive: true });
    cpSync(this.root, other.root, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
    return other;
  }

  /** Runs, and kills the host program with SIGKILL before its n-th call of one of the programs. Says whether it came to that. */
  runUntil(programs: readonly string[], n: number): boolean {
    const [count, victim] = [join(this.folder, 'count'), join(this.folder, 'victim')];
    writeFileSync(count, '0');
    for (const program of programs) {
      const real = existsSync(join(this.bin, program)) ? realpathSync(join(this.bin, program)) : which(program);
      const kept = join(this.folder, `real-${program}`);
      if (!existsSync(kept)) copyFileSync(real, kept);
      this.stub(
        program,
        `#!/bin/bash
n=$(($(<"${count}") + 1))
printf '%s' "$n" >"${count}"
if [[ $n -eq ${n} ]]; then
  kill -KILL "$(<"${victim}")"
  exit 1
fi
exec "${kept}" "$@"
`,
      );
    }
    const { signal } = spawnSync(
      which('bash'),
      ['-c', `printf '%s' "$$" >"${victim}" && exec bash "$1"`, 'bash', this.at(`${PAYLOAD}/converge.sh`)],
      { env: this.environment() },
    );
    for (const program of programs)
      this.stub(program, `#!/bin/bash\nexec "${join(this.folder, `real-${program}`)}" "$@"\n`);
    return signal === 'SIGKILL';
  }

  /** Runs, and kills with SIGKILL after some milliseconds: the host program alone, or with all that it started. */
  runKilled(milliseconds: number, what: 'alone' | 'all'): boolean {
    const program = [which('bash'), this.at(`${PAYLOAD}/converge.sh`)];
    // What ends a process-id namespace is the end of its first process.
    const [command = '', ...args] =
      what === 'alone' ? program : [which('unshare'), '--pid', '--fork', '--kill-child=KILL', ...program];
    const { signal } = spawnSync(command, args, {
      env: this.environment(),
      stdio: 'ignore',
      timeout: Math.max(1, Math.round(milliseconds)),
      killSignal: 'SIGKILL',
    });
    return signal === 'SIGKILL';
  }

  private environment(): Record<string, string> {
    return {
      PATH: this.bin,
      HOME: join(this.folder, 'home'),
      CONVERGE_ROOT: this.root,
      CONVERGE_TIMEOUT: '10',
      CALLS: join(this.folder, 'calls'),
    };
  }

  /** Stages and runs. */
  converge(state: Partial<HostState>): Outcome {
    this.stage(state);
    return this.run();
  }

  /** Everything below a folder: mode and content, and with `times` also when it changed. */
  snapshot(folder = '/', times = false): Readonly<Record<string, string>> {
    const entries: [string, string][] = [];
    const walk = (path: string): void => {
      const stat = lstatSync(path, { bigint: true });
      const content = stat.isSymbolicLink() ? readlinkSync(path) : stat.isFile() ? readFileSync(path, 'utf8') : '';
      const time = times ? ` ${stat.mtimeNs} ${stat.ctimeNs} ${stat.ino}` : '';
      entries.push([path.slice(this.root.length), `${stat.mode.toString(8)}${time} ${content}`]);
      if (stat.isDirectory()) for (const name of readdirSync(path).sort()) walk(join(path, name));
    };
    walk(this.at(folder));
    return Object.fromEntries(entries);
  }
}

/** A group of one invented node. */
export function groupWith(bootLoader: BootLoader): HostGroup {
  const [group] = minimal({ hosts: [{ nodes: ['lamp'] }] }).hosts;
  if (group === undefined) throw new Error('the invented cluster: expected a host group, got none');
  return { ...group, bootLoader };
}

function which(program: string): string {
  const folder = ['/usr/bin', '/bin', '/usr/sbin', '/sbin'].find((candidate) => existsSync(join(candidate, program)));
  if (folder === undefined) throw new Error(`program '${program}': expected on this machine, got nothing`);
  return join(folder, program);
}
