import { chmodSync, mkdirSync, symlinkSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type FakeHost, fakeHost } from '../../support/fake-host.js';
import { describeWith } from '../../support/tools.js';

const SCRIPTS = new URL('../../../src/layers/rcu-watchdog/scripts/', import.meta.url).pathname;
const REAL = ['timeout', 'awk', 'mkdir', 'mv', 'sync', 'flock'];
const BOOT = '11111111-2222-3333-4444-555555555555';
const EARLIER_BOOT = '99999999-2222-3333-4444-555555555555';
const HEADER =
  'rcu: INFO: rcu_preempt detected expedited stalls on CPUs/tasks: { P392 } 21 jiffies s: 481 root: 0x0/T .';

const line = (second: number, text: string): string => `[${second.toFixed(6).padStart(12)}] ${text}\n`;
const boot = line(0, 'Booting Linux on physical CPU 0x0000000000');
const stalls = (count: number, from: number, step = 1, text = HEADER): string =>
  Array.from({ length: count }, (_, index) => line(from + index * step, text)).join('');

interface Situation {
  readonly uptime?: string;
  readonly bootId?: string;
  /** What dmesg prints; null where it fails. */
  readonly ring?: string | null;
  /** What journalctl prints; null where it fails. */
  readonly journal?: string | null;
  readonly ledger?: string;
}

/** A node one hour after boot, with a quiet kernel. The reboot program only writes down that it was called. */
function node({ uptime = '3600.12 7000.00', bootId = BOOT, ring = boot, journal = null, ledger }: Situation = {}) {
  const prints = (content: string | null) =>
    content === null
      ? 'exit 1'
      : `printf '%s' ${JSON.stringify(content).replaceAll('\\n', '\n').replaceAll('$', '\\$')}`;
  const host = fakeHost(REAL, { logger: '', systemctl: '', dmesg: prints(ring), journalctl: prints(journal) });
  host.write('proc/uptime', `${uptime}\n`);
  host.write('proc/sys/kernel/random/boot_id', `${bootId}\n`);
  host.write(
    'program/rcu-stall-reboot.sh',
    `#!${host.path('bin/bash')}\nprintf '%s\\n' "reboot $*" >>'${host.path('calls')}'\nexit 3\n`,
  );
  chmodSync(host.path('program/rcu-stall-reboot.sh'), 0o755);
  if (ledger !== undefined) host.write('state/ledger', ledger);
  return host;
}

function check(host: FakeHost, env: Readonly<Record<string, string>> = {}) {
  const program = host.path('program/rcu-stall-watchdog.sh');
  if (!host.has('program/rcu-stall-watchdog.sh')) symlinkSync(`${SCRIPTS}rcu-stall-watchdog.sh`, program);
  const { status, calls, stderr } = host.run(program, {
    RCU_WATCHDOG_STATE_FOLDER: host.path('state'),
    RCU_WATCHDOG_TEXTFILE_FOLDER: host.path('textfile'),
    RCU_WATCHDOG_PROC_FOLDER: host.path('proc'),
    ...env,
  });
  return {
    status,
    calls,
    stderr,
    reboots: calls.filter((call) => call.startsWith('reboot ')),
    logged: calls.filter((call) => call.startsWith('logger ')).join('\n'),
    metrics: host.has('textfile/selfheal_watchdog.prom') ? host.read('textfile/selfheal_watchdog.prom') : '',
  };
}

const metric = (name: string, value: number) => expect.stringMatching(new RegExp(`^${name} ${value}$`, 'm'));

