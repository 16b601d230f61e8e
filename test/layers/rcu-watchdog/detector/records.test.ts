import { expect, test } from 'vitest';
import { describeInEveryAwk, detect, kernelLog } from './detector.js';

/** Text of one record, or of several that follow each other; reports, grace periods, unparsed; their keys. */
type Case = readonly [title: string, texts: string | readonly string[], counts: string, keys?: readonly string[]];

const EXPEDITED = 'INFO: rcu_preempt detected expedited stalls on CPUs/tasks: {';
const CASES: readonly Case[] = [
  [
    'expedited, 6.1 and later',
    'rcu: INFO: rcu_preempt detected expedited stalls on CPUs/tasks: { 3-...D } 21 jiffies s: 481 root: 0x8/.',
    '1 1 0',
    ['expedited:rcu_preempt:481'],
  ],
  [
    'expedited, 4.19 to 5.18: three flags',
    `rcu: ${EXPEDITED} 3-... P392 } 5284 jiffies s: 77 root: 0x1/T`,
    '1 1 0',
    ['expedited:rcu_preempt:77'],
  ],
  ['expedited without prefix', `${EXPEDITED} P392 } 21 jiffies s: 5 root: 0x0/T`, '1 1 0', ['expedited:rcu_preempt:5']],
  [
    'expedited of rcu_sched',
    'rcu: INFO: rcu_sched detected expedited stalls on CPUs/tasks: { 0-... } 6540 jiffies s: 9 root: 0x1/.',
    '1 1 0',
    ['expedited:rcu_sched:9'],
  ],
  [
    'expedited, split into three records',
    [`rcu: ${EXPEDITED}`, ' 3-...D', ' P392', ' } 21 jiffies s: 481 root: 0x8/.'],
    '1 1 0',
    ['expedited:rcu_preempt:481'],
  ],
  ['expedited, cut off before its number', `rcu: ${EXPEDITED} 3-...D P3`, '1 1 0', ['expedited:rcu_preempt:?']],
  [
    'two expedited headers cut off',
    [`rcu: ${EXPEDITED} 3-...D P3`, `rcu: ${EXPEDITED} 3-...D P3`],
    '2 2 0',
    ['expedited:rcu_preempt:?', 'expedited:rcu_preempt:?'],
  ],
  [
    'normal, 6.12 and later: prefix and CPUs before the end',
    [
      'rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:',
      'rcu: \\x090-...!: (1 GPs behind) idle=6b4c/0/0x1 softirq=4200/4201 fqs=5 (false positive?)',
      'rcu: \\x09(detected by 2, t=5252 jiffies, g=1013, q=97 ncpus=4)',
    ],
    '1 1 0',
    ['normal:rcu_preempt:1013'],
  ],
  [
    'normal, 5.10: no prefix at the end, no ncpus',
    ['rcu: INFO: rcu_sched detected stalls on CPUs/tasks:', '\\x09(detected by 2, t=5252 jiffies, g=-1139, q=42)'],
    '1 1 0',
    ['normal:rcu_sched:-1139'],
  ],
  [
    'normal, older than 4.19: flavour rcu_bh, all on one line',
    'INFO: rcu_bh detected stalls on CPUs/tasks: { 1} (detected by 0, t=2102 jiffies, g=4294967, c=4294966, q=12)',
    '1 1 0',
    ['normal:rcu_bh:4294967'],
  ],
  [
    'self-detected',
    ['rcu: INFO: rcu_preempt self-detected stall on CPU', 'rcu: \\x09(t=60001 jiffies g=3357 q=2106 ncpus=4)'],
    '1 1 0',
    ['normal:rcu_preempt:3357'],
  ],
  [
    'self-detected and then detected by another: one grace period',
    [
      'rcu: INFO: rcu_preempt self-detected stall on CPU',
      'rcu: \\x09(t=5250 jiffies g=3357 q=2106 ncpus=4)',
      'rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:',
      'rcu: \\x09(detected by 0, t=21003 jiffies, g=3357, q=97 ncpus=4)',
    ],
    '2 1 0',
    ['normal:rcu_preempt:3357'],
  ],
  [
    'an expedited report within a normal one',
    [
      'rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:',
      `rcu: ${EXPEDITED} 3-...D`,
      ' } 21 jiffies s: 481 root: 0x8/.',
      'rcu: \\x09(detected by 2, t=5252 jiffies, g=481, q=97 ncpus=4)',
    ],
    '2 2 0',
    ['expedited:rcu_preempt:481', 'normal:rcu_preempt:481'],
  ],
  ['tasks', 'INFO: rcu_tasks detected stalls on tasks:', '1 1 0', ['tasks:rcu_tasks:?']],
  ['tasks trace', 'INFO: rcu_tasks_trace detected stalls on tasks:', '1 1 0', ['tasks:rcu_tasks_trace:?']],
  ['tasks trace, late', 'INFO: rcu_tasks_trace detected stalls? (Late IPI?)', '1 1 0', ['tasks:rcu_tasks_trace:?']],
  [
    'normal, full report suppressed',
    'rcu: INFO: rcu_preempt detected stall, but suppressed full report due to a stuck CSD-lock.',
    '1 1 0',
    ['normal:rcu_preempt:?'],
  ],
  [
    'expedited, full report suppressed',
    'rcu: INFO: rcu_preempt detected expedited stalls, but suppressed full report due to a stuck CSD-lock.',
    '1 1 0',
    ['expedited:rcu_preempt:?'],
  ],
  [
    'kthread starved',
    'rcu: rcu_preempt kthread starved for 5252 jiffies! g1013 f0x0 RCU_GP_WAIT_FQS(5) ->state=0x0 ->cpu=0',
    '0 0 0',
  ],
  ['kthread starved, old', 'rcu_sched kthread starved for 2102 jiffies! g4294967 f0x2 RCU_GP_WAIT_FQS(3)', '0 0 0'],
  ['kthread timer', "rcu: rcu_preempt kthread timer wakeup didn't happen for 5251 jiffies! g1013 f0x0", '0 0 0'],
  [
    'kthread without time',
    'rcu: \\x09Unless rcu_preempt kthread gets sufficient CPU time, OOM is now expected behavior.',
    '0 0 0',
  ],
  [
    'seen all',
    'rcu: All QSes seen, last rcu_preempt kthread activity 5250 (4294-4289), jiffies_till_next_fqs=1',
    '0 0 0',
  ],
  ['ended', 'rcu: INFO: Stall ended before state dump start', '0 0 0'],
  ['expedited ended', 'rcu: INFO: Expedited stall ended before state dump start', '0 0 0'],
  ['ended in backtrace', 'rcu: INFO: Stall ended during stack backtracing.', '0 0 0'],
  ['blocking nodes', 'rcu: blocking rcu_node structures (internal RCU debug): l=1:0-3:0x8/.', '0 0 0'],
  ['boot message', 'rcu: \\x09RCU CPU stall warnings timeout set to 60 (rcu_cpu_stall_timeout).', '0 0 0'],
  ['command line', 'Kernel command line: rcupdate.rcu_cpu_stall_timeout=60 rcupdate.rcu_normal=1', '0 0 0'],
  ['back trace', ' rcu_sched_clock_irq.cold+0x1a4/0x388 print_other_cpu_stall+0x2f0/0x4d0', '0 0 0'],
  ['our own log', 'rcu-stall-watchdog: 10 stalls detected by rcu in 120s', '0 0 0'],
  ['cut in its first words', 'rcu: INFO: rcu_preempt detected expedit', '0 0 1'],
  ['cut in its flavour', 'rcu: INFO: rcu_preempt self-det', '0 0 1'],
  ['new words', 'rcu: INFO: rcu_lazy noticed a stall on CPU 3', '0 0 1'],
  ['new words without INFO', 'rcu: rcu_preempt has detected 3 stalls', '0 0 1'],
  ['an end without its header', ' } 21 jiffies s: 481 root: 0x8/.', '0 0 1'],
];

