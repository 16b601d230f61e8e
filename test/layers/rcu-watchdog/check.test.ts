import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, utimesSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { describeWith } from '../../support/tools.js';
import { BOOT, EARLIER_BOOT, stalls, type WatchdogHost, watchdogHost } from '../../support/watchdog.js';

const TOOLS = ['bash', 'flock', 'setsid', 'awk'];
const CROSSING = () => stalls(10, 3599);
const metric = (name: string, value: number) =>
  expect.stringMatching(new RegExp(`^selfheal_watchdog_${name.replace('{', '\\{')} ${value}$`, 'm'));

function storm(stubs: Readonly<Record<string, string>> = {}, ledger?: string): WatchdogHost {
  const node = watchdogHost(stubs);
  node.log(CROSSING());
  if (ledger !== undefined) node.host.write('state/ledger', ledger);
  return node;
}

describeWith(TOOLS, 'one pass over the kernel log', () => {
  test('leaves a quiet node alone and says so once', () => {
    const node = watchdogHost();

    const { status, requests } = node.check();

    expect({ status, requests }).toEqual({ status: 0, requests: [] });
    expect(node.said.match(/left alone/g)).toHaveLength(1);
    expect(node.metrics).toEqual(metric('up', 1));
    expect(node.metrics).toEqual(metric('stalls{window="burst"}', 0));
    expect(node.metrics).toEqual(metric('threshold{window="sustained"}', 10));
  });

  test('ends after what it says and keeps: systemd kills what a unit leaves behind', () => {
    const late = (what: string) => `sleep 0.5; printf '%s\\n' '${what}' >>"$HOME/order"`;
    const node = storm({ logger: late('said'), sync: late('kept') });

    node.afterCheck(`printf 'ended\\n' >>"$HOME/order"`, {
      ...{ RCU_WATCHDOG_BURST_STALLS: '500', RCU_WATCHDOG_SUSTAINED_STALLS: '500', RCU_WATCHDOG_CHRONIC_STALLS: '10' },
    });

    expect(node.said).toContain('only reporting');
    expect(node.said).toContain('looked at');
    const order = node.host.read('order').trimEnd().split('\n');
    expect(order.at(-1)).toBe('ended');
    expect(order).toEqual(expect.arrayContaining(['said', 'kept']));
  });

  test('does not act on one stall less than the threshold', () => {
    const node = watchdogHost();
    node.log(stalls(9, 3599));

    expect(node.check()).toMatchObject({ status: 0, requests: [] });
    expect(node.metrics).toEqual(metric('stalls{window="burst"}', 9));
    expect(node.metrics).toEqual(metric('events_total{kind="grace-period"}', 9));
  });

  test('asks for a reboot when a threshold is crossed, with what it counted on record', () => {
    const node = storm();

    const { status, requests } = node.check();

    expect(status).toBe(3);
    expect(requests[0]).toBe('systemctl reboot');
    expect(node.said).toContain(
      'path burst: 10 grace periods in 120s, expected fewer than 10; rebooting (1 of 3 in a row)',
    );
    expect(node.ledger).toMatch(new RegExp(`^1 1 ${BOOT} ${BOOT} 3(599|600)\\nboot ${BOOT} closed\\n$`));
    expect(node.host.read(`state/evidence/${BOOT}.txt`)).toContain('reason: path burst: 10 grace periods');
    expect(node.metrics).toEqual(metric('reboots_total', 1));
  });

  test('goes on where the last check ended, so that no stall counts twice', () => {
    const node = watchdogHost();
    node.log(stalls(6, 3599));
    node.check();

    expect(node.check()).toMatchObject({ status: 0, requests: [] });
    expect(node.metrics).toEqual(metric('stalls{window="burst"}', 6));
  });

  test('does not believe a kernel log that it cannot read', () => {
    const node = storm();
    rmSync(node.host.path('kmsg'));

    expect(node.check()).toMatchObject({ status: 2, requests: [] });
    expect(node.metrics).toEqual(metric('up', 0));
  });

  test.each(['proc/uptime', 'proc/sys/kernel/random/boot_id'])('does not act without %s', (file) => {
    const node = storm();
    node.host.write(file, 'rubbish\n');

    expect(node.check()).toMatchObject({ status: 2, requests: [] });
  });

  test('does not act without its detector', () => {
    const node = storm();
    rmSync(node.host.path('lib/main.awk'));

    expect(node.check()).toMatchObject({ status: 2, requests: [] });
    expect(node.said).toContain('main.awk');
  });

  test('does not act beside another one', () => {
    const node = storm();
    mkdirSync(node.host.path('run'));
    node.host.write('run/lock', '');
    const held = spawnSync('bash', [
      '-c',
      `exec 9>>'${node.host.path('run/lock')}'; flock -n 9; sleep 8 >/dev/null 2>&1 & printf '%s' $!`,
    ]);

    const outcome = node.check();

    process.kill(Number(held.stdout.toString()));
    expect(outcome).toMatchObject({ status: 2, requests: [] });
    expect(node.said).toContain('expected to be alone');
  });
});