describeWith(['bash', 'flock'], 'what it leaves alone', () => {
  test('does not reboot a quiet node', () => {
    const { status, reboots, logged, metrics } = check(node());

    expect(status).toBe(0);
    expect(reboots).toEqual([]);
    expect(logged).toContain('uptime=3600s burst_120s=0 sustained_900s=0: left alone');
    expect(metrics).toEqual(metric('selfheal_watchdog_up', 1));
    expect(metrics).toEqual(metric('selfheal_watchdog_reboots_total', 0));
    expect(metrics).toEqual(metric('selfheal_watchdog_stalls\\{window="burst"\\}', 0));
  });

  test('does not reboot for one stall less than the threshold', () => {
    const { status, reboots, metrics } = check(node({ ring: boot + stalls(9, 3550) }));

    expect({ status, reboots }).toEqual({ status: 0, reboots: [] });
    expect(metrics).toEqual(metric('selfheal_watchdog_stalls\\{window="sustained"\\}', 9));
  });

  test('does not look at the kernel log within the grace', () => {
    const { status, reboots, calls, logged } = check(node({ uptime: '1199.99 1.0', ring: boot + stalls(75, 1000) }));

    expect({ status, reboots }).toEqual({ status: 0, reboots: [] });
    expect(calls.filter((call) => !call.startsWith('logger'))).toEqual([]);
    expect(logged).toContain('within the start-up grace of 1200s');
  });

  test('never counts a stall from within the grace, although the window reaches back into it', () => {
    const { status, reboots } = check(
      node({ uptime: '1201.00 1.0', ring: boot + stalls(75, 1000) + stalls(9, 1200, 0.1) }),
    );

    expect({ status, reboots }).toEqual({ status: 0, reboots: [] });
  });

  test('does not count what went out of both windows', () => {
    const { status, reboots } = check(node({ ring: boot + stalls(30, 2000) }));

    expect({ status, reboots }).toEqual({ status: 0, reboots: [] });
  });

  test.each([
    'rcu: rcu_preempt kthread starved for 2301 jiffies! g12 f0x0 RCU_GP_WAIT_FQS(5) ->state=0x0 ->cpu=1',
    'rcu: INFO: Stall ended before state dump start',
    'rcu: blocking rcu_node structures (internal RCU debug):',
    'INFO: task kworker/1:2:77 blocked for more than 120 seconds.',
    'rcu:     1-...!: (0 ticks this GP) idle=36c4/1/0x4000000000000002 softirq=1/1 fqs=0',
  ])('does not count a line that is no report header: %s', (text) => {
    const { status, reboots } = check(node({ ring: boot + stalls(40, 3500, 1, text) }));

    expect({ status, reboots }).toEqual({ status: 0, reboots: [] });
  });
});

describeWith(['bash', 'flock'], 'what it reboots for', () => {
  test('path A: the burst of April 5, 30 stalls in 60 seconds', () => {
    const { status, reboots, logged, metrics } = check(node({ ring: boot + stalls(30, 3530, 2) }));

    expect(status).toBe(3);
    expect(reboots).toEqual(['reboot uptime=3600s burst_120s=30 sustained_900s=30: path A, 10 or more stalls in 120s']);
    expect(logged).toContain('daemon.crit');
    expect(metrics).toEqual(metric('selfheal_watchdog_reboots_total', 1));
    expect(metrics).toEqual(metric('selfheal_watchdog_budget_remaining', 2));
  });

  test('path B: ten stalls, one every 80 seconds', () => {
    const { status, reboots } = check(node({ ring: boot + stalls(10, 2800, 80) }));

    expect(status).toBe(3);
    expect(reboots).toEqual([expect.stringContaining('burst_120s=1 sustained_900s=10: path B')]);
  });

  test('a threshold that the settings move is the one that counts', () => {
    const ring = boot + stalls(4, 3570);

    expect(check(node({ ring }), { RCU_WATCHDOG_BURST_STALLS: '5' }).status).toBe(0);
    expect(check(node({ ring }), { RCU_WATCHDOG_BURST_STALLS: '4' }).status).toBe(3);
  });

  test.each([
    ['an expedited stall', HEADER],
    ['the same of a kernel without preemption', HEADER.replace('rcu_preempt', 'rcu_sched')],
    ['a normal stall', 'rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:'],
    ['a stall that a processor finds in itself', 'rcu: INFO: rcu_sched self-detected stall on CPU'],
    [
      'a report that was cut short',
      'rcu: INFO: rcu_preempt detected expedited stalls, but suppressed full report due to a stuck CSD-lock.',
    ],
    ['a stall of RCU tasks', 'INFO: rcu_tasks detected stalls on tasks:'],
  ])('counts %s', (_, text) => {
    expect(check(node({ ring: boot + stalls(10, 3500, 1, text) })).status).toBe(3);
  });

  test('a wall clock that jumps changes nothing, because none is asked', () => {
    const host = node({ ring: boot + stalls(10, 3550) });
    host.stub('date', `printf '0\\n'`);

    const { status, calls } = check(host);

    expect(status).toBe(3);
    expect(calls.filter((call) => call.startsWith('date') || call.includes('--since'))).toEqual([]);
  });
});

