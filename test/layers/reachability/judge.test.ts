/** What the prober tells of what it sees, and above all what it does not. Times are its uptime. */
import { rmSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { news, Prober } from '../../support/prober.js';

const JARVIS = '10.0.1.10';

/** A host that has seen jarvis well, at 1000. */
function seenWell(): Prober {
  const prober = new Prober();
  prober.answer(JARVIS, 0, 'yes');
  prober.look(1000);
  return prober;
}

test('tells nothing of a node that answers', () => {
  const prober = seenWell();

  expect(prober.look(1020)).toMatchObject({ status: 0, bodies: [] });
});

test('tells nothing of a silence of a minute', () => {
  const prober = seenWell();
  prober.answer(JARVIS, 1);

  expect(prober.looks([1020, 1060])).toEqual([]);
});

test('tells once of a silence, so early that the message has arrived within two minutes of the last sign', () => {
  const prober = seenWell();
  prober.answer(JARVIS, 1);

  const told = prober.looks([1020, 1080, 1100, 1120, 1180]);

  // At 1100 the next look would begin at 1101, take 6 s, and its message 12 s: in time. At 1121 it would be too late.
  expect(news(told)).toEqual([[1100, 'down']]);
  expect(told[0]?.[1].text).toBe('jarvis cannot be reached: no answer to ping or TCP for 80 seconds');
});

test('tells at the first look after which one more, and its message, might come too late', () => {
  const early = seenWell();
  const late = seenWell();
  for (const prober of [early, late]) prober.answer(JARVIS, 1);

  // A period and its second, a look of 6 s and a message of 12 s after 1081 it is 1120.
  expect(early.looks([1020, 1081])).toEqual([]);
  expect(news(late.looks([1020, 1082]))).toEqual([[1082, 'down']]);
});

test('one look without an answer is never enough, however late it comes', () => {
  const prober = seenWell();
  prober.answer(JARVIS, 1);

  expect(prober.look(1110).bodies).toEqual([]);
});

test('tells of a node that it has never seen well', () => {
  expect(news(new Prober().looks([1000, 1080, 1100, 1120]))).toEqual([[1100, 'down']]);
});

test('ends with 3 where it told somebody', () => {
  const prober = new Prober();
  prober.look(1000);

  expect(prober.look(1100).status).toBe(3);
});

test('tells once that it is back, after two minutes of answers', () => {
  const prober = new Prober();
  prober.looks([1000, 1100]);
  prober.answer(JARVIS, 0, 'yes');

  const told = prober.looks([1120, 1220, 1240, 1260]);

  expect(news(told)).toEqual([[1240, 'up']]);
  expect(told[0]?.[1].text).toBe('jarvis can be reached again, for 120 seconds now');
});

test.each([
  ['ping alone', 0, 'no'],
  ['a connection alone', 1, 'yes'],
  ['a connection where ping cannot be sent', 2, 'yes'],
  ['a refusal', 1, 'refused'],
] as const)('%s is a sign of life', (_, ping, tcp) => {
  const prober = new Prober();
  prober.answer(JARVIS, ping, tcp);

  expect(prober.looks([1000, 1080, 1160])).toEqual([]);
});

test('no route to the host, as the kernel says where nobody answers on the wire, is silence', () => {
  const prober = new Prober();
  prober.answer(JARVIS, 1, 'no-route');

  expect(news(prober.looks([1000, 1080, 1100]))).toEqual([[1100, 'down']]);
});

test('a real connection is one, a real refusal another', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const prober = new Prober({ timeout: 'while [[ $1 == -k ]]; do shift 2; done; shift; exec "$@"' });
  const env = {
    REACHABILITY_TARGETS: `open/127.0.0.1/1+${port},closed/127.0.0.2/1`,
    REACHABILITY_GATEWAY: '127.0.0.3',
  };

  prober.look(1000, env);

  expect(prober.run(1001, ['--status'], env).stdout).toMatch(/open .* in part [\s\S]*closed .* in part /);
  expect(prober.host.read('state/nodes/open')).toMatch(/ t -\n$/);
  expect(prober.host.read('state/nodes/closed')).toMatch(/ - -\n$/);
});