describeWith(TOOLS, 'the budget', () => {
  test('once spent, nothing is asked for any more', () => {
    const node = storm({}, `3 7 ${EARLIER_BOOT} ${EARLIER_BOOT} 4000\nboot ${EARLIER_BOOT} closed\n`);

    expect(node.check()).toMatchObject({ status: 0, requests: [] });
    expect(node.said).toContain('only reporting');
    expect(node.metrics).toEqual(metric('budget_remaining', 0));
  });

  test('a boot asks once', () => {
    const node = storm({}, `1 1 ${BOOT} ${BOOT} 3000\nboot ${BOOT} closed\n`);

    expect(node.check()).toMatchObject({ status: 0, requests: [] });
    expect(node.ledger).toContain('1 1 ');
  });

  test.each([
    '',
    'rubbish\n',
    '1 2\n',
    `-1 0 ${BOOT} ${BOOT} 0\n`,
    `0 0 - - 0\nboot of mine\n`,
    `0 0 a[$(touch$IFS/tmp/x)] - 0\n`,
  ])('counts as spent when the ledger reads %j', (ledger) => {
    const node = storm({}, ledger);

    expect(node.check()).toMatchObject({ status: 0, requests: [] });
    expect(node.said).toContain('the budget counts as spent');
  });

  test('takes the ledger of a program that knew no second line', () => {
    const node = storm({}, `1 4 ${EARLIER_BOOT} ${EARLIER_BOOT} 900\n`);

    expect(node.check().status).toBe(3);
    expect(node.ledger).toMatch(new RegExp(`^2 5 ${BOOT} ${BOOT} 3(599|600)\\nboot ${BOOT} closed\\n$`));
  });

  test('comes back after long enough without a crossing; the counter does not go back', () => {
    const node = watchdogHost();
    node.host.write('state/ledger', `3 9 ${EARLIER_BOOT} ${EARLIER_BOOT} 0\n`);

    node.check({ RCU_WATCHDOG_HEALTHY_SECONDS: '3000' });

    expect(node.ledger).toBe(`0 9 ${EARLIER_BOOT} ${EARLIER_BOOT} 0\nboot ${BOOT} closed\n`);
    expect(node.said).toContain('the budget is whole again');
  });

  test('a boot that was left open counts as a reboot, once', () => {
    const node = watchdogHost();
    node.host.write('state/ledger', `1 4 - - 0\nboot ${EARLIER_BOOT} open\n`);

    node.check();
    node.check();

    expect(node.ledger).toBe(`2 4 - - 0\nboot ${BOOT} closed\n`);
  });

  test('an open boot that is on record as rebooted does not count again', () => {
    const node = watchdogHost();
    node.host.write('state/ledger', `1 4 ${EARLIER_BOOT} ${EARLIER_BOOT} 2000\nboot ${EARLIER_BOOT} open\n`);

    node.check();

    expect(node.ledger).toContain('1 4 ');
  });

  test('a quiet check after a quiet check writes nothing to the disk', () => {
    const node = watchdogHost();
    node.check();
    utimesSync(node.host.path('state/ledger'), 1, 1);

    node.check();

    expect(node.host.has('state/ledger.new')).toBe(false);
    expect(spawnSync('stat', ['-c', '%Y', node.host.path('state/ledger')]).stdout.toString()).toBe('1\n');
  });
});

