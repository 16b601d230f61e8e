/** What is to be told gets through once, whatever the webhook does. Times are the prober's uptime. */
import { expect, test } from 'vitest';
import { news, Prober } from '../../support/prober.js';

/** A host that tells at 1100 that jarvis is dark. */
function dark(stubs: Readonly<Record<string, string>> = {}, curl = true): Prober {
  const prober = new Prober(stubs, curl);
  prober.look(1000);
  return prober;
}

test.each([500, 404, 301, 'dead'] as const)('a webhook that answers %j has not been told', (answer) => {
  const prober = dark();
  prober.httpStatus(answer);

  const { status, logged } = prober.look(1100);

  expect(status).toBe(3);
  expect(logged).toContain('the message on jarvis did not get through; again in 20 seconds');
  expect(prober.waiting).toHaveLength(1);
});

test('is asked again after 20, 40, 80 seconds, and not once more when it has got through', () => {
  const prober = dark();
  prober.httpStatus(500);

  const attempts = prober.looks([1100, 1110, 1120, 1140, 1160, 1220, 1240]).map(([time]) => time);
  prober.httpStatus(200);

  expect(attempts).toEqual([1100, 1120, 1160, 1240]);
  expect(prober.looks([1300, 1380])).toEqual([]);
  const [late] = prober.looks([1400, 1420]);
  expect(late).toMatchObject([1400, { state: 'down', text: expect.stringMatching(/ \(told 5 min late\)$/) }]);
  expect(prober.waiting).toEqual([]);
});

/** One that waits, of a node that is not looked at. */
const waiting = (attempts: number, next: number) =>
  `${attempts} 11111111-2222-3333-4444-555555555555 900 ${next} id crit down ultron 10.0.1.11 80 title\ntext\n`;
const nameOf = (number: number) => `state/queue/${String(number).padStart(9, '0')}-ultron.msg`;

test.each([
  [7, 2_560],
  [8, 3_600],
  [64, 3_600],
])('after %i attempts the next is %i seconds later', (attempts, seconds) => {
  const prober = new Prober();
  prober.httpStatus(500);
  prober.host.write(nameOf(1), waiting(attempts, 0));

  expect(prober.look(1000).logged).toContain(`on ultron did not get through; again in ${seconds} seconds`);
});

test.each([
  [199, true, 200],
  [200, false, 200],
])('of %i that wait the oldest stays: %j', (before, stays, after) => {
  const prober = dark();
  prober.httpStatus(500);
  for (let number = 1; number <= before; number++) prober.host.write(nameOf(number), waiting(0, 99_999));

  const { logged } = prober.look(1100);

  expect(prober.host.has(nameOf(1))).toBe(stays);
  expect(logged.includes('the oldest is dropped')).toBe(!stays);
  expect(prober.waiting).toHaveLength(after);
});

test('each attempt has the same id, and each message another', () => {
  const prober = dark();
  prober.httpStatus(500);
  const ids = prober.looks([1100, 1120]).map(([, { id }]) => id);
  prober.httpStatus(200);
  prober.answer('10.0.1.10', 0, 'yes');
  const [down, up] = prober.looks([1160, 1260, 1290]);

  expect(new Set([...ids, down?.[1].id]).size).toBe(1);
  expect(up?.[1].id).not.toBe(down?.[1].id);
});

test('the messages of a node come in their order: the second waits for the first', () => {
  const prober = dark();
  prober.httpStatus(500);
  prober.look(1100);
  prober.answer('10.0.1.10', 0, 'yes');
  prober.looks([1120, 1230]);
  prober.httpStatus(200);

  expect(prober.looks([1240])).toEqual([]);
  expect(prober.waiting).toHaveLength(2);
  expect(prober.looks([1320]).map(([, { state }]) => state)).toEqual(['down', 'up']);
});

test('a message survives a boot of this host', () => {
  const prober = dark();
  prober.httpStatus(500);
  prober.look(1100);
  prober.boot();
  prober.httpStatus(200);

  const [told] = prober.looks([30, 110]);

  expect(told).toMatchObject([
    30,
    { state: 'down', since: null, text: expect.stringContaining('(told late, this host has booted since)') },
  ]);
});

