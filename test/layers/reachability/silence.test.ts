/** What people say to the prober, and what it says to them. Times are its uptime. */
import { expect, test } from 'vitest';
import { news, Prober } from '../../support/prober.js';

const JARVIS = '10.0.1.10';

test('a planned reboot is silent', () => {
  const prober = new Prober();
  prober.answer(JARVIS, 0, 'yes');
  prober.look(980);
  expect(prober.run(990, ['--silence', 'jarvis', '10'])).toMatchObject({
    status: 0,
    stdout: 'jarvis: nothing bad is told of it for 10 minutes; "--silence jarvis 0" ends that\n',
  });
  prober.answer(JARVIS, 1);

  expect(prober.looks([1000, 1100, 1200])).toEqual([]);
  prober.answer(JARVIS, 0, 'yes');
  expect(prober.looks([1220, 1330])).toEqual([]);
});

test('a node that is not back when its silence ends is told about at once', () => {
  const prober = new Prober();
  prober.look(980);
  prober.run(990, ['--silence', 'jarvis', '2']);

  const told = prober.looks([1000, 1100, 1120, 1200]);

  expect(news(told)).toEqual([[1120, 'down']]);
  expect(told[0]?.[1].text).toContain('; it was silenced for 2 minutes, which are over');
});

test('what came and went in a silence is not told after it', () => {
  const prober = new Prober();
  prober.answer(JARVIS, 0, 'yes');
  prober.look(985);
  prober.run(990, ['--silence', 'jarvis', '2']);
  for (const time of [1000, 1015, 1030, 1045, 1060, 1075, 1090, 1105]) {
    prober.answer(JARVIS, time % 2, time % 2 === 1 ? 'no' : 'yes');
    prober.look(time);
  }
  prober.answer(JARVIS, 0, 'yes');

  expect(prober.looks([1120, 1140])).toEqual([]);
});

test('a silence that is over is not named when the node fails later', () => {
  const prober = new Prober();
  prober.answer(JARVIS, 0, 'yes');
  prober.look(980);
  prober.run(990, ['--silence', 'jarvis', '2']);
  prober.looks([1060, 1120]);
  prober.answer(JARVIS, 1);

  const [told] = prober.looks([1140, 1210]);

  expect(told?.[1].text).toMatch(/^jarvis cannot be reached: no answer to ping or TCP for \d+ seconds$/);
});

test('only the node that is named is silent', () => {
  const prober = new Prober();
  const env = { REACHABILITY_TARGETS: 'jarvis/10.0.1.10/22,ultron/10.0.1.11/22' };
  prober.run(990, ['--silence', 'jarvis', '10'], env);

  expect(prober.looks([1000, 1100], env)).toMatchObject([[1100, { node: 'ultron' }]]);
});

test.each([
  ['an end', (prober: Prober) => prober.run(1000, ['--silence', 'jarvis', '0'])],
  ['a boot of this host', (prober: Prober) => prober.boot()],
])('%s ends a silence', (_, end) => {
  const prober = new Prober();
  prober.run(990, ['--silence', 'jarvis', '240']);
  end(prober);

  expect(news(prober.looks([1000, 1100]))).toEqual([[1100, 'down']]);
});

test('that a node is back is told also in its silence', () => {
  const prober = new Prober();
  prober.looks([1000, 1100]);
  prober.run(1110, ['--silence', 'jarvis', '60']);
  prober.answer(JARVIS, 0, 'yes');

  expect(news(prober.looks([1120, 1240]))).toEqual([[1240, 'up']]);
});

