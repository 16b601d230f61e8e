import { readdirSync, utimesSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type FakeHost, fakeHost } from '../../support/fake-host.js';

const SCRIPT = new URL('../../../src/layers/rcu-watchdog/scripts/rcu-stall-reboot.sh', import.meta.url).pathname;
const REAL = ['timeout', 'cat', 'head', 'tail', 'mkdir', 'sync', 'ls', 'rm'];
const BOOT = '11111111-2222-3333-4444-555555555555';

function node(stubs: Readonly<Record<string, string>> = {}): FakeHost {
  const host = fakeHost(REAL, { logger: '', systemctl: '', dmesg: `printf '[ 1.0] a line\\n'`, ...stubs });
  host.write('proc/sys/kernel/random/boot_id', `${BOOT}\n`);
  host.write('proc/meminfo', 'MemTotal: 8000000 kB\n');
  host.write('proc/pressure/io', 'some avg10=97.00\n');
  host.write('proc/77/stat', '77 (runc:[2:INIT]) D 1 77 77 0 -1 4194560\n');
  host.write('proc/77/stack', '[<0>] synchronize_rcu_expedited+0x1\n');
  host.write('proc/78/stat', '78 (D sleeper) S 1 78 78 0 -1 4194560\n');
  return host;
}

const run = (host: FakeHost, env: Readonly<Record<string, string>> = {}) =>
  host.run(
    SCRIPT,
    {
      RCU_WATCHDOG_STATE_FOLDER: host.path('state'),
      RCU_WATCHDOG_PROC_FOLDER: host.path('proc'),
      RCU_WATCHDOG_REBOOT_DEADLINE_SECONDS: '0',
      RCU_WATCHDOG_FORCED_DEADLINE_SECONDS: '0',
      ...env,
    },
    ['path A, 30 stalls'],
  );

const report = (host: FakeHost): string => host.read(`state/evidence/${BOOT}.txt`);

describe('the way down', () => {
  test('is orderly first, then forced, then by sysrq', () => {
    const host = node();

    const { status, calls } = run(host);

    expect(status).toBe(3);
    expect(calls.filter((call) => call.startsWith('systemctl'))).toEqual([
      'systemctl reboot',
      'systemctl reboot --force',
    ]);
    expect(host.read('proc/sysrq-trigger')).toBe('sub');
  });

  test('goes on where systemctl fails', () => {
    const host = node({ systemctl: 'exit 1' });

    expect(run(host).status).toBe(3);
    expect(host.read('proc/sysrq-trigger')).toBe('sub');
  });

  test('waits out the first deadline before it forces', () => {
    const host = node({ systemctl: `exit 0`, logger: `printf '%s\\n' "$EPOCHREALTIME" >>"$HOME/times"` });
    const before = Date.now() / 1000;

    run(host, { RCU_WATCHDOG_REBOOT_DEADLINE_SECONDS: '1' });

    expect(Number(host.read('times').split('\n')[0]) - before).toBeGreaterThan(1);
  });

  test('does not let a bad deadline keep the node up', () => {
    // The script ends with the stub, because it would wait out the default now.
    const host = node({ systemctl: 'read -r _ _ _ script _ </proc/$PPID/stat; kill -KILL "$script"' });

    const { calls } = run(host, { RCU_WATCHDOG_REBOOT_DEADLINE_SECONDS: 'soon' });

    expect(calls).toContain('systemctl reboot');
  });

  test('does not need the evidence', () => {
    const host = node({ dmesg: 'exit 1' });
    host.write('state', 'a file where the folder should be');

    const { status, calls } = run(host);

    expect(status).toBe(3);
    expect(calls.join('\n')).toContain('evidence is not complete');
    expect(calls).toContain('systemctl reboot');
  });
});

describe('the evidence', () => {
  test('is on the disk before the first reboot is asked for', () => {
    const host = node({ systemctl: `[[ -s $HOME/state/evidence/${BOOT}.txt ]] && printf 'kept\\n' >>"$HOME/seen"` });

    run(host);

    expect(host.read('seen')).toBe('kept\nkept\n');
  });

  test('tells the reason, what blocks, pressure, memory and the end of the kernel log', () => {
    const host = node();

    run(host);

    expect(report(host)).toContain('reason: path A, 30 stalls');
    expect(report(host)).toContain('77 (runc:[2:INIT]) D');
    expect(report(host)).toContain('synchronize_rcu_expedited');
    expect(report(host)).not.toContain('D sleeper');
    expect(report(host)).toContain('some avg10=97.00');
    expect(report(host)).toContain('MemTotal: 8000000 kB');
    expect(report(host)).toContain('a line');
  });

  test('has a bound', () => {
    const host = node({
      dmesg: `printf -v text '%08000d' 0; for ((i = 0; i < 200; i++)); do printf '%s\\n' "$text"; done`,
    });

    const { calls } = run(host);

    expect(report(host)).toHaveLength(262_144);
    expect(calls.join('\n')).not.toContain('evidence is not complete');
  });

  test('of five boots is kept, and nothing else in the folder is touched', () => {
    const host = node();
    for (let index = 0; index < 6; index++) {
      const name = `state/evidence/${index}${BOOT.slice(1)}.txt`;
      host.write(name, 'old');
      utimesSync(host.path(name), 1000 + index, 1000 + index);
    }
    host.write('state/evidence/notes of mine.txt', 'keep');
    utimesSync(host.path('state/evidence/notes of mine.txt'), 1, 1);

    run(host);

    const kept = readdirSync(host.path('state/evidence'));
    expect(kept).toContain('notes of mine.txt');
    expect(kept).toContain(`${BOOT}.txt`);
    expect(kept).not.toContain(`0${BOOT.slice(1)}.txt`);
    expect(kept).toHaveLength(6);
  });
});