describeWith(['bash', 'flock'], 'what it cannot tell', () => {
  const unable = { status: 2, reboots: [] };

  test('leaves the node alone when no kernel log can be read', () => {
    const { status, reboots, metrics } = check(node({ ring: null, journal: null }));

    expect({ status, reboots }).toEqual(unable);
    expect(metrics).toEqual(metric('selfheal_watchdog_up', 0));
    expect(metrics).not.toContain('selfheal_watchdog_stalls');
  });

  test('leaves the node alone when the kernel log is empty', () => {
    const { status, reboots } = check(node({ ring: '', journal: '' }));

    expect({ status, reboots }).toEqual(unable);
  });

  test('leaves the node alone when a flood pushed the window out of every log', () => {
    const late = line(3500, 'a flood') + stalls(9, 3550);
    const { status, reboots, logged } = check(node({ ring: late, journal: late }));

    expect({ status, reboots }).toEqual(unable);
    expect(logged).toContain('does not reach back');
  });

  test('does not take a kernel log for whole that broke off', () => {
    const host = node({ ring: boot });
    host.stub('dmesg', `printf '[    0.000000] boot\\n'; exit 1`);

    const { status, reboots } = check(host);

    expect({ status, reboots }).toEqual(unable);
  });

  test('finds in the journal what the ring buffer lost', () => {
    const { status } = check(node({ ring: line(3500, 'a flood'), journal: boot + stalls(10, 2800, 60) }));

    expect(status).toBe(3);
  });

  test('does not ask the journal while the ring buffer holds the whole window', () => {
    const { calls } = check(node());

    expect(calls.filter((call) => call.startsWith('journalctl'))).toEqual([]);
  });

  test('acts on what it saw, even where the log does not reach back', () => {
    expect(check(node({ ring: stalls(10, 3550), journal: null })).status).toBe(3);
  });

  test.each(['', 'soon', '-5.0'])('leaves the node alone when the uptime reads %j', (uptime) => {
    const { status, reboots } = check(node({ uptime, ring: boot + stalls(10, 3550) }));

    expect({ status, reboots }).toEqual(unable);
  });

  test.each(['', 'unknown'])('leaves the node alone when the boot id reads %j', (bootId) => {
    const { status, reboots } = check(node({ bootId, ring: boot + stalls(10, 3550) }));

    expect({ status, reboots }).toEqual(unable);
  });

  test('leaves the node alone when the reboot could not be put on record', () => {
    const host = node({ ring: boot + stalls(10, 3550) });
    mkdirSync(host.path('state/ledger.new'), { recursive: true });

    const { status, reboots, metrics } = check(host);

    expect({ status, reboots }).toEqual(unable);
    expect(metrics).toEqual(metric('selfheal_watchdog_reboots_total', 0));
  });

  test('leaves the node alone when its state folder is none', () => {
    const host = node({ ring: boot + stalls(10, 3550) });
    host.write('state', 'a file');

    const { status, reboots } = check(host);

    expect({ status, reboots }).toEqual(unable);
  });

  test('keeps the counter of reboots while it cannot tell', () => {
    const { metrics } = check(node({ ring: null, ledger: `1 7 ${EARLIER_BOOT} ${EARLIER_BOOT} 0\n` }));

    expect(metrics).toEqual(metric('selfheal_watchdog_reboots_total', 7));
  });

  test('does not reboot without the program that keeps the evidence', () => {
    const host = node({ ring: boot + stalls(10, 3550) });
    chmodSync(host.path('program/rcu-stall-reboot.sh'), 0o644);

    const { status, reboots } = check(host);

    expect({ status, reboots }).toEqual(unable);
    expect(host.has('state/ledger')).toBe(false);
  });
});