describeWith(TOOLS, 'a disk that fails', () => {
  test('keeps a check from acting where the ledger cannot be written', () => {
    const node = storm();
    node.host.write('state', 'a file where the folder should be');

    expect(node.check()).toMatchObject({ requests: [] });
    expect(node.said).toContain('only reporting');
    expect(node.metrics).toEqual(metric('held', 1));
  });

  test('keeps it from acting where the ledger hangs when it is read', () => {
    const node = storm();
    mkdirSync(node.host.path('state'));
    spawnSync('mkfifo', [node.host.path('state/ledger')]);

    expect(node.check()).toMatchObject({ requests: [] });
    expect(node.said).toContain('held: the ledger');
  });

  test('keeps it from acting where the ledger hangs when it is written', () => {
    const node = storm({ sync: 'exec sleep 4' });

    expect(node.check()).toMatchObject({ requests: [] });
  });

  test('does not hold up the reboot by more than two seconds where the evidence hangs', () => {
    const node = storm({
      head: `[[ $* != *evidence.txt ]] || { /bin/sleep 4; printf 'the evidence came\\n' >>"$HOME/calls"; }`,
    });

    expect(node.check().status).toBe(3);
    expect(node.calls.indexOf('systemctl reboot')).toBeGreaterThan(-1);
    expect(node.calls.indexOf('the evidence came')).toBeGreaterThan(node.calls.indexOf('systemctl reboot'));
    expect(node.said).toContain('evidence is not on the disk yet');
  });

  test('does not keep metrics from anybody: without their folder there are none', () => {
    const node = storm();
    node.host.write('textfile', 'a file');

    expect(node.check().status).toBe(3);
  });

  test('a missing logger keeps nothing from being said or done', () => {
    const node = storm({ logger: 'exit 1' });

    const { status, stderr } = node.check();

    expect(status).toBe(3);
    expect(stderr).toContain('rebooting (1 of 3 in a row)');
  });
});

describeWith(TOOLS, 'the way down', () => {
  test('is orderly first, then forced, then by sysrq', () => {
    const node = storm();

    expect(node.check()).toMatchObject({ status: 3, requests: ['systemctl reboot', 'systemctl reboot --force'] });
    expect(node.host.read('proc/sysrq-trigger')).toBe('sub');
  });

  test('goes on where systemctl fails or hangs', () => {
    for (const systemctl of ['exit 1', 'exec sleep 3']) {
      const node = storm({ systemctl });

      expect(node.check().status).toBe(3);
      expect(node.host.read('proc/sysrq-trigger')).toBe('sub');
      expect(node.requests).toHaveLength(2);
    }
  });

  test('a check that finds a reboot under way does not ask again, but sees to its end', () => {
    const node = storm();
    mkdirSync(node.host.path('run'));
    node.host.write('run/asked', `${BOOT} forced 100 burst\n`);

    expect(node.check()).toMatchObject({ status: 3, requests: [] });
    expect(node.host.read('proc/sysrq-trigger')).toBe('sub');
  });

  test('a note of a reboot that makes no sense is a reboot that was asked for', () => {
    const node = storm();
    mkdirSync(node.host.path('run'));
    node.host.write('run/asked', '');

    expect(node.check().requests).not.toContain('systemctl reboot');
  });

  test('a note of an earlier boot is none', () => {
    const node = storm();
    mkdirSync(node.host.path('run'));
    node.host.write('run/asked', `${EARLIER_BOOT} reset 100 burst\n`);

    expect(node.check().requests[0]).toBe('systemctl reboot');
  });
});

