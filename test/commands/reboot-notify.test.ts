/** Who is told of a roll: what arrives in each form, and that nobody who cannot be reached holds a roll up. */
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createNotifier, type Event, notifierOf } from '../../src/commands/reboot-notify.js';
import type { Answer, LiveObject } from '../../src/manifest/live-object.js';
import { live } from '../support/check-facts.js';
import { minimal } from '../support/clusters.js';

interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

const SECRET_PATH = '/T0000/B0000/hush';

let received: Received[];
let said: string[];
let play: (response: ServerResponse, count: number) => void;
let close: () => Promise<void>;
let port: number;

beforeEach(async () => {
  [received, said] = [[], []];
  play = (response) => void response.end('ok');
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (part) => {
      body += part;
    });
    request.on('end', () => {
      received.push({ path: request.url ?? '', headers: request.headers, body });
      play(response, received.length);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ({ port } = server.address() as AddressInfo);
  close = async () => {
    server.closeAllConnections();
    server.close();
  };
});
afterEach(() => close());

const event = (change: Partial<Event> = {}): Event => ({
  ...{ event: 'node-goes', cluster: 'attic', node: 'lamp', roll: 'f00d', text: 'lamp is drained and rebooted now' },
  ...change,
});

const urlOf = (account = '', path = SECRET_PATH): URL => new URL(`http://${account}127.0.0.1:${port}${path}`);

const notifier = (kind: 'slack' | 'ntfy' | 'webhook', more: { readonly url?: URL; readonly answerMs?: number } = {}) =>
  createNotifier({
    ...{ kind, url: urlOf(), say: (line) => said.push(line), answerMs: 2_000, lastMs: 4_000 },
    ...more,
  });

async function told(kind: 'slack' | 'ntfy' | 'webhook', ...events: readonly Event[]): Promise<void> {
  const to = notifier(kind);
  for (const each of events) to.tell(each);
  await to.settled();
}

describe('what arrives', () => {
  test('for Slack is one text that names the cluster, and no order to Slack', async () => {
    await told('slack', event({ text: 'lamp goes: <!channel> & "more"' }));

    expect(received.map(({ path }) => path)).toEqual([SECRET_PATH]);
    expect(received[0]?.headers['content-type']).toBe('application/json');
    expect(JSON.parse(received[0]?.body ?? '')).toEqual({
      text: '[attic] lamp goes: &lt;!channel&gt; &amp; "more"',
    });
    expect(said).toEqual([]);
  });

  test.each([
    ['node-goes', 'default'],
    ['interrupted', 'default'],
    ['ended', 'default'],
    ['stopped', 'high'],
  ] as const)('for ntfy is the plain text of %s, with the priority %s', async (name, priority) => {
    await told('ntfy', event({ event: name, text: 'zwölf <Boxkämpfer>' }));

    expect(received).toMatchObject([{ body: 'zwölf <Boxkämpfer>', headers: { title: 'attic: reboots', priority } }]);
  });

  test('for a webhook is the event, whole', async () => {
    const whole = event({ event: 'stopped', node: null, roll: null, text: 'line\nline' });

    await told('webhook', whole);

    expect(JSON.parse(received[0]?.body ?? '')).toEqual(whole);
  });

  test('comes in the order in which it was told, also when the first one takes longer', async () => {
    play = (response, count) => void setTimeout(() => response.end(), count === 1 ? 150 : 0);
    const names = ['begins', 'node-goes', 'node-is-back', 'ended'] as const;

    await told('webhook', ...names.map((name) => event({ event: name })));

    expect(received.map(({ body }) => JSON.parse(body).event)).toEqual(names);
  });

  test('has the account of the URL in the header that is for it', async () => {
    const to = notifier('ntfy', { url: urlOf(':tk_%C3%BC@') });

    to.tell(event());
    await to.settled();

    expect(said).toEqual([]);
    expect(received[0]?.path).toBe(SECRET_PATH);
    expect(received[0]?.headers.authorization).toBe(`Basic ${Buffer.from(':tk_ü').toString('base64')}`);
  });
});

describe('a message that does not arrive', () => {
  test.each([
    ['500', (response: ServerResponse) => response.writeHead(500).end(), 'expected a status from 200 to 299, got 500'],
    [
      'a redirection, which is not followed',
      (response: ServerResponse) => response.writeHead(307, { Location: '/elsewhere' }).end(),
      'expected a status from 200 to 299, got 307',
    ],
    [
      'a connection that breaks',
      (response: ServerResponse) => response.destroy(),
      'the connection failed (UND_ERR_SOCKET)',
    ],
  ])('is said: %s', async (_, broken, why) => {
    play = (response) => void broken(response);

    await told('slack', event());

    expect(said).toEqual([`the message "node-goes" has not arrived: ${why}`]);
    expect(received).toHaveLength(1);
  });

  test('is said of a receiver that is not there', async () => {
    await close();

    await told('ntfy', event({ event: 'begins' }));

    expect(said).toEqual(['the message "begins" has not arrived: the connection failed (ECONNREFUSED)']);
  });

  test('is given up after its time, and the next one is sent', async () => {
    play = (response, count) => void (count === 1 ? undefined : response.end());
    const to = notifier('webhook', { answerMs: 1_000 });

    to.tell(event({ event: 'begins' }));
    to.tell(event({ event: 'ended' }));
    await to.settled();

    expect(said).toEqual(['the message "begins" has not arrived: no answer within 1 s']);
    expect(received.map(({ body }) => JSON.parse(body).event)).toEqual(['begins', 'ended']);
  });

  test('holds nobody up: a hundred are told at once, and the end of a roll waits for none of them for long', async () => {
    play = () => undefined;
    const to = createNotifier({
      kind: 'slack',
      url: urlOf(),
      say: (line) => said.push(line),
      answerMs: 60_000,
      lastMs: 200,
    });
    const began = performance.now();

    for (let count = 0; count < 100; count++) to.tell(event());
    const toldMs = performance.now() - began;
    await to.settled();
    const tookMs = performance.now() - began;

    expect(toldMs).toBeLessThan(200);
    expect(tookMs).toBeLessThan(5_000);
    expect(said).toHaveLength(100);
    expect(new Set(said)).toEqual(new Set(['the message "node-goes" has not arrived: no time was left for it']));
    expect(received.length).toBeLessThan(2);
  });

  test('is none where the answer never ends', async () => {
    play = (response) => void response.writeHead(200).write('more to come');

    await told('slack', event(), event({ event: 'ended' }));

    expect(said).toEqual([]);
    expect(received).toHaveLength(2);
  });

  test.each(['slack', 'ntfy', 'webhook'] as const)(
    'never shows the URL, nor any part of it that is secret (%s)',
    async (kind) => {
      const account = 'somebody:hush2@';
      const urls = [
        urlOf(account),
        new URL(`http://${account}127.0.0.1:1${SECRET_PATH}`),
        new URL(`http://${account}no.invalid${SECRET_PATH}`),
      ];
      play = (response) => void response.writeHead(404).end(SECRET_PATH);

      for (const url of urls) {
        const to = notifier(kind, { url });
        to.tell(event());
        await to.settled();
      }

      expect(said).toHaveLength(3);
      expect(said.join('\n')).not.toMatch(/hush|T0000|somebody|127\.0\.0\.1|no\.invalid/);
    },
  );
});

describe('the Secret with the URL', () => {
  const cluster = minimal({ reboots: { notify: { kind: 'slack', urlSecret: { name: 'reboots', key: 'url' } } } });
  const secret = (data: Readonly<Record<string, string>>): LiveObject =>
    live('Secret', 'kube-system/reboots', {
      data: Object.fromEntries(Object.entries(data).map(([key, text]) => [key, Buffer.from(text).toString('base64')])),
    });
  const asked: object[] = [];
  const notifierWith = (answer: Answer<LiveObject | null>, of = cluster) => {
    asked.length = 0;
    const get = async (ref: object) => {
      asked.push(ref);
      return answer;
    };
    return notifierOf({ get }, of, (line) => said.push(line));
  };

  test('is not asked for where nobody is described', async () => {
    expect(await notifierWith({ ok: true, value: null }, minimal())).toBeNull();
    expect(asked).toEqual([]);
    expect(said).toEqual([]);
  });

  test('is read, and what surrounds the URL is no part of it', async () => {
    const to = await notifierWith({ ok: true, value: secret({ url: `${urlOf()}\n` }) });
    to?.tell(event());
    await to?.settled();

    expect(asked).toEqual([{ apiVersion: 'v1', kind: 'Secret', namespace: 'kube-system', name: 'reboots' }]);
    expect(received.map(({ path }) => path)).toEqual([SECRET_PATH]);
  });

  const NOT_SHOWN = 'expected an http or https URL in url, got something else (not shown)';

  test.each<readonly [string, Answer<LiveObject | null>, string]>([
    ['is not there', { ok: true, value: null }, 'Secret kube-system/reboots: expected it with the key url, got none'],
    ['has another key', { ok: true, value: secret({ hush: 'hush' }) }, `Secret kube-system/reboots: ${NOT_SHOWN}`],
    ['holds no URL', { ok: true, value: secret({ url: 'hush' }) }, `Secret kube-system/reboots: ${NOT_SHOWN}`],
    ['holds a file', { ok: true, value: secret({ url: 'file:///hush' }) }, `Secret kube-system/reboots: ${NOT_SHOWN}`],
    [
      'holds half a URL',
      { ok: true, value: secret({ url: 'https://hush:x' }) },
      `Secret kube-system/reboots: ${NOT_SHOWN}`,
    ],
    [
      'may not be read',
      { ok: false, failure: { kind: 'forbidden', message: 'get Secret kube-system/reboots: 403' } },
      'get Secret kube-system/reboots: 403',
    ],
  ])('that %s leaves the roll without a message, and that is said without its content', async (_, answer, why) => {
    expect(await notifierWith(answer)).toBeNull();
    expect(said).toEqual([`nobody will be notified: ${why}`]);
  });
});