test('where one question cannot be put, silence is told after ten minutes, and as what it is', () => {
  const prober = new Prober();
  prober.answer(JARVIS, 2);

  const told = [1000, 1060, 1120, 1240, 1360, 1480, 1590, 1610, 1630].flatMap((time) => prober.look(time).bodies);

  expect(told.map((body) => JSON.parse(body))).toMatchObject([
    {
      state: 'dim',
      text: 'jarvis may be unreachable: no answer to TCP for 610 seconds, and ping cannot be tried from here',
    },
  ]);
});

test('ends with 2 where one question cannot be put and the other has no answer', () => {
  const prober = new Prober();
  prober.answer(JARVIS, 2);

  expect(prober.look(1000).status).toBe(2);
});

test('never tells where no question can be put', () => {
  const prober = new Prober();
  prober.answer(JARVIS, 2, 'unknown');

  expect(prober.looks([1000, 1080, 1160])).toEqual([]);
  expect(prober.look(1180).status).toBe(2);
});

test('a node that answers in part is told about after ten minutes, if it once answered in full', () => {
  const prober = seenWell();
  prober.answer(JARVIS, 0);
  const times = [1020, 1140, 1260, 1380, 1500, 1600, 1620, 1640];

  const told = times.flatMap((time) => prober.look(time).bodies.map((body) => [time, JSON.parse(body).text]));

  expect(told).toEqual([
    [1620, expect.stringContaining('in part: for 600 seconds it answers ping and takes no connection')],
  ]);
});

test('a node that never answered ping is not told about for that', () => {
  const prober = new Prober();
  prober.answer(JARVIS, 1, 'yes');

  const told = Array.from({ length: 8 }, (_, index) => prober.look(1000 + index * 110).bodies);

  expect(told.flat()).toEqual([]);
});

test('a node that comes and goes is told about once, and then when it has been steady for ten minutes', () => {
  const prober = seenWell();

  const told = Array.from({ length: 8 }, (_, index) => {
    prober.answer(JARVIS, index % 2 === 0 ? 1 : 0, index % 2 === 0 ? 'no' : 'yes');
    return prober.looks([1020 + index * 20]);
  }).flat();
  const after = prober.looks([1200, 1320, 1440, 1560, 1680, 1740, 1760, 1780]);

  expect(news(told)).toEqual([[1120, 'flapping']]);
  expect(told[0]?.[1].text).toContain('jarvis comes and goes: 6 times in 30 minutes');
  expect(news(after)).toEqual([[1760, 'up']]);
});

test('what came and went more than half an hour ago is not counted', () => {
  const prober = seenWell();
  for (const [time, ping, tcp] of [
    [1020, 1, 'no'],
    [1040, 0, 'yes'],
    [1060, 1, 'no'],
    [1080, 0, 'yes'],
    [1100, 1, 'no'],
  ] as const) {
    prober.answer(JARVIS, ping, tcp);
    prober.look(time);
  }
  prober.answer(JARVIS, 0, 'yes');
  prober.look(2980);
  prober.answer(JARVIS, 1);

  expect(prober.looks([3000, 3020])).toEqual([]);
});

test('tells nothing while it is itself cut off, and afterwards that it was', () => {
  const prober = seenWell();
  prober.answer(JARVIS, 1);
  prober.answer('192.0.2.1', 1);

  expect(prober.looks([1020, 1120])).toEqual([]);
  expect(prober.look(1220).status).toBe(2);
  prober.answer(JARVIS, 0, 'yes');
  prober.answer('192.0.2.1', 0);
  const told = prober.looks([1240, 1280]);

  expect(told).toMatchObject([
    [1240, { state: 'blind', node: null, text: expect.stringContaining('the prober was cut off for 220 seconds') }],
  ]);
});

