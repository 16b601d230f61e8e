import { createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { type FakeHost, fakeHost } from '../../support/fake-host.js';

const SCRIPT = new URL('../../../src/layers/reachability/scripts/reachability-prober.sh', import.meta.url).pathname;
const BOOT = '11111111-2222-3333-4444-555555555555';

/** Nothing listens on port 1, so that TCP never answers there. */
const SILENT_PORT = 1;

/**
 * A host beside the cluster. `ping` ends with what stands in the file named like its last argument, or with 1;
 * the gateway, 192.0.2.1, answers.
 */
function prober(stubs: Readonly<Record<string, string>> = {}): FakeHost {
  const host = fakeHost(['timeout', 'mkdir', 'mv'], {
    logger: '',
    curl: `IFS= read -r line; printf '%s\\n' "$line" >>"$HOME/posted"`,
    ping: 'status=1; read -r status 2>/dev/null <"$HOME/ping/${*: -1}"; exit "$status"',
    ...stubs,
  });
  host.write('proc/sys/kernel/random/boot_id', `${BOOT}\n`);
  host.write(
    'proc/net/route',
    'Iface\tDestination\tGateway\tFlags\neth0\t000200C0\t00000000\t0001\neth0\t00000000\t010200C0\t0003\n',
  );
  answer(host, '192.0.2.1', 0);
  host.write('webhook', 'https://chat.example/hooks/secret-part\n');
  return host;
}

/** What ping to an address ends with: 0 answer, 1 none, 2 it cannot tell. */
const answer = (host: FakeHost, address: string, status: number) => host.write(`ping/${address}`, `${status}\n`);

/** One look, so many seconds after the prober's boot. */
function look(host: FakeHost, uptime: number | string, env: Readonly<Record<string, string>> = {}) {
  host.write('proc/uptime', `${uptime}.00 1.00\n`);
  const outcome = host.run(SCRIPT, {
    REACHABILITY_TARGETS: `jarvis/127.0.0.1/${SILENT_PORT}`,
    REACHABILITY_WEBHOOK: host.path('webhook'),
    REACHABILITY_STATE_FOLDER: host.path('state'),
    REACHABILITY_PROC_FOLDER: host.path('proc'),
    ...env,
  });
  return {
    ...outcome,
    told: outcome.calls.filter((call) => call.startsWith('curl')).map((call) => /"text": "(.*)"/.exec(call)?.[1]),
  };
}

const looks = (host: FakeHost, times: readonly number[], env: Readonly<Record<string, string>> = {}) =>
  times.flatMap((time) => look(host, time, env).told);

test('does not tell of a node that answers', () => {
  const host = prober();
  answer(host, '127.0.0.1', 0);

  expect(look(host, 1000)).toMatchObject({ status: 0, told: [] });
  expect(looks(host, [1060, 1120, 1180])).toEqual([]);
});

test('does not tell of a silence shorter than what is tolerated', () => {
  const host = prober();

  expect(looks(host, [1000, 1060, 1119])).toEqual([]);
});

test('tells once of a node that is silent for longer', () => {
  const host = prober();

  expect(looks(host, [1000, 1060, 1120, 1180, 1240])).toEqual([
    'jarvis cannot be reached: no answer to ping or TCP for 120 seconds',
  ]);
});

test('ends with 3 where it told somebody', () => {
  const host = prober();
  looks(host, [1000, 1060]);

  expect(look(host, 1120).status).toBe(3);
});

test('tells once when it is back, after the same time', () => {
  const host = prober();
  looks(host, [1000, 1060, 1120]);
  answer(host, '127.0.0.1', 0);

  expect(looks(host, [1180, 1240, 1300, 1360])).toEqual(['jarvis can be reached again, for 120 seconds now']);
});

test('does not tell of a node that comes and goes', () => {
  const host = prober();

  const told = Array.from({ length: 10 }, (_, index) => {
    answer(host, '127.0.0.1', index % 2);
    return look(host, 1000 + index * 60).told;
  });

  expect(told.flat()).toEqual([]);
});

test('one port that takes a connection is a sign of life', async () => {
  const host = prober();
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;

  const told = looks(host, [1000, 1060, 1120, 1180], {
    REACHABILITY_TARGETS: `jarvis/127.0.0.1/${SILENT_PORT}+${port}`,
  });

  expect(told).toEqual([]);
});

test('ping alone is a sign of life', () => {
  const host = prober();
  answer(host, '127.0.0.1', 0);

  expect(looks(host, [1000, 1060, 1120, 1180])).toEqual([]);
});

test('never tells where ping cannot tell', () => {
  const host = prober();
  answer(host, '127.0.0.1', 2);

  expect(looks(host, [1000, 1060, 1120, 1180])).toEqual([]);
  expect(look(host, 1240).status).toBe(2);
});

test('never tells while its own network is down', () => {
  const host = prober();
  answer(host, '192.0.2.1', 1);

  expect(looks(host, [1000, 1060, 1120, 1180])).toEqual([]);
  expect(look(host, 1240).status).toBe(2);
});

test('never tells without a gateway to compare with', () => {
  const host = prober();
  host.write('proc/net/route', 'Iface\tDestination\tGateway\tFlags\n');

  expect(looks(host, [1000, 1060, 1120, 1180])).toEqual([]);
});

test('needs no gateway while another node answers', () => {
  const host = prober();
  answer(host, '192.0.2.1', 1);
  answer(host, '127.0.0.2', 0);
  const env = { REACHABILITY_TARGETS: `jarvis/127.0.0.1/${SILENT_PORT},ultron/127.0.0.2/${SILENT_PORT}` };

  expect(looks(host, [1000, 1060, 1120], env)).toEqual([expect.stringContaining('jarvis cannot be reached')]);
});

test('asks the gateway that it is given', () => {
  const host = prober();
  answer(host, '192.0.2.1', 1);
  answer(host, '192.0.2.9', 0);

  expect(looks(host, [1000, 1060, 1120], { REACHABILITY_GATEWAY: '192.0.2.9' })).toHaveLength(1);
});

test('a time without an answer to the question does not count as silence', () => {
  const host = prober();
  look(host, 1000);
  answer(host, '192.0.2.1', 1);
  look(host, 1060);
  answer(host, '192.0.2.1', 0);

  expect(looks(host, [1120, 1180])).toEqual([]);
  expect(look(host, 1240).told).toHaveLength(1);
});

test('a time without a look does not count as silence', () => {
  const host = prober();
  look(host, 1000);

  expect(look(host, 9000).told).toEqual([]);
});

test('remembers over its own reboot what it told, but not since when', () => {
  const host = prober();
  looks(host, [1000, 1060, 1120]);
  host.write('proc/sys/kernel/random/boot_id', `2${BOOT.slice(1)}\n`);

  expect(looks(host, [30, 90, 150, 210])).toEqual([]);
  answer(host, '127.0.0.1', 0);
  expect(looks(host, [270, 330, 390])).toEqual([expect.stringContaining('can be reached again')]);
});

test('keeps the URL out of the arguments', () => {
  const host = prober();
  looks(host, [1000, 1060]);

  const { calls } = look(host, 1120);

  expect(calls.join('\n')).not.toContain('secret-part');
  expect(host.read('posted')).toBe('url = "https://chat.example/hooks/secret-part"\n');
});

test('tells again what did not get through', () => {
  const host = prober({ curl: 'exit 22' });

  const told = looks(host, [1000, 1060, 1120, 1180]);

  expect(told).toHaveLength(2);
});

test('without a webhook the log alone is told', () => {
  const host = prober();
  looks(host, [1000, 1060], { REACHABILITY_WEBHOOK: '' });

  const { told, calls, status } = look(host, 1120, { REACHABILITY_WEBHOOK: '' });

  expect({ told, status }).toEqual({ told: [], status: 3 });
  expect(calls.join('\n')).toContain('daemon.crit -- jarvis cannot be reached');
});

test.each(['none', ''])('cannot tell when the uptime reads %j', (uptime) => {
  const { status, calls } = look(prober(), uptime);

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
  ['REACHABILITY_WEBHOOK', '/nowhere/webhook'],
  ['REACHABILITY_STATE_FOLDER', 'state'],
])('does not work with %s=%j', (name, value) => {
  const { status, calls } = look(prober(), 1000, { [name]: value });

  expect(status).toBe(1);
  expect(calls.join('\n')).toContain(`setting '${name}': expected`);
  expect(calls.filter((call) => call.startsWith('ping'))).toEqual([]);
});
