import { expect, test } from 'vitest';
import { brief, describeInEveryAwk, detect, kernelLog, type Settings, stalls } from './detector.js';

const START = ['!boot a', '!now 0'];
const V1: Settings = {
  count: 'lines',
  sources: 'expedited',
  decide: 'tick',
  grace_seconds: 900,
  grace_clips: 0,
  burst_stalls: 0,
  sustained_stalls: 3,
  sustained_seconds: 600,
  stuck_seconds: 0,
  chronic_stalls: 0,
  black_hole_seconds: 0,
  max_reboots: -1,
};
const V3: Settings = { ...V1, grace_seconds: 1200, burst_stalls: 10, sustained_stalls: 10, sustained_seconds: 900 };
const CALIBRATED: Settings = { hz: 250, normal_timeout: 21, expedited_timeout: 0.02 };
const ticks = (from: number, to: number, step: number) =>
  Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, index) => `!now ${from + index * step}`);

/** Input lines in the order of their time; ticks after the records of the same moment. */
function inOrder(...lines: readonly string[]) {
  const time = (line: string) => (line.startsWith('!') ? Number(line.split(' ')[1]) : Number(line.split(',')[2]) / 1e6);
  return [...lines].sort((one, other) => time(one) - time(other) || Number(one[0] === '!') - Number(other[0] === '!'));
}