describeWith(TOOLS, 'the evidence', () => {
  test('is on the disk before the first reboot is asked for', () => {
    const node = storm({ systemctl: `[[ -s $HOME/state/evidence/${BOOT}.txt ]] && printf 'kept\\n' >>"$HOME/seen"` });

    node.check();

    expect(node.host.read('seen')).toContain('kept\n');
  });

  test('tells what was counted, what blocks, memory and the end of the kernel log', () => {
    const node = storm();
    node.host.write('proc/77/stat', '77 (runc:[2:INIT]) D 1 77 77 0 -1 4194560\n');
    node.host.write('proc/77/stack', '[<0>] synchronize_rcu_expedited+0x1\n');
    node.host.write('proc/78/stat', '78 (D sleeper) S 1 78 78 0 -1 4194560\n');

    node.check();

    const report = node.host.read(`state/evidence/${BOOT}.txt`);
    expect(report).toContain('77 (runc:[2:INIT]) D');
    expect(report).toContain('synchronize_rcu_expedited');
    expect(report).not.toContain('D sleeper');
    expect(report).toContain('MemTotal: 8000000 kB');
    expect(report).toContain('a line');
  });

  test('has a bound, within which the newest lines of the kernel log are kept', () => {
    const node = storm({
      dmesg: `printf -v text '%08000d' 0; for ((i = 0; i < 100; i++)); do printf '%s %s\\n' "$text" "$i"; done`,
    });
    for (let task = 100; task < 1500; task++)
      node.host.write(`proc/${task}/stat`, `${task} (nfs) D 1 ${'4194560 '.repeat(20)}\n`);

    node.check();

    const report = node.host.read(`state/evidence/${BOOT}.txt`);
    expect(report.length).toBeLessThanOrEqual(262_144);
    expect(report.length).toBeGreaterThan(100_000);
    expect(report).toContain('0 99\n');
  });

  test('of five boots is kept, and nothing else in the folder is touched', () => {
    const node = storm();
    for (let index = 0; index < 6; index++) {
      const name = `state/evidence/${index}${BOOT.slice(1)}.txt`;
      node.host.write(name, 'old');
      utimesSync(node.host.path(name), 1000 + index, 1000 + index);
    }
    node.host.write('state/evidence/notes of mine.txt', 'keep');
    utimesSync(node.host.path('state/evidence/notes of mine.txt'), 1, 1);

    node.check();

    const kept = readdirSync(node.host.path('state/evidence'));
    expect(kept).toContain('notes of mine.txt');
    expect(kept).toContain(`${BOOT}.txt`);
    expect(kept).not.toContain(`0${BOOT.slice(1)}.txt`);
    expect(kept).toHaveLength(6);
  });
});

describeWith(TOOLS, 'what the metrics say of the evidence', () => {
  test('none was written yet, which is not the same as none that can be listed', () => {
    const quiet = watchdogHost();
    const blind = watchdogHost({ stat: 'exit 1' });
    blind.host.write(`state/evidence/${EARLIER_BOOT}.txt`, 'reason: path chronic: a leak\n');

    quiet.check();
    blind.check();

    expect(quiet.metrics).toEqual(metric('evidence_files', 0));
    expect(blind.metrics).toEqual(metric('up', 1));
    expect(blind.metrics).not.toContain('evidence');
  });

  test('of which boot each report is, which path it tells of and when it was written', () => {
    const node = storm();
    for (const [boot, text] of [
      [EARLIER_BOOT, 'reason: path black-hole: dark for 300s\n'],
      [`0${EARLIER_BOOT.slice(1)}`, ''],
    ]) {
      node.host.write(`state/evidence/${boot}.txt`, text ?? '');
      utimesSync(node.host.path(`state/evidence/${boot}.txt`), 1234, 1234);
    }
    node.host.write('state/evidence/notes of mine.txt', 'reason: path burst: mine\n');

    node.check();

    const written = (boot: string, path: string) => `evidence_timestamp_seconds{boot="${boot}",path="${path}"}`;
    expect(node.metrics).toEqual(metric('evidence_files', 3));
    expect(node.metrics).toEqual(metric(written(EARLIER_BOOT, 'black-hole'), 1234));
    expect(node.metrics).toEqual(metric(written(`0${EARLIER_BOOT.slice(1)}`, 'unknown'), 1234));
    expect(node.metrics).toMatch(
      new RegExp(`^selfheal_watchdog_evidence_timestamp_seconds.boot="${BOOT}",path="burst". \\d{10}$`, 'm'),
    );
  });
});