test('what is no message any more is dropped, and the others go', () => {
  const prober = dark();
  prober.host.write('state/queue/000000001-ultron.msg', 'rubbish');

  expect(news(prober.looks([1100]))).toEqual([[1100, 'down']]);
  expect(prober.waiting).toEqual([]);
});

test('a webhook that is written down later is told what waited', () => {
  const prober = dark();
  const env = { REACHABILITY_WEBHOOK: prober.host.path('later') };

  expect(prober.look(1100, env).logged).toContain("later': expected one line, got nothing");
  prober.host.write('later', 'https://chat.example/hooks/x\n');
  expect(news(prober.looks([1120], env))).toEqual([[1120, 'down']]);
});

test('the log alone is told where no form is set', () => {
  const prober = dark();

  const { status, bodies, logged } = prober.look(1100, { REACHABILITY_FORM: '' });

  expect({ status, bodies }).toEqual({ status: 3, bodies: [] });
  expect(logged).toContain('daemon.crit -- jarvis cannot be reached');
  expect(prober.waiting).toEqual([]);
});

test('a webhook gets JSON with all that is known', () => {
  const [told] = dark().looks([1100]);

  expect(told?.[1]).toEqual({
    id: expect.stringMatching(/^[-0-9a-f]+-1100-1$/),
    state: 'down',
    node: 'jarvis',
    address: '10.0.1.10',
    seconds: 100,
    since: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
    prober: 'porch',
    text: 'jarvis cannot be reached: no answer to ping or TCP for 100 seconds',
  });
  const since = Date.parse(told?.[1].since ?? '');
  expect(Math.abs(Date.now() - since - 100_000)).toBeLessThan(10_000);
});

test('Slack gets its one field', () => {
  const { bodies } = dark().look(1100, { REACHABILITY_FORM: 'slack' });

  expect(bodies.map((body) => JSON.parse(body))).toEqual([
    { text: 'jarvis cannot be reached: no answer to ping or TCP for 100 seconds (from porch)' },
  ]);
});

test('ntfy gets a plain text, with title, priority, tag and token as headers', () => {
  const prober = dark();
  prober.host.write('token', 'tk_secret\n');
  prober.look(1100, { REACHABILITY_FORM: 'ntfy' });

  expect(prober.host.read('posted').split('\n')).toEqual([
    'url = "https://chat.example/hooks/secret-part"',
    'header = "Authorization: Bearer tk_secret"',
    'header = "Title: jarvis cannot be reached"',
    'header = "Priority: urgent"',
    'header = "Tags: rotating_light"',
    'data-raw = "jarvis cannot be reached: no answer to ping or TCP for 100 seconds (from porch)"',
    '',
  ]);
});

test('URL and token are in no argument and in no line of the log', () => {
  const prober = dark();
  prober.host.write('token', 'tk_secret\n');
  prober.httpStatus(500);

  const { calls, stderr } = prober.look(1100);

  expect(calls.join('\n')).toContain('curl -q');
  expect(calls.join('\n') + stderr).not.toMatch(/secret/);
});

test.each(['https://chat.example/a b', 'https://chat.example/"\nheader = "X: y', 'chat.example', ''])(
  'posts nothing to %j',
  (url) => {
    const prober = dark();
    prober.host.write('url', url);

    expect(prober.look(1100).calls.filter((call) => call.startsWith('curl'))).toEqual([]);
    expect(prober.waiting).toHaveLength(1);
  },
);

test('a URL that was written down on Windows is the URL', () => {
  const prober = dark();
  prober.host.write('url', 'https://chat.example/hooks/x\r\n');
  prober.look(1100);

  expect(prober.host.read('posted')).toContain('url = "https://chat.example/hooks/x"\n');
});

test('calls its own alarm clock after a good look, and only then', () => {
  const prober = dark();
  prober.host.write('heartbeat', 'https://alive.example/ping\n');
  prober.httpStatus(500);
  const clock = (time: number) => {
    prober.look(time);
    return prober.host.read('posted').includes('alive.example');
  };

  expect(clock(1020)).toBe(true);
  expect(clock(1100)).toBe(false); // what it had to tell did not get through
  prober.httpStatus(200);
  expect(clock(1120)).toBe(true);
  prober.answer('192.0.2.1', 1);
  expect(clock(1140)).toBe(false); // cut off
});
