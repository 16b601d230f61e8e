/** The watchdog's own program on a fake host: its kernel log is a file, its clock and its boot id are files too. */
import { type ChildProcess, spawn } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { type FakeHost, fakeHost } from './fake-host.js';

const SCRIPTS = new URL('../../src/layers/rcu-watchdog/scripts/', import.meta.url).pathname;
const REAL = [
  ...['awk', 'readlink', 'mkfifo', 'rm', 'mkdir', 'mv', 'flock', 'setsid', 'sh', 'head', 'tail', 'xargs'],
  ...['grep', 'cp', 'ls', 'dd', 'gzip', 'sleep', 'timeout', 'stat'],
];
export const BOOT = '11111111-2222-3333-4444-555555555555';
export const EARLIER_BOOT = '99999999-2222-3333-4444-555555555555';

let sequence = 0;

/** Expedited reports of different grace periods, as /dev/kmsg gives them, at a second of the kernel's clock. */
export function stalls(count: number, at: number): string {
  return Array.from({ length: count }, () => {
    sequence += 1;
    const text = `rcu: INFO: rcu_preempt detected expedited stalls on CPUs/tasks: { P1 } 21 jiffies s: ${sequence * 4} root: 0x0/.`;
    return `4,${sequence},${Math.round(at * 1_000_000)},-;${text}\n`;
  }).join('');
}

export function watchdogHost(stubs: Readonly<Record<string, string>> = {}) {
  // A kernel log can be read again from its start, and never comes to an end for who reads it.
  const cat = `[[ $2 == *kmsg ]] || exec /bin/cat "$@"
read -r _ _ _ main _ </proc/$PPID/stat
exec tail -c +1 -f -s 0.05 --pid="$main" "$2"`;
  // A disk that is busy with other tests would look like one that hangs.
  const host = fakeHost(REAL, {
    ...{ logger: '', systemctl: '', sync: '', dmesg: `printf '[ 1.0] a line\\n'`, cat },
    ...stubs,
  });
  mkdirSync(host.path('lib'));
  for (const name of [...readdirSync(SCRIPTS), ...readdirSync(join(SCRIPTS, 'detector'))]) {
    if (name.endsWith('.sh')) symlinkSync(join(SCRIPTS, name), host.path(`lib/${name}`));
    if (name.endsWith('.awk')) symlinkSync(join(SCRIPTS, 'detector', name), host.path(`lib/${name}`));
  }
  host.write('proc/sys/kernel/random/boot_id', `${BOOT}\n`);
  host.write('proc/sys/kernel/osrelease', '6.1.0\n');
  host.write('proc/meminfo', 'MemTotal: 8000000 kB\n');
  host.write('proc/uptime', '3600.12 7000.00\n');
  host.write('kmsg', '6,0,0,-;Booting Linux\n');
  return new WatchdogHost(host);
}

export class WatchdogHost {
  constructor(readonly host: FakeHost) {}

  private environment(overrides: Readonly<Record<string, string>>): Record<string, string> {
    const { path } = this.host;
    return {
      RCU_WATCHDOG_LIB_FOLDER: path('lib'),
      RCU_WATCHDOG_SETTINGS_FILE: path('rcu-watchdog.env'),
      RCU_WATCHDOG_RUN_FOLDER: path('run'),
      RCU_WATCHDOG_STATE_FOLDER: path('state'),
      RCU_WATCHDOG_TEXTFILE_FOLDER: path('textfile'),
      RCU_WATCHDOG_PROC_FOLDER: path('proc'),
      RCU_WATCHDOG_SYS_FOLDER: path('sys'),
      RCU_WATCHDOG_BOOT_FOLDER: path('boot'),
      RCU_WATCHDOG_PEERS_FILE: path('peers'),
      RCU_WATCHDOG_TIMESYNC_FILE: path('synchronized'),
      RCU_WATCHDOG_KMSG: path('kmsg'),
      RCU_WATCHDOG_BLACK_HOLE_SECONDS: '0',
      RCU_WATCHDOG_TICK_SECONDS: '1',
      RCU_WATCHDOG_GRACE_SECONDS: '1',
      RCU_WATCHDOG_REBOOT_DEADLINE_SECONDS: '0',
      RCU_WATCHDOG_FORCED_DEADLINE_SECONDS: '0',
      ...overrides,
    };
  }

