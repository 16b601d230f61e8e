import { expect, test } from 'vitest';
import { brief, describeInEveryAwk, detect, kernelLog, type Settings, stalls } from './detector.js';

/** A boot in which ten stalls come at once, and what is left of it. */
const crossing = (boot: string, at = 3600) => [
  `!boot ${boot}`,
  '!now 0',
  ...stalls(kernelLog(), 10, at, 1),
  `!now ${at + 20}`,
];
const quiet = (boot: string, seconds: number) => [`!boot ${boot}`, '!now 0', `!now ${seconds}`];

describeInEveryAwk('budget', (awk) => {
  const run = (input: readonly string[], settings: Settings = {}) => detect(awk, input, { auto: 1, ...settings });

  test('after three reboots in a row it only alerts, once for each crossing', () => {
    const { decisions, state } = run([...'abcd'].flatMap((boot) => crossing(boot)));

    expect(decisions.map(brief)).toEqual([
      'reboot burst 10 3609.000',
      'reboot burst 10 3609.000',
      'reboot burst 10 3609.000',
      'alert burst 10 3609.000',
    ]);
    expect(decisions[3]).toContain('3 reboots in a row did not help');
    expect(state.ledger).toBe('3 3 c d 3620');
  });

  test('a crossing that has ended and comes again alerts again', () => {
    const again = [...crossing('d'), '!now 5000', ...stalls(kernelLog(100), 10, 6000, 1, 500)];

    expect(run(['!boot d', '!ledger 3 3 c c 3620', ...again.slice(1)]).decisions.map(brief)).toEqual([
      'alert burst 10 3609.000',
      'alert burst 10 6009.000',
    ]);
  });

  test('in one boot it asks once', () => {
    const { decisions, state } = run([
      ...crossing('a'),
      '!now 5000',
      ...stalls(kernelLog(100), 10, 6000, 1, 500),
      '!now 6020',
    ]);

    expect(decisions.map(brief)).toEqual(['reboot burst 10 3609.000']);
    expect(state.ledger).toBe('1 1 a a 6020');
  });

  test('a replay is told of boots and of what was asked for', () => {
    const { events } = run([...crossing('a'), ...crossing('b')]);

    expect(events.filter((line) => / (boot|asked) /.test(line))).toEqual([
      '0.000 boot a',
      '3609.000 asked burst 1',
      '0.000 boot b',
      '3609.000 asked burst 2',
    ]);
  });

  test('a boot that the ledger says was asked in asks no more', () => {
    expect(run(['!boot a', '!ledger 1 1 a a 3000', ...crossing('a').slice(1)]).decisions).toEqual([]);
    expect(run(['!boot b', '!ledger 1 1 a a 3000', ...crossing('b').slice(1)]).decisions).toHaveLength(1);
  });

  test('six quiet hours bring the budget back, a second less does not', () => {
    const spent = (seconds: number) =>
      run(['!boot a', '!ledger 3 7 z z 3000', ...quiet('a', seconds).slice(1)]).state.ledger;

    expect(spent(21599)).toBe('3 7 z z 3000');
    expect(spent(21600)).toBe('0 7 z z 3000');
  });

  test('the quiet hours begin at the last crossing of this boot', () => {
    const after = (seconds: number) =>
      run(['!boot a', '!ledger 3 3 z z 3000', ...crossing('a').slice(1), `!now 4800`, `!now ${seconds}`]).state.ledger;

    expect(after(3620 + 21599)).toBe('3 3 z a 3620');
    expect(after(3620 + 21600)).toBe('0 3 z a 3620');
  });

  test('a crossing after six quiet hours finds the budget whole, also without a tick between', () => {
    const input = ['!boot a', '!ledger 3 3 z z 3000', '!now 0', ...stalls(kernelLog(), 10, 30000, 1)];

    expect(run(input).decisions.map(brief)).toEqual(['reboot burst 10 30009.000']);
  });

  test.each(['x', '1 2 3', '-1 0 - - 0', '1 1 a a 12.5', '1 1 a a 12 13', ''])(
    "with a ledger of '%s' the budget is spent",
    (ledger) => {
      const { decisions } = run(['!boot a', `!ledger ${ledger}`, ...crossing('a').slice(1)]);

      expect(decisions.map(brief)).toEqual(['alert burst 10 3609.000']);
    },
  );

  test('without a bound it never stops', () => {
    const { decisions } = run(
      [...'abcdefghijkl'].flatMap((boot) => crossing(boot)),
      { max_reboots: -1 },
    );

    expect(decisions.filter((line) => line.startsWith('reboot'))).toHaveLength(12);
  });

  test('what is held is decided again at ticks, told in the state, and forgotten when it no longer holds', () => {
    const held = [...crossing('a').slice(0, -1), '!held peer ultron is rebooting', '!now 3620'];
    const settings = { auto: 0, sustained_stalls: 0 };

    expect(run(held, settings).decisions.map(brief)).toEqual(['reboot burst 10 3609.000', 'reboot burst 10 3620.000']);
    expect(run(held, settings).state.held).toBe('peer ultron is rebooting');
    expect(run([...held, '!now 3800'], settings).state.held).toBe('-');
    expect(run([...held, '!asked burst 3621'], settings).state).toMatchObject({ held: '-', ledger: '1 1 a a 3620' });
  });

  test('the leak takes nothing from the budget as an alert, and waits for it as a window', () => {
    const leak = ['!boot a', '!now 0', ...stalls(kernelLog(), 110, 3600, 151), '!now 20230'];

    expect(run(leak).state.ledger).toBe('0 0 - - 0');
    expect(run(leak, { chronic_action: 'window', auto: 0 }).decisions.map(brief)).toEqual([
      'window chronic 100 18549.000',
      'window chronic 110 20230.000',
    ]);
    expect(run(['!boot a', '!ledger 3 3 z z 0', ...leak.slice(1)], { chronic_action: 'window' }).decisions[0]).toMatch(
      /^alert chronic/,
    );
  });
});