describeInEveryAwk('paths', (awk) => {
  const decisions = (input: readonly string[], settings: Settings = {}) =>
    detect(awk, [...START, ...input], { auto: 1, states: 0, ...settings }).decisions.map(brief);

  test('nine grace periods in two minutes do nothing, the tenth decides with its own record', () => {
    expect(decisions(stalls(kernelLog(), 9, 3600, 10))).toEqual([]);
    expect(decisions(stalls(kernelLog(), 12, 3600, 10))).toEqual(['reboot burst 10 3690.000']);
  });

  test('a window holds its first second and nothing older', () => {
    const burst = { sustained_stalls: 0 };

    for (const from of [3600.1, 3600.3, 65535.7, 1209600.9, 7776000.123457])
      expect(decisions(stalls(kernelLog(), 10, from, 120 / 9), burst), `from ${from}`).toHaveLength(1);
    expect(decisions(stalls(kernelLog(), 40, 3600.1, 120.001 / 9), burst)).toEqual([]);
    // In binary, 4102.716051 - 120 is a little more than 3982.716051.
    const log = kernelLog();
    const edge = [log.expedited(3982.716051, 1), ...stalls(log, 9, 4102.716051, 0, 2)];
    expect(decisions(edge, burst)).toHaveLength(1);
  });

  test('ten in fifteen minutes cross the sustained path', () => {
    expect(decisions(stalls(kernelLog(), 10, 3600, 100))).toEqual(['reboot sustained 10 4500.000']);
    expect(decisions(stalls(kernelLog(), 40, 3600, 101))).toEqual([]);
  });

  test('one stall that prints thirty headers is one grace period', () => {
    const log = kernelLog();
    const input = Array.from({ length: 30 }, (_, index) => log.expedited(3600 + index * 0.063, 481, 21 + index * 63));

    expect(decisions(input)).toEqual([]);
    expect(decisions([...input, '!check 3602'], { ...V3, decide: 'tick' }), 'v3 counts lines').toEqual([
      'reboot burst 30 3602.000',
    ]);
  });

  test('the same number of the other kind or flavour is another grace period', () => {
    const log = kernelLog();
    const four = (second: number, number: number) => [
      log.expedited(second, number),
      ...log.normal(second + 1, number),
      log.record(
        second + 2,
        `rcu: INFO: rcu_sched detected expedited stalls on CPUs/tasks: { 0-... } 9 jiffies s: ${number} root: 0x1/.`,
      ),
      log.record(second + 3, 'rcu: INFO: rcu_sched self-detected stall on CPU'),
      log.record(second + 3, `\\x09(t=5250 jiffies g=${number} q=1)`),
    ];

    const { state } = detect(awk, [...START, ...four(3600, 7), ...four(3620, 7), '!now 3640']);

    expect(state.counts?.split(' ').slice(0, 2)).toEqual(['8', '4']);
  });

  test('a header cut off at the threshold decides two seconds later', () => {
    const log = kernelLog();
    const cut = (second: number) =>
      log.record(second, 'rcu: INFO: rcu_preempt detected expedited stalls on CPUs/tasks: { 3-...D');
    const input = [...stalls(log, 9, 3600, 1), cut(3609)];

    expect(decisions([...input, '!now 3610.9']), 'its number may come').toEqual([]);
    expect(decisions([...input, '!now 3612'])).toEqual(['reboot burst 10 3612.000']);
    expect(decisions([...input, cut(3609.5)]), 'the next header').toEqual(['reboot burst 10 3609.500']);
  });

  test('nothing from within the grace counts after it', () => {
    const early = stalls(kernelLog(), 75, 1190, 0.13);

    expect(decisions([...early, ...ticks(1200, 2400, 10)])).toEqual([]);
    expect(decisions([...early, ...stalls(kernelLog(100), 9, 1201, 1, 500), ...ticks(1210, 2400, 10)])).toEqual([]);
    expect(decisions([...early, ...stalls(kernelLog(100), 10, 1200, 1, 500)])).toEqual(['reboot burst 10 1209.000']);
  });

  test('a grace period first seen within the grace enters no window when it goes on', () => {
    const log = kernelLog();
    const early = stalls(log, 10, 1190, 0.5);
    const again = stalls(log, 10, 1201, 0.5);

    const { decisions: made, state } = detect(awk, [...START, ...early, ...again, '!now 1210']);

    expect(made).toEqual([]);
    expect(state.counts).toBe('20 10 0 0 0 0 0 0 0 0 21');
  });

  test('a grace period that never ends is stuck after three minutes of reports, those in the grace aside', () => {
    const log = kernelLog();
    const endless = Array.from({ length: 10 }, (_, index) => log.normal(3600 + index * 66, 99)).flat();
    const early = kernelLog();
    const endlessEarly = Array.from({ length: 10 }, (_, index) => early.normal(1000 + index * 66, 99)).flat();

    expect(decisions(endless)).toEqual(['reboot stuck 198 3798.000']);
    expect(decisions(endlessEarly)).toEqual(['reboot stuck 198 1462.000']);
    expect(decisions(endless.slice(0, 6))).toEqual([]);
    expect(decisions(endless, { stuck_seconds: 0 })).toEqual([]);
  });

  test('a stuck grace period that has become silent is over', () => {
    const log = kernelLog();
    const input = [...START, ...[0, 66, 132, 198].flatMap((at) => log.normal(3600 + at, 99)), '!now 3900', '!now 4000'];

    expect(detect(awk, input).decisions.map(brief)).toEqual(['reboot stuck 198 3798.000', 'reboot stuck 198 3900.000']);
  });

  test('the leak of one stall in 2.5 minutes alerts once, or asks for the window', () => {
    const leak = inOrder(...stalls(kernelLog(), 300, 3600, 151), ...ticks(3600, 48600, 60));

    expect(decisions(leak)).toEqual(['alert chronic 100 18549.000']);
    expect(decisions(leak, { chronic_action: 'window' })).toEqual(['window chronic 100 18549.000']);
    expect(decisions(leak, { chronic_stalls: 0 })).toEqual([]);
  });

  test('a decision is repeated at ticks while it holds, and not after it was asked for', () => {
    const burst = stalls(kernelLog(), 10, 3600, 1);
    const run = (...rest: string[]) =>
      detect(awk, [...START, ...burst, ...rest], { sustained_stalls: 0 }).decisions.map(brief);

    expect(run('!now 3620', '!now 3720', '!now 3721')).toEqual([
      'reboot burst 10 3609.000',
      'reboot burst 10 3620.000',
      'reboot burst 10 3720.000',
    ]);
    expect(run('!asked burst 3611', '!now 3620')).toEqual(['reboot burst 10 3609.000']);
  });

  test('what stands in the ring at the start decides only if it still holds', () => {
    const ring = stalls(kernelLog(), 10, 3600, 1);
    const run = (now: string) => detect(awk, ['!boot a', ...ring, now], { sustained_stalls: 0 }).decisions.map(brief);

    expect(run('!now 3650')).toEqual(['reboot burst 10 3650.000']);
    expect(run('!now 3730')).toEqual([]);
  });

  test('where reports can come only each 21 s, half of the possible ones are enough', () => {
    const log = kernelLog();
    const three = [0, 30, 60].flatMap((at) => log.normal(3600 + at, at));

    expect(decisions(three, CALIBRATED)).toEqual(['reboot burst 3 3660.000']);
    expect(decisions(three.slice(0, 4), CALIBRATED)).toEqual([]);
    expect(decisions(stalls(kernelLog(), 9, 3600, 1), CALIBRATED), 'expedited ones at 20 ms are not scaled').toEqual(
      [],
    );
  });

  test.each<Settings>([{}, { hz: 250 }, { normal_timeout: 21, expedited_timeout: 21 }])(
    'with %o unknown things are not scaled, and the state says so',
    (known) => {
      const log = kernelLog();
      const input = [
        ...START,
        ...Array.from({ length: 9 }, (_, index) => log.normal(3600 + index, index)).flat(),
        '!now 3610',
      ];

      const { decisions: made, state } = detect(awk, input, known);

      expect(made).toEqual([]);
      expect(state.calibrated).toBe('no');
      expect(state.window?.split('|')[0]).toBe('burst 9 10 120 0 10 9 10');
    },
  );

  test('needs are those of the formula', () => {
    const { state } = detect(awk, [...START, '!now 5'], { hz: 100, normal_timeout: 60, expedited_timeout: 21 });

    expect(state.window?.split('|')).toEqual([
      'burst 0 10 120 0 3 0 2',
      'sustained 0 10 900 0 10 0 8',
      'chronic 0 100 21600 0 100 0 100',
    ]);
  });

  test('v1 reboots for what happened within its grace, at its first check', () => {
    const early = stalls(kernelLog(), 5, 400, 10);

    expect(decisions([...early, '!check 600', '!check 899'], V1), 'within the grace').toEqual([]);
    expect(decisions([...early, '!check 900'], V1)).toEqual(['reboot sustained 5 900.000']);
    expect(decisions([...early, '!check 1041'], V1)).toEqual([]);
  });

  test('v3 decides at its checks only, the burst before the sustained path', () => {
    const burst = stalls(kernelLog(), 30, 1300, 2);

    expect(decisions([...burst, ...ticks(1360, 1400, 10)], V3)).toEqual([]);
    expect(decisions([...burst, '!check 1460'], V3)).toEqual(['reboot burst 10 1460.000']);
    expect(decisions([...burst, '!check 1460.1'], V3)).toEqual(['reboot sustained 30 1460.100']);
  });

  test('v3 counts expedited stalls of rcu_preempt alone', () => {
    const log = kernelLog();
    const others = Array.from({ length: 20 }, (_, index) => [
      ...log.normal(1300 + index, index),
      log.record(
        1300 + index,
        'rcu: INFO: rcu_sched detected expedited stalls on CPUs/tasks: { 0-... } 9 jiffies s: 1 root: 0x1/.',
      ),
      log.record(1300 + index, 'rcu: INFO: rcu_preempt self-detected stall on CPU'),
    ]).flat();
    const suppressed = Array.from({ length: 10 }, (_, index) =>
      log.record(
        1330 + index,
        'rcu: INFO: rcu_preempt detected expedited stalls, but suppressed full report due to a stuck CSD-lock.',
      ),
    );

    expect(decisions([...others, '!check 1320'], V3)).toEqual([]);
    expect(decisions([...others, ...suppressed, '!check 1340'], V3)).toEqual(['reboot burst 10 1340.000']);
  });

  test('v3 asks again in each boot', () => {
    const loop = ['a', 'b', 'c', 'd'].flatMap((boot) => [
      `!boot ${boot}`,
      '!now 0',
      ...stalls(kernelLog(), 10, 1250, 1),
      '!check 1320',
    ]);

    expect(decisions(loop, V3)).toEqual(Array.from({ length: 4 }, () => 'reboot burst 10 1320.000'));
  });

  test('a kernel log that runs slower than the uptime does not empty the window', () => {
    // Two weeks up, the log's clock 300 s behind.
    const log = kernelLog();
    const at = 1_209_600 - 300;
    const input = [
      '!boot a',
      '!now 1209579',
      log.record(at - 15, 'x'),
      '!now 1209589', // the first two ticks tell nothing yet
      log.record(at - 5, 'x'),
      '!now 1209599',
      ...stalls(log, 9, at, 1),
      '!now 1209610',
      log.expedited(at + 11, 900),
      '!now 1209620',
    ];

    const { decisions: made, state } = detect(awk, input, { clock: 'uptime' });

    expect(made.map(brief)[0]).toBe(`reboot burst 10 ${at + 11}.000`);
    expect(Number(state.clock?.split(' ')[0])).toBeGreaterThan(-310);
    expect(Number(state.clock?.split(' ')[0])).toBeLessThan(-280);
  });

  test('a kernel log that runs faster than the uptime does not keep the window full', () => {
    const log = kernelLog();
    const at = 1_209_600 + 300;
    const ring = stalls(log, 10, at, 1);
    const input = [
      '!boot a',
      '!now 1209599',
      ...ring,
      '!asked x 1209610',
      '!now 1209610',
      log.record(at + 200, 'x'),
      '!now 1209800',
    ];

    const { state } = detect(awk, input, { clock: 'uptime' });

    expect(state.window?.split('|')[0]).toMatch(/^burst 0 /);
  });

  test('a storm keeps at most 2000 entries', () => {
    const { state } = detect(awk, [...START, ...stalls(kernelLog(), 5000, 3600, 0.001), '!now 3610'], { events: 0 });

    expect(state.counts).toBe('5000 5000 0 0 0 0 0 0 0 5000 21');
    expect(state.window?.split('|')[0]).toMatch(/^burst 2000 /);
    expect(state.period?.split('|')).toHaveLength(2000);
  });

  test('what no window can reach is forgotten', () => {
    const { state } = detect(awk, [...START, ...stalls(kernelLog(), 20, 3600, 1), '!now 25800', '!now 25900'], {});

    expect(state.entries).toBeUndefined();
    expect(state.period).toBeUndefined();
  });
});