test.each([
  [['--silence', 'loki', '5'], '--silence: expected one of jarvis'],
  [['--silence', '../jarvis', '5'], '--silence: expected one of jarvis'],
  [['--silence', 'jarvis', '241'], 'expected minutes from 0 to 240'],
  [['--silence', 'jarvis', '-1'], 'expected minutes from 0 to 240'],
  [['--silence', 'jarvis', '08'], 'expected minutes from 0 to 240'],
  [['--silence', 'jarvis'], '--silence: expected NODE MINUTES'],
  [['--sttaus'], "got '--sttaus'"],
  [['--status', 'x'], '--status: expected nothing behind it'],
])('refuses %j', (args, message) => {
  const { status, stdout, stderr, calls } = new Prober().run(1000, args);

  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr).toContain(message);
  expect(calls.filter((call) => /^(ping|curl)/.test(call))).toEqual([]);
});

test('--help prints what the header of the script says, and its exit statuses', () => {
  const { status, stdout } = new Prober().run(1000, ['--help']);

  expect(status).toBe(0);
  expect(stdout).toMatch(/^ reachability-prober.sh - /);
  expect(stdout).toContain('--silence NODE MINUTES');
  expect(stdout).toContain(
    'Exit status: 0 nothing to tell, 1 bad settings or arguments, 2 cannot tell, 3 told somebody.',
  );
});

const status = (prober: Prober, uptime: number, env = {}) => {
  const { stdout, status } = prober.run(uptime, ['--status'], env);
  return {
    status,
    rows: stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.trim().replaceAll(/ {2,}/g, ' | ')),
  };
};

test('--status is a table, and ends with 3 where a node cannot be reached', () => {
  const prober = new Prober();
  const env = { REACHABILITY_TARGETS: 'jarvis/10.0.1.10/22,ultron/10.0.1.11/22' };
  prober.answer('10.0.1.11', 0, 'yes');
  prober.looks([1000, 1100], env);
  prober.run(1101, ['--silence', 'ultron', '30'], env);

  expect(status(prober, 1110, env)).toEqual({
    status: 3,
    rows: [
      'last look 10 s ago',
      'tells by webhook, 0 messages wait',
      '',
      'NODE | ADDRESS | SEEN | FOR | TOLD | SILENCED',
      'jarvis | 10.0.1.10 | unreachable | 110 s | unreachable | -',
      'ultron | 10.0.1.11 | reachable | 110 s | reachable | 29 min',
    ],
  });
});

test('--status ends with 0 where all can be reached', () => {
  const prober = new Prober();
  prober.answer(JARVIS, 0, 'yes');
  prober.look(1000);

  expect(status(prober, 1010).status).toBe(0);
});

test('--status knows also what was kept elsewhere while the disk could not be written', () => {
  const prober = new Prober();
  prober.host.write('state', 'a file where the folder should be');
  prober.look(1000);

  expect(status(prober, 1010).rows).toContainEqual(expect.stringMatching(/^jarvis \| 10\.0\.1\.10 \| unreachable/));
});

test.each([
  ['there was no look', () => {}, /no look yet/],
  ['the last look is long ago', (prober: Prober) => prober.look(900), /last look 110 s ago: it no longer looks/],
  [
    'this host has booted since',
    (prober: Prober) => {
      prober.look(900);
      prober.boot();
    },
    /no look since this host has booted/,
  ],
  [
    'this host is cut off',
    (prober: Prober) => {
      prober.answer('192.0.2.1', 1);
      prober.look(1000);
    },
    /this host has been cut off for 10 s/,
  ],
])('--status cannot tell where %s', (_, arrange, words) => {
  const prober = new Prober();
  prober.answer(JARVIS, 1);
  arrange(prober);

  const { status: code, rows } = status(prober, 1010);

  expect(code).toBe(2);
  expect(rows[0]).toMatch(words);
});

test('without an environment it reads the settings of the unit', () => {
  const prober = new Prober();
  prober.host.write('settings', 'REACHABILITY_TARGETS=ultron/10.0.1.11/22\nREACHABILITY_FORM=slack\nPATH=/nowhere\n');
  const env = { REACHABILITY_TARGETS: '', REACHABILITY_SETTINGS: prober.host.path('settings') };
  prober.look(1000, env);

  expect(status(prober, 1010, env).rows).toContainEqual(expect.stringContaining('ultron | 10.0.1.11'));
});
