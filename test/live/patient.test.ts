/** A client that outlives the API server's restarts: what it asks of one that is away ends soon, and is asked anew. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { connectToAct } from '../../src/live/act.js';
import { targetOf } from '../../src/live/connect.js';
import type { ActingKubeApi } from '../../src/live/kube-actions.js';
import type { Answer } from '../../src/manifest/live-object.js';
import { type FakeApiServer, json, startFakeApiServer } from '../support/fake-api-server.js';
import { describeWith } from '../support/tools.js';

const CONFIG_MAP = { apiVersion: 'v1', kind: 'ConfigMap' } as const;
const MANY = Array.from({ length: 30 }, (_, index) => `${index}`);

describeWith(['openssl'], 'a patient client', () => {
  let server: FakeApiServer;
  let api: ActingKubeApi;

  beforeAll(async () => {
    server = await startFakeApiServer();
  });
  afterEach(() => {
    api.close();
    server.reset();
  });
  afterAll(() => server.close());

  const open = async (seconds: number): Promise<void> => {
    const environment = { PATH: process.env.PATH };
    api = connectToAct(
      targetOf({ context: 'test', kubeconfig: server.kubeconfig(), timeout: { seconds }, environment }),
    );
    // The first connection of a busy machine may take longer than any question is to wait here.
    for (let tries = 0; !(await api.resource(CONFIG_MAP)).ok; tries += 1) expect(tries).toBeLessThan(20);
    server.play = ({ path }, response) => {
      if (!path.includes('/silent/')) setTimeout(() => empty(response), 150);
      return null;
    };
  };
  const empty = (response: Parameters<typeof json>[0]): null => {
    json(response, 200, { kind: 'ConfigMapList', metadata: {}, items: [] });
    return null;
  };
  const ask = (namespace: string): Promise<Answer<unknown>> => api.list(CONFIG_MAP, { namespace });
  const asked = (): number => server.questions.filter(({ path }) => path.includes('/silent/')).length;

  test('does not wait in turn for each question that is put to a server that has gone', async () => {
    await open(1);

    const answers = await Promise.all(MANY.map(() => ask('silent')));

    expect(answers.filter(({ ok }) => ok)).toEqual([]);
    expect(asked()).toBe(4);
  });

  test('asks it anew at once, and is answered where it is back', async () => {
    await open(1);
    await Promise.all(MANY.map(() => ask('silent')));

    expect((await ask('a')).ok).toBe(true);
    expect((await ask('silent')).ok).toBe(false);
    expect(asked()).toBe(5);
  });

  test('does not give up others for one question that is not answered', async () => {
    await open(1);

    const [one, ...others] = await Promise.all([ask('silent'), ...MANY.map(() => ask('a'))]);

    expect(one?.ok).toBe(false);
    expect(others.filter(({ ok }) => !ok)).toEqual([]);
  });

  test('does not ask one by one for what it asked for together, where there is no connection', async () => {
    await open(1);
    server.play = (_, response) => response.socket?.destroy() ?? null;

    const answers = await Promise.all(MANY.map((name) => api.get({ ...CONFIG_MAP, namespace: 'a', name })));

    expect(new Set(answers.map((answer) => (answer.ok ? '' : answer.failure.message))).size).toBe(1);
    expect(answers[0]).toMatchObject({
      ok: false,
      failure: { kind: 'unreachable', message: expect.stringMatching(/^list ConfigMap: /) },
    });
  });
});