test('a time in which it was cut off does not count as silence', () => {
  const prober = seenWell();
  prober.answer(JARVIS, 1);
  prober.looks([1020, 1060]);
  prober.answer('192.0.2.1', 1);
  prober.look(1080);
  prober.answer('192.0.2.1', 0);

  expect(news(prober.looks([1120, 1200, 1220]))).toEqual([[1220, 'down']]);
});

test('never tells without a gateway to compare with', () => {
  const prober = new Prober();
  prober.host.write('proc/net/route', 'Iface\tDestination\tGateway\tFlags\n');

  expect(prober.looks([1000, 1080, 1160])).toEqual([]);
});

test.each([
  ['another node answers', { REACHABILITY_TARGETS: 'jarvis/10.0.1.10/22,ultron/10.0.1.11/22' }],
  ['the gateway that it is given answers', { REACHABILITY_GATEWAY: '10.0.1.11' }],
])('is not cut off while %s', (_, env) => {
  const prober = new Prober();
  prober.answer('192.0.2.1', 1);
  prober.answer('10.0.1.11', 0, 'yes');

  expect(prober.looks([1000, 1080, 1100], env)).toMatchObject([[1100, { node: 'jarvis', state: 'down' }]]);
});

test('a gateway that refuses a connection is alive where ping cannot be sent', () => {
  const prober = seenWell();
  prober.answer(JARVIS, 2);
  prober.answer('192.0.2.1', 2, 'refused');

  expect(prober.look(1020).logged).not.toContain('nothing answers');
});

test('a time without a look does not count as silence, and is told', () => {
  const prober = seenWell();
  prober.answer(JARVIS, 1);
  prober.look(1020);

  const told = prober.looks([9000, 9080]);

  expect(told).toMatchObject([
    [9000, { state: 'blind', text: expect.stringContaining('did not look for 7980 seconds') }],
  ]);
});

test('remembers over its own boot what it told, but not since when', () => {
  const prober = new Prober();
  prober.looks([1000, 1100]);
  prober.boot();

  expect(prober.looks([30, 110, 190])).toEqual([]);
  prober.answer(JARVIS, 0, 'yes');
  expect(news(prober.looks([210, 310, 330, 350]))).toEqual([[330, 'up']]);
});

test('a node that is dark when this host boots is told about by the time since then', () => {
  const prober = new Prober();
  prober.look(1000);
  prober.boot();

  expect(news(prober.looks([30, 110, 130]))).toEqual([[130, 'down']]);
});

test.each(['rubbish', 'x y z\n', '', '1 2 3 4 5 6 7 8 9 10\n'])('with a memory of %j it starts anew', (content) => {
  const prober = new Prober();
  prober.look(1000);
  prober.host.write('state/nodes/jarvis', content);
  prober.host.write('state/prober', content);

  expect(news(prober.looks([1020, 1100, 1120]))).toEqual([[1120, 'down']]);
});

test('where its folder cannot be written it says so, and looks all the same', () => {
  const prober = new Prober();
  prober.host.write('state', 'a file where the folder should be');
  prober.host.write('heartbeat', 'https://alive.example/ping\n');

  const told = prober.looks([1000, 1100]);

  expect(news(told)).toEqual([[1100, 'down']]);
  expect(prober.look(1120).logged).toContain("/state': expected one that can be written");
  expect(prober.host.read('posted')).not.toContain('alive.example');
});

test('while another holds its files for half a minute it looks all the same, and keeps it elsewhere', () => {
  const prober = new Prober({ flock: '[[ -e "$HOME/held" ]] || { : >"$HOME/held"; exit 1; }' });

  expect(prober.look(1000).logged).toContain('takes its place');
  expect(prober.host.has('spare/nodes/jarvis')).toBe(true);
  expect(prober.host.has('state/nodes/jarvis')).toBe(false);
});

