import { expect, test } from 'vitest';
import { type Answer, describeInEveryAwk, detect, kernelLog, type Settings, stalls } from './detector.js';

/** The same numbers on every machine; a failure names its seed. */
function random(seed: number) {
  let state = seed;
  const next = () => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return state / 2147483648;
  };
  return { next, below: (limit: number) => Math.floor(next() * limit) };
}

/** Half an hour of a node's life from before the end of its grace on: quiet hours, bursts, ends, split and cut records, looks. */
function life(seed: number): readonly string[] {
  const { next, below } = random(seed);
  const log = kernelLog(below(1000));
  const lines: string[] = [];
  let at = 1100 + next();
  let tick = Math.ceil(at / 10) * 10;
  let number = 1;
  let rate = 30;
  while (at < 2200) {
    at += next() * rate;
    for (; tick <= at; tick += 10) {
      if (tick % 60 === 0) lines.push(look(tick, below(10)));
      lines.push(`!now ${tick}`);
    }
    if (below(40) === 0) rate = [1, 5, 30, 60][below(4)] ?? 30;
    const kind = below(12);
    if (below(3) > 0) number++;
    if (kind < 4) lines.push(log.expedited(at, number));
    else if (kind === 4) lines.push(...log.normal(at, number));
    else if (kind === 5)
      lines.push(log.record(at, 'rcu: INFO: rcu_preempt detected expedited stalls on CPUs/tasks: {', 'c'));
    else if (kind === 6) lines.push(log.record(at, ` } 21 jiffies s: ${number} root: 0x8/.`, '+'));
    else if (kind === 7) lines.push(log.record(at, 'INFO: task a:1 blocked for more than 120 seconds.'));
    else if (kind === 8) lines.push(log.record(at, 'INFO: rcu_tasks detected stalls on tasks:'));
    else if (kind === 9) log.skip(below(3));
    else lines.push(log.record(at, 'IPv6: ADDRCONF(NETDEV_CHANGE): veth0: link becomes ready'));
  }
  return [...lines, `!now ${tick}`];
}

function look(at: number, dice: number): string {
  const words = ['gateway=yes peers=1/2', 'gateway=no peers=?', 'gateway=no peers=0/2'];
  return `!net ${at} ${words[Math.min(dice, 2)]} api=- link=up local=yes frames=${dice === 5 ? 0 : 7}`;
}

const isRecord = (line: string) => /^\d/.test(line);
const stamp = (line: string) => (isRecord(line) ? Number(line.split(',')[2]) / 1e6 : Number(line.split(' ')[1]));
const resumed = (answer: Answer) => answer.block.map((line) => line.replace(/^state /, '!resume '));

/** The ways in which a life is judged: with the defaults, the budget spent, with all paths busy, and as v3 counts. */
const POLICIES: readonly Settings[] = [
  {},
  { max_reboots: 0, hz: 250, normal_timeout: 21, expedited_timeout: 21, healthy_seconds: 300 },
  {
    max_reboots: -1,
    chronic_stalls: 20,
    chronic_seconds: 600,
    burst_stalls: 3,
    stuck_seconds: 20,
    healthy_seconds: 200,
  },
  { count: 'lines', sources: 'expedited', grace_clips: 0, max_reboots: 0, healthy_seconds: 200 },
];
const LIVES = Number(process.env.SELFHEAL_LIVES ?? 12);
const CUTS = 3;

