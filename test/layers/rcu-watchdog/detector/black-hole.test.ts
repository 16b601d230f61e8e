import { expect, test } from 'vitest';
import { brief, describeInEveryAwk, detect, kernelLog, type Settings } from './detector.js';

const START = ['!boot a', '!now 0'];
const STALL = kernelLog().expedited(3000, 1);
const SEEN = '!net 3060 gateway=yes peers=2/2 api=yes link=up local=yes frames=812';
const DARK = 'gateway=no peers=0/2 api=no link=up local=yes frames=40';
/** Looks each minute from 3660 on. */
const looks = (count: number, words = DARK, from = 3660) =>
  Array.from({ length: count }, (_, index) => `!net ${from + index * 60} ${words}`);

describeInEveryAwk('black-hole', (awk) => {
  const run = (input: readonly string[], settings: Settings = {}) =>
    detect(awk, [...START, ...input], { auto: 1, ...settings });
  const decided = (input: readonly string[], settings: Settings = {}) => run(input, settings).decisions.map(brief);

  test('a node that stalled and is cut off for five minutes reboots', () => {
    expect(decided([STALL, SEEN, ...looks(5)])).toEqual([]);
    expect(decided([STALL, SEEN, ...looks(9)])).toEqual(['reboot black-hole 300 3960.000']);
  });

  test('it is repeated at each look while nobody acts', () => {
    expect(decided([STALL, SEEN, ...looks(8)], { auto: 0 })).toEqual([
      'reboot black-hole 300 3960.000',
      'reboot black-hole 360 4020.000',
      'reboot black-hole 420 4080.000',
    ]);
  });

  test('another API that is not known is no sign of life', () => {
    expect(decided([STALL, SEEN, ...looks(6, DARK.replace('api=no', 'api=-'))])).toHaveLength(1);
  });

  test.each([
    ['the gateway', DARK.replace('gateway=no', 'gateway=yes')],
    ['one peer', DARK.replace('peers=0/2', 'peers=1/2')],
    ['another API', DARK.replace('api=no', 'api=yes')],
    ['an unknown gateway', DARK.replace('gateway=no', 'gateway=?')],
    ['unknown peers', DARK.replace('peers=0/2', 'peers=?')],
    ['an unknown API', DARK.replace('api=no', 'api=?')],
    ['a look without words', ''],
  ])('%s, once seen, begins the five minutes anew', (_, words) => {
    const input = [STALL, SEEN, ...looks(5), `!net 3960 ${words}`, ...looks(5, DARK, 4020)];

    expect(run(input).decisions).toEqual([]);
    expect(decided([...input, ...looks(1, DARK, 4320)])).toEqual(['reboot black-hole 300 4320.000']);
  });

  test.each([
    ['no stall since the grace', [SEEN], DARK, 'no stall since the start-up grace'],
    ['a stall within the grace only', [kernelLog().expedited(1199, 1), SEEN], DARK, 'no stall since'],
    ['a network never seen', [STALL], DARK, 'never seen'],
    ['the link down', [STALL, SEEN], DARK.replace('link=up', 'link=down'), 'expected the link up, found down'],
    ['the link unknown', [STALL, SEEN], DARK.replace('link=up', 'link=?'), 'expected the link up, found ?'],
    ['the own API dead', [STALL, SEEN], DARK.replace('local=yes', 'local=no'), 'expected the own API'],
    ['the own API unknown', [STALL, SEEN], DARK.replace('local=yes', ''), 'found ?'],
    ['silence on the wire', [STALL, SEEN], DARK.replace('frames=40', 'frames=0'), 'silent for everybody'],
    ['frames unknown', [STALL, SEEN], DARK.replace('frames=40', 'frames=?'), 'found ?'],
    ['no other node known', [STALL, SEEN], DARK.replace('0/2 api=no', '0/0 api=-'), 'a silent gateway alone'],
  ])('with %s it alerts once and never reboots', (_, before, words, why) => {
    const { decisions } = run([...before, ...looks(30, words)], { auto: 0 });

    expect(decisions.map(brief)).toEqual(['alert black-hole 300 3960.000']);
    expect(decisions[0]).toContain(why);
  });

  test('a link that comes back up needs its five minutes', () => {
    const down = looks(10, DARK.replace('link=up', 'link=down'));

    expect(decided([STALL, SEEN, ...down, ...looks(8, DARK, 4260)])).toEqual([
      'alert black-hole 300 3960.000',
      'reboot black-hole 900 4560.000',
    ]);
  });

  test('looks that stayed away say nothing about the time between', () => {
    expect(decided([STALL, SEEN, ...looks(2), ...looks(5, DARK, 3900)])).toEqual([]);
    expect(decided([STALL, SEEN, ...looks(2), ...looks(6, DARK, 3900)])).toEqual(['reboot black-hole 300 4200.000']);
  });

  test('a short limit does not need looks more often than each minute', () => {
    expect(decided([STALL, SEEN, ...looks(3)], { black_hole_seconds: 60 })).toEqual(['reboot black-hole 60 3720.000']);
  });

  test('it keeps to the budget', () => {
    const { decisions } = detect(awk, ['!boot a', '!ledger 3 3 z z 0', '!now 0', STALL, SEEN, ...looks(20)]);

    expect(decisions.map(brief)).toEqual(['alert black-hole 300 3960.000']);
    expect(decisions[0]).toContain('3 reboots in a row did not help');
  });

  test('a network that comes back ends it, and a second time alerts again', () => {
    const light = '!net 4260 gateway=yes peers=2/2 api=yes link=up local=yes frames=812';
    const { decisions, events, state } = run([
      SEEN,
      ...looks(10),
      light,
      ...looks(10, DARK, 4320),
      light.replace('4260', '4920'),
    ]);

    expect(decisions.map(brief)).toEqual(['alert black-hole 300 3960.000', 'alert black-hole 300 4620.000']);
    expect(events.filter((line) => / (dark|light)$/.test(line))).toEqual([
      '3660.000 dark',
      '4260.000 light',
      '4320.000 dark',
      '4920.000 light',
    ]);
    expect(state).toMatchObject({ holds: '- - -', net: 'yes - - 4920.000000' });
  });

  test('turned off it never speaks', () => {
    expect(run([STALL, SEEN, ...looks(30)], { black_hole_seconds: 0 }).decisions).toEqual([]);
  });
});