describeWith(['bash', 'flock'], 'the budget', () => {
  const storm = boot + stalls(30, 3530, 2);

  test('is never spent twice in one boot', () => {
    const host = node({ ring: storm });

    const first = check(host);
    const second = check(host);

    expect(first.reboots).toHaveLength(1);
    expect(second).toMatchObject({ status: 0, reboots: [] });
    expect(second.logged).toContain('already asked for in this boot');
    expect(second.metrics).toEqual(metric('selfheal_watchdog_reboots_total', 1));
  });

  test('bounds the reboots over boots in a row; after that it only reports', () => {
    const host = node({ ring: storm });

    const statuses = [1, 2, 3, 4, 5].map((attempt) => {
      host.write('proc/sys/kernel/random/boot_id', `${attempt}${BOOT.slice(1)}\n`);
      return check(host).status;
    });
    const last = check(host);

    expect(statuses).toEqual([3, 3, 3, 0, 0]);
    expect(last.logged).toContain('daemon.crit');
    expect(last.logged).toContain('3 reboots in a row did not help, only reporting');
    expect(last.metrics).toEqual(metric('selfheal_watchdog_budget_remaining', 0));
    expect(last.metrics).toEqual(metric('selfheal_watchdog_reboots_total', 3));
  });

  test('is on record before the node goes down', () => {
    const host = node({ ring: storm });

    check(host);

    expect(host.read('state/ledger')).toBe(`1 1 ${BOOT} ${BOOT} 3600\n`);
  });

  test('stays spent until the node has been well for long enough', () => {
    const host = node({ uptime: '21599.9 1.0', ledger: `3 9 ${EARLIER_BOOT} ${EARLIER_BOOT} 0\n` });

    const { metrics } = check(host);

    expect(metrics).toEqual(metric('selfheal_watchdog_budget_remaining', 0));
  });

  test('comes back after that; the counter does not go back', () => {
    const host = node({ uptime: '21600.0 1.0', ledger: `3 9 ${EARLIER_BOOT} ${EARLIER_BOOT} 0\n` });

    const { metrics } = check(host);

    expect(metrics).toEqual(metric('selfheal_watchdog_budget_remaining', 3));
    expect(metrics).toEqual(metric('selfheal_watchdog_reboots_total', 9));
    expect(host.read('state/ledger')).toBe(`0 9 ${EARLIER_BOOT} ${EARLIER_BOOT} 0\n`);
  });

  test('a crossing in this boot starts the time of being well again', () => {
    const host = node({ uptime: '30000.0 1.0', ledger: `3 9 ${EARLIER_BOOT} ${BOOT} 20000\n` });

    const { metrics } = check(host);

    expect(metrics).toEqual(metric('selfheal_watchdog_budget_remaining', 0));
  });

  test.each(['', 'rubbish\n', '1 2\n', `-1 0 ${BOOT} ${BOOT} 0\n`])(
    'counts as spent when the ledger reads %j',
    (ledger) => {
      const { status, reboots, logged } = check(node({ ring: storm, ledger }));

      expect({ status, reboots }).toEqual({ status: 0, reboots: [] });
      expect(logged).toContain('only reporting');
    },
  );

  test('a quiet check after a quiet check writes nothing to the disk', () => {
    const host = node({ ledger: `0 2 ${EARLIER_BOOT} ${EARLIER_BOOT} 0\n` });

    check(host);

    expect(host.read('state/ledger')).toBe(`0 2 ${EARLIER_BOOT} ${EARLIER_BOOT} 0\n`);
    expect(host.has('state/ledger.new')).toBe(false);
  });
});

describeWith(['bash', 'flock'], 'settings and surroundings', () => {
  test.each([
    ['RCU_WATCHDOG_BURST_STALLS', '0'],
    ['RCU_WATCHDOG_BURST_SECONDS', '2min'],
    ['RCU_WATCHDOG_SUSTAINED_STALLS', '-1'],
    ['RCU_WATCHDOG_SUSTAINED_SECONDS', '1e3'],
    ['RCU_WATCHDOG_GRACE_SECONDS', 'a[$(touch pwned)]'],
    ['RCU_WATCHDOG_MAX_REBOOTS', '010'],
    ['RCU_WATCHDOG_HEALTHY_SECONDS', ' 5'],
    ['RCU_WATCHDOG_STATE_FOLDER', 'state'],
    ['RCU_WATCHDOG_TEXTFILE_FOLDER', '/'],
  ])('does not work with %s=%s', (name, value) => {
    const { status, reboots, logged } = check(node({ ring: boot + stalls(30, 3530) }), { [name]: value });

    expect({ status, reboots }).toEqual({ status: 1, reboots: [] });
    expect(logged).toContain(`setting '${name}': expected`);
    expect(logged).toContain(`got '${value}'`);
  });

  test('reboots without a folder for metrics and without a logger', () => {
    const host = node({ ring: boot + stalls(30, 3530) });
    host.write('textfile', 'a file');
    host.stub('logger', 'exit 1');

    const { status, reboots, stderr } = check(host);

    expect(status).toBe(3);
    expect(reboots).toHaveLength(1);
    expect(stderr).toContain('rebooting (1 of 3 in a row)');
  });

  test('logs one decision', () => {
    const { calls } = check(node());

    expect(calls.filter((call) => call.startsWith('logger'))).toHaveLength(1);
  });
});
