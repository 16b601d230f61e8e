/** What a broken, busy or strange API server makes of a question: a failure that says so, never "there is none". */
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Answer, Failure } from '../../src/manifest/live-object.js';
import {
  discovered,
  discoveryList,
  type FakeApiServer,
  json,
  type Play,
  refuse,
  startFakeApiServer,
} from '../support/fake-api-server.js';
import { describeWith } from '../support/tools.js';

const CONFIG_MAP = { apiVersion: 'v1', kind: 'ConfigMap' } as const;
const REF = { ...CONFIG_MAP, namespace: 'a', name: 'b' };
const MANIFEST = { ...CONFIG_MAP, metadata: { namespace: 'a', name: 'b' }, data: { key: 'value' } };
const SECRET = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { namespace: 'a', name: 'b' },
  stringData: { k: 'hunter2' },
};
const object = (name: string) => ({
  ...CONFIG_MAP,
  metadata: { namespace: 'a', name, uid: name, resourceVersion: '1' },
});

describeWith(['openssl'], 'a question to an API server', () => {
  let server: FakeApiServer;

  beforeAll(async () => {
    server = await startFakeApiServer();
  });
  afterEach(() => server.reset());
  afterAll(() => server.close());

  /** Discovery stays whole: what is played is about the object alone. */
  const forObjects = (play: Play): void => {
    server.play = (question, response) =>
      question.path === '/api' || question.path === '/apis' ? undefined : (play(question, response) ?? null);
  };

  const failureOf = (answer: Answer<unknown>): Failure => {
    if (answer.ok) throw new Error(`expected a failure, got ${JSON.stringify(answer.value)}`);
    return answer.failure;
  };

  const STATUSES = [
    [301, 'server', 'get ConfigMap a/b: 301 Moved Permanently'],
    [401, 'unauthorized', 'get ConfigMap a/b: 401 Unauthorized'],
    [403, 'forbidden', 'get ConfigMap a/b: 403 Forbidden'],
    [404, 'server', 'get ConfigMap a/b: 404 Not Found'],
    [500, 'server', 'get ConfigMap a/b: 500 Internal Server Error'],
    [503, 'server', 'get ConfigMap a/b: 503 Service Unavailable'],
  ] as const;

  test.each(STATUSES)('is not answered by a page with status %i', async (code, kind, message) => {
    forObjects((_, response) => response.writeHead(code, { Location: '/login' }).end('<html>'));

    expect(failureOf(await server.api().get(REF))).toEqual({ kind, message });
  });

  test('does not take a list for empty that was cut in the middle', async () => {
    forObjects((_, response) => {
      response.writeHead(200, { 'Content-Length': 100_000 }).write('{"kind":"ConfigMapList","items":[]');
      response.socket?.destroySoon();
    });

    expect(failureOf(await server.api().list(CONFIG_MAP))).toEqual({
      kind: 'unreachable',
      message: 'list ConfigMap: the connection broke in the middle of the answer',
    });
  });

  test('does not take a list for whole that was cut between two chunks', async () => {
    forObjects((_, response) => {
      response
        .writeHead(200)
        .write('{"kind":"ConfigMapList","metadata":{},"items":[]}', () => response.socket?.destroy());
    });

    expect(failureOf(await server.api().list(CONFIG_MAP)).kind).toBe('unreachable');
  });

  test.each([
    ['no JSON', 'ok', 'list ConfigMap: expected JSON, got 2 characters of something else'],
    ['another kind', '{"kind":"PodList","items":[]}', 'list ConfigMap: expected a ConfigMapList, got PodList'],
    [
      'no items',
      '{"kind":"ConfigMapList"}',
      'list ConfigMap: expected a ConfigMapList, got ConfigMapList without items',
    ],
    ['items that are no objects', '{"kind":"ConfigMapList","items":[1]}', 'list ConfigMap: expected objects, got 1'],
  ])('does not take %s for an empty list', async (_, body, message) => {
    forObjects((_question, response) => response.writeHead(200).end(body));

    expect(failureOf(await server.api().list(CONFIG_MAP))).toEqual({ kind: 'server', message });
  });

  test('does not take bytes that are not gzip for an answer', async () => {
    forObjects((_, response) =>
      response.writeHead(200, { 'Content-Encoding': 'gzip' }).end('{"kind":"ConfigMapList"}'),
    );

    expect(failureOf(await server.api().list(CONFIG_MAP)).kind).toBe('server');
  });

  test('does not take another object for the one that was asked for', async () => {
    forObjects((_, response) => json(response, 200, object('other')));

    expect(failureOf(await server.api().get(REF))).toEqual({
      kind: 'server',
      message: 'get ConfigMap a/b: expected this object, got ConfigMap other',
    });
  });

  test('does not take a missing namespace for a missing object', async () => {
    forObjects((_, response) =>
      refuse(response, 404, 'NotFound', 'namespaces "a" not found', { name: 'a', kind: 'namespaces' }),
    );

    expect(failureOf(await server.api().dryRunApply(MANIFEST, { fieldManager: 'm' }))).toEqual({
      kind: 'refused',
      message: 'dry run of ConfigMap a/b: 404 NotFound: namespaces "a" not found',
    });
  });

  test('takes a kind that went away meanwhile for no missing object', async () => {
    forObjects((_, response) => refuse(response, 404, 'NotFound', 'the server could not find the requested resource'));

    expect(failureOf(await server.api().get(REF)).kind).toBe('unknown-kind');
  });

  test('ends when its time is up, and nobody waits for that server again', async () => {
    server.play = () => null;
    const api = server.api({ seconds: 0.2 });

    expect(failureOf(await api.version())).toEqual({ kind: 'timed-out', message: 'version: no answer within 0.2 s' });
    expect(failureOf(await api.version()).message).toBe('version: no answer within 0.2 s (not asked again)');
  });

  test('that is slow does not keep others from being asked', async () => {
    forObjects(({ path }, response) => (path.endsWith('/slow') ? null : json(response, 200, object('b'))));
    const api = server.api({ seconds: 3 });
    await api.resource(CONFIG_MAP);
    const slow = api.get({ ...REF, name: 'slow' });
    const quick = await api.get(REF);

    expect(failureOf(await slow).kind).toBe('timed-out');
    expect(quick.ok).toBe(true);
    expect((await api.get(REF)).ok).toBe(true);
  });

  test('to a server that went midway is waited for once, not once for each queue of questions', async () => {
    let answered = 0;
    forObjects((_, response) => {
      answered += 1;
      if (answered <= 10) json(response, 200, { kind: 'ConfigMapList', metadata: {}, items: [] });
    });
    const api = server.api({ seconds: 3 });

    const answers = await Promise.all(Array.from({ length: 60 }, () => api.list(CONFIG_MAP)));
    const waited = answers.filter((answer) => !answer.ok && !answer.failure.message.endsWith('(not asked again)'));

    expect(answers.filter(({ ok }) => !ok).length).toBeGreaterThan(40);
    expect(waited.length).toBeLessThanOrEqual(4);
  });

  test('to a server that is not there is given up at the second attempt', async () => {
    const api = server.api({ cluster: { server: 'https://127.0.0.1:1' }, seconds: 30 });

    expect(failureOf(await api.version())).toEqual({
      kind: 'unreachable',
      message: 'version: connect ECONNREFUSED 127.0.0.1:1',
    });
  });

  test('outlasts a connection that the server ends, when it answered before', async () => {
    const api = server.api();
    await api.resource(CONFIG_MAP);
    let broken = 0;
    forObjects((_, response) => {
      broken += 1;
      if (broken <= 3) response.socket?.destroy();
      else json(response, 200, object('b'));
    });

    expect(await api.get(REF)).toMatchObject({ ok: true, value: { metadata: { name: 'b' } } });
  });

  test.each([429, 503])('is put again to a server that says %i, after the time that it names', async (status) => {
    let busy = 0;
    forObjects((_, response) => {
      busy += 1;
      if (busy > 1) json(response, 200, object('b'));
      else response.writeHead(status, { 'Retry-After': '1' }).end();
    });

    expect((await server.api().get(REF)).ok).toBe(true);
    expect(busy).toBe(2);
  });

  test('outlasts a server that restarts: no connection three times, then a 503 that names a time', async () => {
    const api = server.api({ seconds: 30 });
    await api.resource(CONFIG_MAP);
    let asked = 0;
    forObjects((_, response) => {
      asked += 1;
      if (asked <= 3) response.socket?.destroy();
      else if (asked === 4) response.writeHead(503, { 'Retry-After': '0' }).end();
      else json(response, 200, object('b'));
    });

    expect((await api.get(REF)).ok).toBe(true);
    expect(asked).toBe(5);
  });

  test.each([
    [{ 'Retry-After': '0' }, 4],
    // So it is with an API behind the API server that is down.
    [{}, 1],
  ])('to a server that always says 503 with the headers %j is put %i times', async (headers, times) => {
    let asked = 0;
    forObjects((_, response) => {
      asked += 1;
      response.writeHead(503, headers).end('service unavailable');
    });

    expect(failureOf(await server.api().get(REF))).toEqual({
      kind: 'server',
      message: 'get ConfigMap a/b: 503 Service Unavailable',
    });
    expect(asked).toBe(times);
  });

  test('is given up at once when the busy server names a time after the deadline', async () => {
    forObjects((_, response) => response.writeHead(429, { 'Retry-After': '3600' }).end());

    expect(failureOf(await server.api().get(REF))).toEqual({
      kind: 'server',
      message: 'get ConfigMap a/b: 429 Too Many Requests',
    });
  });

  test.each([
    [403, 'Forbidden', 'configmaps "b" is forbidden: User "x" cannot patch resource "configmaps"', 'forbidden'],
    [403, 'Forbidden', 'admission webhook "policy.example.com" denied the request: no', 'refused'],
    [409, 'Conflict', 'Apply failed with 1 conflict', 'conflict'],
    [422, 'Invalid', 'ConfigMap "b" is invalid', 'refused'],
    [500, '', 'failed to create typed patch object (a/b): .spec: field not declared in schema', 'refused'],
    [500, 'InternalError', 'Internal error occurred: failed calling webhook "x": connection refused', 'server'],
  ])('that asks for a dry run and gets %i %s (%s) is %s', async (code, reason, message, kind) => {
    forObjects((_, response) => refuse(response, code, reason, message));

    const failure = failureOf(await server.api().dryRunApply(MANIFEST, { fieldManager: 'm' }));

    expect(failure.kind).toBe(kind);
    expect(failure.message).toContain(message);
  });

  test('about a Secret does not repeat what the server quotes of it', async () => {
    forObjects((_, response) => refuse(response, 422, 'Invalid', 'Secret "b": Invalid value: "hunter2"'));

    expect(failureOf(await server.api().dryRunApply(SECRET, { fieldManager: 'm' }))).toEqual({
      kind: 'refused',
      message: 'dry run of Secret a/b: 422 Invalid: what it said is not shown: it may quote the Secret',
    });
  });

  test('about an object in no namespace, where the kind has one, is not sent', async () => {
    const manifest = { ...MANIFEST, metadata: { name: 'b' } };

    expect(failureOf(await server.api().dryRunApply(manifest, { fieldManager: 'm' }))).toEqual({
      kind: 'refused',
      message: 'dry run of ConfigMap b: expected a namespace, got none',
    });
    expect(server.questions.filter(({ method }) => method === 'PATCH')).toEqual([]);
  });

  test('about a kind of an API that is down cannot be told', async () => {
    const down = { freshness: 'Stale', resources: [] };
    server.play = ({ path }, response) =>
      path === '/apis'
        ? (json(response, 200, discoveryList(discovered('metrics.k8s.io', 'v1beta1', {}, down))) ?? null)
        : undefined;

    expect(failureOf(await server.api().list({ apiVersion: 'metrics.k8s.io/v1beta1', kind: 'NodeMetrics' }))).toEqual({
      kind: 'server',
      message:
        'metrics.k8s.io/v1beta1 NodeMetrics: the API behind metrics.k8s.io/v1beta1 does not answer the API server',
    });
  });

  test.each([
    ['apps/v1beta1', 'Deployment', 'apps/v1beta1 Deployment: the API server has this kind as apps/v1 only'],
    ['longhorn.io/v1beta2', 'Volume', 'longhorn.io/v1beta2 Volume: the API server does not have this kind'],
  ])('about %s %s says that the server does not have it', async (apiVersion, kind, message) => {
    expect(failureOf(await server.api().list({ apiVersion, kind }))).toEqual({ kind: 'unknown-kind', message });
  });

  test.each(['/api', '/apis'])('about any kind cannot be told when %s is not answered', async (broken) => {
    server.play = ({ path }, response) =>
      path === broken ? (refuse(response, 404, 'NotFound', 'no') ?? null) : undefined;

    const failure = failureOf(await server.api().list({ apiVersion: 'longhorn.io/v1beta2', kind: 'Volume' }));

    expect(failure).toEqual({ kind: 'server', message: `which kinds there are (${broken}): 404 NotFound: no` });
  });

  test('to a server without aggregated discovery says which Kubernetes has it', async () => {
    server.play = ({ path }, response) =>
      path === '/apis' ? (json(response, 200, { kind: 'APIGroupList' }) ?? null) : undefined;

    expect(failureOf(await server.api().list(CONFIG_MAP)).message).toBe(
      'which kinds there are (/apis): expected an APIGroupDiscoveryList (Kubernetes 1.26 or newer), got APIGroupList',
    );
  });

  test('has a null for an answer only where the server says that there is no such object', async () => {
    expect(await server.api().get(REF)).toEqual({ ok: true, value: null });
  });

  test('for a list reads all its pages, gzipped or not, and says of each object what it is', async () => {
    const pages = new Map([
      [null, { metadata: { continue: 'two' }, items: [{ metadata: { name: '1' } }] }],
      ['two', { metadata: {}, items: [{ metadata: { name: '2' } }] }],
    ]);
    forObjects(({ query, headers }, response) => {
      const body = JSON.stringify({ kind: 'ConfigMapList', ...pages.get(query.get('continue')) });
      expect(headers['accept-encoding']).toBe('gzip');
      response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(gzipSync(body));
    });

    expect(await server.api().list(CONFIG_MAP, { labelSelector: 'a=b,c' })).toEqual({
      ok: true,
      value: ['1', '2'].map((name) => ({ ...CONFIG_MAP, metadata: { name } })),
    });
    expect(server.questions.at(-1)?.query.toString()).toBe('limit=500&labelSelector=a%3Db%2Cc&continue=two');
  });

  test('for a list starts over once when its place was forgotten, and keeps nothing of the first time', async () => {
    let forgotten = 0;
    forObjects(({ query }, response) => {
      if (query.get('continue') === null) {
        json(response, 200, {
          kind: 'ConfigMapList',
          metadata: { continue: 'two' },
          items: [{ metadata: { name: '1' } }],
        });
      } else if (forgotten++ === 0) refuse(response, 410, 'Expired', 'too old');
      else json(response, 200, { kind: 'ConfigMapList', metadata: {}, items: [{ metadata: { name: '2' } }] });
    });
    const answer = await server.api().list(CONFIG_MAP);

    expect(answer.ok && answer.value.map(({ metadata }) => metadata.name)).toEqual(['1', '2']);
  });

  test('for a list ends as a failure when its place is forgotten twice', async () => {
    forObjects(({ query }, response) => {
      if (query.has('continue')) refuse(response, 410, 'Expired', 'too old');
      else json(response, 200, { kind: 'ConfigMapList', metadata: { continue: 'two' }, items: [] });
    });

    expect(failureOf(await server.api().list(CONFIG_MAP))).toEqual({
      kind: 'server',
      message: 'list ConfigMap: the API server forgot twice where the list was (410)',
    });
  });

  test('for a dry run brings the object, the warnings, and whether there is none yet', async () => {
    forObjects((_, response) => {
      response.setHeader('Warning', ['299 - "unknown field \\"spec.a\\""', '299 - "deprecated"']);
      json(response, 201, object('b'));
    });

    expect(await server.api().dryRunApply(MANIFEST, { fieldManager: 'm' })).toEqual({
      ok: true,
      value: { object: object('b'), created: true, warnings: ['unknown field "spec.a"', 'deprecated'] },
    });
  });

  test('is asked with no more than four at a time, over connections that are kept', async () => {
    const held: (() => void)[] = [];
    let most = 0;
    forObjects((_, response) => {
      held.push(() => json(response, 200, { ...object('b'), kind: 'Secret' }));
      most = Math.max(most, held.length);
      // Answered when four wait: a client that asks with fewer at a time would wait for ever.
      if (held.length === 4) for (const release of held.splice(0)) setTimeout(release, 5);
    });
    const api = server.api();
    await Promise.all(Array.from({ length: 96 }, () => api.get({ ...REF, kind: 'Secret' })));

    expect(most).toBe(4);
    expect(server.connections()).toBeLessThanOrEqual(4);
    expect(server.questions.filter(({ path }) => path.startsWith('/api/v1/')).length).toBe(96);
  });
});