  log(lines: string): void {
    appendFileSync(this.host.path('kmsg'), lines);
  }

  /** Runs `check` or `status` to its end. */
  once(command: string, overrides: Readonly<Record<string, string>> = {}) {
    return this.host.run(`${SCRIPTS}selfheal-watchdog.sh`, this.environment(overrides), [command]);
  }

  check(overrides: Readonly<Record<string, string>> = {}) {
    const { status, stderr } = this.once('check', overrides);
    return { status, stderr, requests: this.requests, said: this.said };
  }

  /** Runs `check`, and a command of bash after it, as systemd does what comes after a unit's program. */
  afterCheck(command: string, overrides: Readonly<Record<string, string>> = {}) {
    return this.script(`"${SCRIPTS}selfheal-watchdog.sh" check\n${command}\n`, overrides);
  }

  /** What a person reads, and the exit status. */
  status(overrides: Readonly<Record<string, string>> = {}) {
    const { status, stderr } = this.script(`"${SCRIPTS}selfheal-watchdog.sh" status >"$HOME/said"\n`, overrides);
    return { status, stderr, text: this.host.read('said') };
  }

  private script(lines: string, overrides: Readonly<Record<string, string>>) {
    this.host.write('script.sh', `#!${this.host.path('bin/bash')}\n${lines}`);
    chmodSync(this.host.path('script.sh'), 0o755);
    return this.host.run(this.host.path('script.sh'), this.environment(overrides));
  }

  /** Starts `run`; its clock is this machine's uptime. */
  start(overrides: Readonly<Record<string, string>> = {}): ChildProcess {
    const uptime = this.host.path('proc/uptime');
    // Not anew for a second one: the first would find no uptime for a moment, and end.
    if (!lstatSync(uptime).isSymbolicLink()) {
      rmSync(uptime);
      symlinkSync('/proc/uptime', uptime);
    }
    const child = spawn(`${SCRIPTS}selfheal-watchdog.sh`, ['run'], {
      env: {
        PATH: this.host.path('bin'),
        HOME: this.host.folder,
        ...this.environment({ RCU_WATCHDOG_REBOOT_DEADLINE_SECONDS: '600', ...overrides }),
      },
      stdio: 'ignore',
    });
    const folder = this.host.path(`proc/${child.pid}`);
    mkdirSync(folder);
    child.once('exit', () => rmSync(folder, { recursive: true, force: true }));
    onTestFinished(async () => {
      child.kill('SIGKILL');
      await sleep(150); // its children see that it is gone
    });
    return child;
  }

  get uptime(): number {
    return Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]);
  }

  get calls(): readonly string[] {
    return this.host.has('calls') ? this.host.read('calls').trimEnd().split('\n') : [];
  }
  get requests(): readonly string[] {
    return this.calls.filter((call) => call.startsWith('systemctl'));
  }
  get said(): string {
    return this.calls.filter((call) => call.startsWith('logger')).join('\n');
  }
  get ledger(): string {
    return this.host.has('state/ledger') ? this.host.read('state/ledger') : '';
  }
  get metrics(): string {
    return this.host.has('textfile/selfheal_watchdog.prom') ? this.host.read('textfile/selfheal_watchdog.prom') : '';
  }
  get state(): string {
    const blocks = ['run/state.0', 'run/state.1']
      .filter((name) => this.host.has(name))
      .map((name) => this.host.read(name));
    const seq = (block: string) => Number(/^state seq (\d+)$/m.exec(block)?.[1] ?? -1);
    return blocks.sort((a, b) => seq(a) - seq(b)).at(-1) ?? '';
  }

  /** Waits until something holds; says what was expected if it does not. */
  async until(what: string, holds: () => boolean, seconds = 8): Promise<void> {
    const deadline = performance.now() + seconds * 1000;
    while (!holds()) {
      if (performance.now() > deadline)
        throw new Error(`watchdog: expected ${what} within ${seconds} s; it said: ${this.said}`);
      await sleep(20);
    }
  }

  /** Until its first tick, before which the kernel log is history. */
  async untilItWatches(): Promise<void> {
    await this.until('a state', () => this.state.includes('state end'));
  }
}
