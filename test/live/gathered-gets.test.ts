/** Several objects of a kind that are asked for together come with one list, and never otherwise than one by one. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { LiveObject } from '../../src/manifest/live-object.js';
import { type FakeApiServer, json, refuse, startFakeApiServer } from '../support/fake-api-server.js';
import { describeWith } from '../support/tools.js';

const CONFIG_MAP = { apiVersion: 'v1', kind: 'ConfigMap' } as const;
const object = (name: string) => ({ ...CONFIG_MAP, metadata: { namespace: 'a', name } });

describeWith(['openssl'], 'objects that are asked for together', () => {
  let server: FakeApiServer;

  beforeAll(async () => {
    server = await startFakeApiServer();
  });
  afterEach(() => server.reset());
  afterAll(() => server.close());

  /** Has these objects, and lists the first of them, with or without more to come. */
  const having = (names: readonly string[], list: { readonly listed: number; readonly allowed?: boolean }): void => {
    server.play = ({ path }, response) => {
      const [last = ''] = path.split('/').slice(-1);
      if (names.includes(last)) return json(response, 200, object(last)) ?? null;
      if (last !== 'configmaps' && last !== 'secrets') return undefined;
      if (list.allowed === false) return refuse(response, 403, 'Forbidden', 'cannot list resource') ?? null;
      const metadata = list.listed < names.length ? { continue: 'more' } : {};
      return (
        json(response, 200, { kind: 'ConfigMapList', metadata, items: names.slice(0, list.listed).map(object) }) ?? null
      );
    };
  };
  const paths = (): readonly string[] =>
    server.questions.map(({ path }) => path).filter((path) => path.startsWith('/api/v1/'));
  const get = async (names: readonly string[], kind = 'ConfigMap'): Promise<readonly (string | null)[]> => {
    const api = server.api();
    const nameIn = (value: LiveObject | null): string | null => value?.metadata.name ?? null;
    const refs = names.map((name) => ({ apiVersion: 'v1', kind, namespace: 'a', name }));
    const answers = await Promise.all(refs.map((ref) => api.get(ref)));
    return answers.map((answer) => (answer.ok ? nameIn(answer.value) : answer.failure.kind));
  };

  test('are not missing because a list ended before them', async () => {
    having(['1', '2', '3'], { listed: 1 });

    expect(await get(['1', '2', '3', 'none'])).toEqual(['1', '2', '3', null]);
    expect(paths()).toHaveLength(1 + 3);
  });

  test('are asked for one by one where listing is not allowed', async () => {
    having(['1', '2', '3'], { listed: 3, allowed: false });

    expect(await get(['1', '2', '3'])).toEqual(['1', '2', '3']);
  });

  test('are never listed when they are Secrets', async () => {
    having([], { listed: 0 });

    expect(await get(['1', '2', '3', '4'], 'Secret')).toEqual([null, null, null, null]);
    expect(paths()).not.toContain('/api/v1/namespaces/a/secrets');
  });

  test('come with one list, which also says who is missing', async () => {
    having(['1', '2', '3'], { listed: 3 });

    expect(await get(['1', '2', '3', 'none'])).toEqual(['1', '2', '3', null]);
    expect(paths()).toEqual(['/api/v1/namespaces/a/configmaps']);
    expect(server.questions.at(-1)?.query.get('limit')).toBe('16');
  });

  test('are only one: then no list is worth it', async () => {
    having(['1', '2'], { listed: 2 });

    expect(await get(['1'])).toEqual(['1']);
    expect(paths()).toEqual(['/api/v1/namespaces/a/configmaps/1']);
  });
});