describeInEveryAwk('state', (awk) => {
  test('a detector that was killed anywhere goes on as if nothing had happened', () => {
    // The hosts have mawk; in the others the policies once each.
    const lives = awk === 'mawk' ? LIVES : POLICIES.length;
    let decided = 0;
    for (let seed = 1; seed <= lives; seed++) {
      const lines = life(seed);
      const policy = { auto: 1, events: 0, ...POLICIES[seed % POLICIES.length] };
      const { below } = random(seed * 7919);
      for (let cut = 1 + below(lines.length), cuts = 0; cuts < CUTS; cuts++, cut = 1 + below(lines.length)) {
        const before = lines.slice(0, cut);
        const after = lines.slice(cut);
        const now = `!now ${Math.max(...before.map(stamp))}`;
        const start = ['!boot a', '!ledger 0 0 - - 0'];

        const whole = detect(awk, [...start, '!now 1100', ...before, now, ...after], policy);
        const killed = detect(awk, [...start, '!now 1100', ...before], policy);
        const ledger = `!ledger ${killed.state.ledger ?? '0 0 - - 0'}`;
        const ring = before.filter(isRecord);
        const restarted = detect(awk, ['!boot a', ledger, ...resumed(killed), ...ring, now, ...after], policy);

        const where = `seed ${seed}, cut at line ${cut} of ${lines.length}`;
        expect([...killed.decisions, ...restarted.decisions], where).toEqual(whole.decisions);
        expect(restarted.block, where).toEqual(whole.block);
        decided += whole.decisions.length;
      }
    }

    expect(decided, 'the lives were not too quiet to tell').toBeGreaterThan(lives);
  });

  test('killed before its first block it reads the ring as history, and decides what still holds', () => {
    const ring = stalls(kernelLog(), 10, 3600, 1);
    const settings = { auto: 1, sustained_stalls: 0 };

    const { decisions, state } = detect(awk, ['!boot a', ...ring, '!now 3610'], settings);

    expect(decisions).toHaveLength(1);
    expect(state.counts).toBe('10 10 0 0 0 0 0 0 0 10 21');
  });

  test('records that the ring lost while nobody read are counted as lost', () => {
    const log = kernelLog();
    const before = detect(awk, ['!boot a', '!now 0', log.expedited(3600, 1), '!now 3610']);
    log.skip(500);

    const { state } = detect(awk, ['!boot a', ...resumed(before), log.expedited(3700, 2), '!now 3710']);

    expect(state.counts).toBe('2 2 0 0 0 0 0 0 500 2 21');
  });

  test.each([
    ['another boot', '!boot b', {}],
    ['another grace', '!boot a', { grace_seconds: 600 }],
    ['other sources', '!boot a', { sources: 'expedited' }],
    ['another way to count', '!boot a', { count: 'lines' }],
    ['other clipping', '!boot a', { grace_clips: 0 }],
  ])('a block of %s is left unused', (_, boot, settings) => {
    const log = kernelLog();
    const before = detect(awk, ['!boot a', '!now 0', ...stalls(log, 5, 3600, 1), '!now 3610']);

    const { state } = detect(awk, [boot, ...resumed(before), '!now 3620'], settings);

    expect(before.state.counts).toBe('5 5 0 0 0 0 0 0 0 5 21');
    expect(state.counts).toBe('0 0 0 0 0 0 0 0 0 0 0');
    expect(state.entries).toBeUndefined();
    expect(state.seq).toBe('-');
  });

  test('thresholds may change over a restart', () => {
    const log = kernelLog();
    const before = detect(awk, ['!boot a', '!now 0', ...stalls(log, 5, 3600, 1), '!now 3610']);

    const { decisions } = detect(awk, ['!boot a', ...resumed(before), '!now 3620'], { burst_stalls: 5 });

    expect(decisions).toHaveLength(1);
  });

  test('a quiet tick is answered with one line', () => {
    const ticks = Array.from({ length: 50 }, (_, index) => `!now ${3600 + index * 10}`);

    const { lines } = detect(awk, ['!boot a', ...ticks], { events: 0 });

    expect(lines.filter((line) => line === 'state end')).toHaveLength(1);
    expect(lines.filter((line) => !line.startsWith('state '))).toEqual(ticks.map((line) => line.replace('!now', 'ok')));
  });

  test('keys come in the order of the contract', () => {
    const log = kernelLog();
    const records = [
      ...stalls(log, 21, 3600, 0.1),
      log.record(3605, 'rcu: INFO: rcu_preempt self-detected stall on CPU'),
    ];

    const { block } = detect(awk, ['!boot a', ...records, '!now 3606']);

    expect([...new Set(block.map((line) => line.split(' ')[1]))]).toEqual(
      'settings boot calibrated seq clock counts window ledger holds held stuck net pending period entries'.split(' '),
    );
    expect(block.filter((line) => line.startsWith('state entries'))).toHaveLength(2);
    expect(block.find((line) => line.startsWith('state pending'))).toBe('state pending n rcu_preempt 3605.000000 self');
  });

  test('large numbers and weeks of uptime survive to the last digit', () => {
    const log = kernelLog(9_007_199_254_000);
    const record = log.expedited(7_776_000.123457, 4_294_967_295);

    const before = detect(awk, ['!boot a', '!now 7776000', record, '!now 7776010']);
    const after = detect(awk, [
      '!boot a',
      `!ledger ${before.state.ledger}`,
      ...resumed(before),
      record,
      '!now 7776010',
    ]);

    expect(before.state).toMatchObject({ seq: '9007199254000', entries: '7776000.123457e' });
    expect(after.block).toEqual(before.block);
  });
});