/** Text, and the one counter that it raises. */
const OTHERS: readonly (readonly [text: string, counter: string | null])[] = [
  ['INFO: task kworker/0:1:123 blocked for more than 120 seconds.', 'hung-task'],
  ['INFO: task jbd2/mmcblk0p2-8:87 blocked for more than 241 seconds.', 'hung-task'],
  ['INFO: task Web Content:4711 blocked in I/O wait for more than 120 seconds.', 'hung-task'],
  ['INFO: task A:1 is blocked on a mutex likely owned by task B:2.', null],
  ['INFO: task A:1 <writer> blocked on an rw-semaphore likely owned by task B:2 <reader>', null],
  ['watchdog: BUG: soft lockup - CPU#3 stuck for 23s! [runc:[1:CHILD]:4711]', 'soft-lockup'],
  ['NMI watchdog: BUG: soft lockup - CPU#0 stuck for 22s! [kworker/0:1:42]', 'soft-lockup'],
  ['watchdog: Watchdog detected hard LOCKUP on cpu 3', 'hard-lockup'],
  ['watchdog: CPU3: Watchdog detected hard LOCKUP on cpu 3', 'hard-lockup'],
  ['nfs: server 10.0.1.10 not responding, still trying', 'nfs'],
  ['nfs: server 10.0.1.10 not responding, timed out', 'nfs'],
  ['nfs: server nas.homelab.lan timed out', 'nfs'],
  ['nfs: server 10.0.1.10 OK', null],
  ['Out of memory: Killed process 4711 (prometheus) total-vm:2097152kB, anon-rss:1048576kB', 'oom'],
  ['Memory cgroup out of memory: Killed process 12 (a (b)) total-vm:1kB, anon-rss:1kB', 'oom'],
  ['Out of memory: Kill process 4711 (java) score 905 or sacrifice child', null],
  ['Killed process 4711 (java) total-vm:2097152kB, anon-rss:1048576kB', 'oom'],
  ['oom_reaper: reaped process 4711 (prometheus), now anon-rss:0kB', null],
  ['Kernel panic - not syncing: RCU Stall', null],
  ['EXT4-fs (mmcblk0p2): mounted filesystem', null],
];
const COUNTERS = ['hung-task', 'soft-lockup', 'hard-lockup', 'nfs', 'oom'];