describeWith(TOOLS, 'the maintenance window', () => {
  const chronic = {
    RCU_WATCHDOG_BURST_STALLS: '500',
    RCU_WATCHDOG_SUSTAINED_STALLS: '500',
    RCU_WATCHDOG_CHRONIC_STALLS: '10',
    RCU_WATCHDOG_CHRONIC_ACTION: 'window',
  };
  const always = { ...chronic, RCU_WATCHDOG_CHRONIC_WINDOW: '12:00-11:59', TZ: 'UTC' };

  test('is not believed in by a clock that is not known to be right', () => {
    const node = storm({ timedatectl: `printf 'no\\n'` });

    expect(node.check(always)).toMatchObject({ requests: [] });
    expect(node.said).toContain('not known to be synchronised');
  });

  test('is waited for', () => {
    const node = storm();
    node.host.write('synchronized', '');

    // One minute long, and not now.
    const hour = (new Date().getUTCHours() + 12) % 24;
    const window = `${String(hour).padStart(2, '0')}:00-${String(hour).padStart(2, '0')}:01`;
    expect(node.check({ ...chronic, RCU_WATCHDOG_CHRONIC_WINDOW: window, TZ: 'UTC' })).toMatchObject({ requests: [] });
    expect(node.said).toContain(`not within the maintenance window ${window}`);
  });

  test('lets a planned reboot go, also over midnight', () => {
    const node = storm();
    node.host.write('synchronized', '');

    expect(node.check(always).requests[0]).toBe('systemctl reboot');
  });
});

describe('settings', () => {
  const wrong = {
    RCU_WATCHDOG_BURST_STALLS: '0',
    RCU_WATCHDOG_BURST_SECONDS: '2min',
    RCU_WATCHDOG_SUSTAINED_STALLS: '-1',
    RCU_WATCHDOG_SUSTAINED_SECONDS: '1e3',
    RCU_WATCHDOG_STUCK_SECONDS: '',
    RCU_WATCHDOG_GRACE_SECONDS: 'a[$(touch pwned)]',
    RCU_WATCHDOG_MAX_REBOOTS: '010',
    RCU_WATCHDOG_HEALTHY_SECONDS: ' 5',
    RCU_WATCHDOG_CHRONIC_ACTION: 'reboot',
    RCU_WATCHDOG_CHRONIC_WINDOW: '2-4',
    RCU_WATCHDOG_PEER_PORT: 'http',
    RCU_WATCHDOG_STATE_FOLDER: 'state',
    RCU_WATCHDOG_TEXTFILE_FOLDER: '/',
  };

  test.each(['check', 'run', 'status'])(
    'that are wrong are all named at once by %s, and nothing is done',
    (command) => {
      const node = storm();

      const { status, stderr } = node.once(command, { ...wrong, RCU_WATCHDOG_STUCK_SECONDS: 'x' });

      expect(status).toBe(1);
      for (const name of Object.keys(wrong)) expect(stderr).toContain(`setting '${name}': expected`);
      expect(node.requests).toEqual([]);
      expect(node.host.has('run')).toBe(false);
    },
  );

  test('that are not in the environment come from the file that the service gets', () => {
    const node = watchdogHost();
    node.log(stalls(4, 3599));
    node.host.write(
      'rcu-watchdog.env',
      'RCU_WATCHDOG_BURST_STALLS=4\nRCU_WATCHDOG_MAX_REBOOTS=2\nRCU_WATCHDOG_GRACE_SECONDS=9999\n',
    );

    expect(node.check().status).toBe(3);
    expect(node.said).toContain('rebooting (1 of 2 in a row)');
  });

  test('ask for a window where it is to be waited for', () => {
    const { status, stderr } = storm().once('check', { RCU_WATCHDOG_CHRONIC_ACTION: 'window' });

    expect(status).toBe(1);
    expect(stderr).toContain('RCU_WATCHDOG_CHRONIC_WINDOW');
  });

  test.each([[''], ['start'], ['--help']])('a command that it does not know, %j, is refused', (command) => {
    const { status, stderr } = storm().once(command);

    expect(status).toBe(1);
    expect(stderr).toContain('expected run, check or status');
  });
});