test('a full disk is one that cannot be written', () => {
  const prober = new Prober();
  prober.look(1000);
  symlinkSync('/dev/full', prober.host.path('state/written'));

  expect(prober.look(1020).logged).toContain("/state': expected one that can be written");
  expect(prober.host.has('spare/nodes/jarvis')).toBe(true);
});

const BOTH = { REACHABILITY_TARGETS: 'jarvis/10.0.1.10/22,ultron/10.0.1.11/22' };

test('a disk that is full half way through a look does not keep the other nodes from being told about', () => {
  const prober = new Prober();
  prober.look(1000, BOTH);
  symlinkSync('/dev/full', prober.host.path('state/nodes/jarvis.new'));

  const { bodies, logged } = prober.look(1100, BOTH);

  // Sent at once: either may come first.
  expect(bodies.map((body) => JSON.parse(body).node).sort()).toEqual(['jarvis', 'ultron']);
  expect(logged).toContain('jarvis: what was seen could not be kept');
});

test('what the disk did not take has not been told, and is told when it does', () => {
  const prober = new Prober();
  prober.host.write('heartbeat', 'https://alive.example/ping\n');
  prober.look(1000, BOTH);
  symlinkSync('/dev/full', prober.host.path('state/queue/000000001-jarvis.msg.new'));

  expect(prober.looks([1100], BOTH)).toMatchObject([[1100, { node: 'ultron', state: 'down' }]]);
  expect(prober.host.read('posted')).not.toContain('alive.example');
  rmSync(prober.host.path('state/queue/000000001-jarvis.msg.new'), { force: true });
  expect(prober.looks([1120], BOTH)).toMatchObject([[1120, { node: 'jarvis', state: 'down' }]]);
});

test('asks an IPv6 address too', () => {
  const prober = new Prober();

  expect(prober.looks([1000, 1100], { REACHABILITY_TARGETS: 'jarvis/fd00::10/22' })).toMatchObject([
    [1100, { node: 'jarvis', address: 'fd00::10', state: 'down' }],
  ]);
});

test('asks every node at once, so that twenty dark ones take no longer than one', () => {
  const targets = Array.from({ length: 20 }, (_, index) => `n${index}/10.0.2.${index + 1}/22+10250`).join(',');
  const prober = new Prober({ ping: 'sleep 0.5; [[ ${*: -1} == 192.0.2.1 ]]', sleep: 'read -rt "$1" <> <(:) || :' });

  const began = performance.now();
  prober.look(1000, { REACHABILITY_TARGETS: targets });

  expect(performance.now() - began).toBeLessThan(5_000);
});

test.each(['none', ''])('cannot tell when the uptime reads %j', (uptime) => {
  const { status, calls } = new Prober().look(uptime);

  expect(status).toBe(2);
  expect(calls.filter((call) => call.startsWith('ping'))).toEqual([]);
});

test.each([
  ['REACHABILITY_TARGETS', ''],
  ['REACHABILITY_TARGETS', 'jarvis'],
  ['REACHABILITY_TARGETS', 'jarvis/10.0.1.10/'],
  ['REACHABILITY_TARGETS', '../jarvis/10.0.1.10/22'],
  ['REACHABILITY_TARGETS', 'jarvis/-f/22'],
  ['REACHABILITY_TARGETS', 'jarvis/10.0.1.10;reboot/22'],
  ['REACHABILITY_TOLERATE_SECONDS', '2min'],
  ['REACHABILITY_TOLERATE_SECONDS', '59'],
  ['REACHABILITY_FORM', 'pager'],
  ['REACHABILITY_STATE_FOLDER', 'state'],
])('does not work with %s=%j', (name, value) => {
  const { status, calls, logged } = new Prober().look(1000, { [name]: value });

  expect(status).toBe(1);
  expect(logged).toContain(`setting '${name}': expected`);
  expect(calls.filter((call) => call.startsWith('ping'))).toEqual([]);
});