test('there are cases', () => {
  expect(CASES.length).toBeGreaterThan(30);
  expect(OTHERS.length).toBeGreaterThan(15);
});

describeInEveryAwk('records', (awk) => {
  test('every kind of stall text is told apart', () => {
    // One process for all: each case is a boot of its own, an hour after its start, with a tick that ends it.
    const input = CASES.flatMap(([, texts], index) => {
      const log = kernelLog();
      const records = [texts].flat().map((text, piece) => log.record(3600 + piece / 1000, text, piece ? '+' : 'c'));
      return [`!boot ${index}`, '!now 3599', ...records, '!now 3610'];
    });

    const { lines } = detect(awk, input);

    expect(byBoot(lines)).toEqual(CASES.map(([title, , counts, keys]) => ({ title, counts, keys: keys ?? [] })));
  });

  test.each(OTHERS)('%s raises %s', (text, counter) => {
    const log = kernelLog();

    const { state } = detect(awk, ['!boot a', log.record(3600, text), '!now 3610']);

    const counts = (state.counts ?? '').split(' ').map(Number);
    expect(counts.slice(0, 2), 'no stall').toEqual([0, 0]);
    expect(counts.slice(2, 7)).toEqual(COUNTERS.map((name) => (name === counter ? 1 : 0)));
    expect(counts[7], 'unparsed').toBe(0);
  });

  test('dictionary lines, empty lines and noise are skipped', () => {
    const log = kernelLog();
    const noise = [
      ' SUBSYSTEM=net',
      '',
      ';',
      '4,;INFO',
      'rcu: INFO: rcu_preempt self-detected stall on CPU',
      '!',
      '!now',
      '!now x',
    ];

    const { state } = detect(awk, ['!boot a', '!now 3600', ...noise, log.expedited(3601, 1), ...noise, '!now 3610']);

    expect(state.counts).toBe('1 1 0 0 0 0 0 0 0 1 21');
    expect(state.seq).toBe('1');
  });

  test('a record with a caller is read like any other', () => {
    const record = '6,9,3600000000,-,caller=C3;INFO: task a:1 blocked for more than 120 seconds.';

    const { state } = detect(awk, ['!boot a', record, '!now 3610']);

    expect(state.counts).toBe('0 0 1 0 0 0 0 0 0 0 0');
  });

  test('no record counts twice when the ring is read again', () => {
    const log = kernelLog();
    const ring = [log.expedited(3600, 1), log.record(3601, 'x'), ...log.normal(3602, 2)];

    const { state } = detect(awk, ['!boot a', '!now 3599', ...ring, ...ring, '!now 3610', ...ring, '!now 3620']);

    expect(state.counts).toBe('2 2 0 0 0 0 0 0 0 2 5250');
  });

  test('a gap in the numbers is counted as lost; a ring that begins late is not', () => {
    const log = kernelLog(5_000_000_000);
    const before = log.record(3600, 'x');
    log.skip(1234);

    const { state, events } = detect(awk, ['!boot a', before, log.record(3601, 'x'), '!now 3610']);

    expect(state.counts).toBe('0 0 0 0 0 0 0 0 1234 0 0');
    expect(state.seq).toBe('5000001235');
    expect(events).toContain('3601.000 lost 1234');
  });

  test('the longest stall is remembered in jiffies', () => {
    const log = kernelLog();

    const { state } = detect(awk, [
      '!boot a',
      log.expedited(3600, 1, 21),
      log.expedited(3601, 1, 22106),
      log.expedited(3602, 2, 63),
      '!now 3610',
    ]);

    expect(state.counts).toBe('3 2 0 0 0 0 0 0 0 2 22106');
    expect(state.period?.split('|')[0]).toBe('expedited:rcu_preempt:1 3600.000000 3600.000000 3601.000000 22106');
  });
});

/** What the last block of each boot counted, and the grace periods that were new in that boot. */
function byBoot(lines: readonly string[]) {
  const boots = new Map<string, { title: string; counts: string; keys: string[] }>();
  let counts = '';
  let boot = '';
  let keys: string[] = [];
  for (const line of lines) {
    const words = line.split(' ');
    if (words[0] === 'event' && words[2] === 'period') keys.push(words[3] ?? '');
    else if (line.startsWith('state boot ')) boot = words[2] ?? '';
    else if (line.startsWith('state counts ')) counts = `${words[2]} ${words[3]} ${words[9]}`;
    else if (line === 'state end') {
      boots.set(boot, {
        title: CASES[Number(boot)]?.[0] ?? '',
        counts,
        keys: [...(boots.get(boot)?.keys ?? []), ...keys],
      });
      keys = [];
    }
  }
  return [...boots.values()];
}
