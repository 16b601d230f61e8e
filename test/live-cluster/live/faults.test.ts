/** What a real API server does to questions when it restarts, lacks a kind, says no or is cut off: never "there is none". */
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { connect } from '../../../src/live/connect.js';
import type { KubeApi } from '../../../src/live/kube-api.js';
import type { Answer } from '../../../src/manifest/live-object.js';
import type { Manifest } from '../../../src/manifest/manifest.js';
import { type Bench, startBench } from '../bench/bench.js';
import { type FaultyProxy, startFaultyProxy } from '../bench/faulty-proxy.js';

const CONFIG_MAP = { apiVersion: 'v1', kind: 'ConfigMap' } as const;
const SECRET = { apiVersion: 'v1', kind: 'Secret' } as const;
const MANAGER = { fieldManager: 'argocd-controller' } as const;
const NAMES = Array.from({ length: 1_000 }, (_, index) => `object-${String(index).padStart(4, '0')}`);

const configMap = (name: string, value = 'as described'): Manifest => ({
  ...CONFIG_MAP,
  metadata: { namespace: 'many', name },
  data: { value },
});
const object = (kind: string, name: string, more: object): Manifest => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind,
  metadata: { name },
  ...more,
});

let bench: Bench;
let proxy: FaultyProxy;
const opened: KubeApi[] = [];

const open = (kubeconfig: string, seconds = 60): KubeApi => {
  const api = connect({ context: 'bench', kubeconfig, timeout: { seconds }, environment: {} });
  opened.push(api);
  return api;
};
const kindsOf = (answers: readonly Answer<unknown>[]): ReadonlySet<string> =>
  new Set(answers.map((answer) => (answer.ok ? 'answered' : answer.failure.kind)));
const getAll = (api: KubeApi) => Promise.all(NAMES.map((name) => api.get({ ...CONFIG_MAP, namespace: 'many', name })));
const versionsOf = (answer: Answer<readonly Manifest[]>): ReadonlyMap<string, unknown> =>
  new Map(answer.ok ? answer.value.map(({ metadata }) => [metadata.name, metadata.resourceVersion]) : []);

beforeAll(async () => {
  bench = await startBench({ nodes: [] });
  bench.kubectl(['create', 'namespace', 'many']);
  bench.kubectl(['create', 'serviceaccount', 'reader', '--namespace=many']);
  bench.apply(
    [
      object('ClusterRole', 'reads-config-maps', {
        rules: [{ apiGroups: [''], resources: ['configmaps'], verbs: ['get', 'list'] }],
      }),
      object('ClusterRoleBinding', 'reads-config-maps', {
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'reads-config-maps' },
        subjects: [{ kind: 'ServiceAccount', name: 'reader', namespace: 'many' }],
      }),
    ],
    { manager: 'test' },
  );
  bench.apply(
    NAMES.map((name) => configMap(name)),
    { manager: 'argocd-controller', serverSide: true },
  );
  proxy = await startFaultyProxy(bench);
});

afterEach(() => {
  proxy.rule(() => undefined);
  for (const api of opened.splice(0)) api.close();
});

afterAll(async () => {
  await proxy?.close();
  await bench?.close();
});

describe('1,000 objects', () => {
  test('are listed to the last one and dry-run applied, and none of them is changed', async () => {
    const before = versionsOf(await open(bench.kubeconfig).list(CONFIG_MAP, { namespace: 'many' }));
    const asked = proxy.requests.length;
    const api = open(proxy.kubeconfig(bench.kubeconfig));

    const listed = await api.list(CONFIG_MAP, { namespace: 'many' });
    const applied = await Promise.all(NAMES.map((name) => api.dryRunApply(configMap(name, 'changed'), MANAGER)));

    expect([...versionsOf(listed).keys()]).toEqual(expect.arrayContaining(NAMES));
    expect(new Set(applied.map((answer) => answer.ok && answer.value.object.data?.['value' as never]))).toEqual(
      new Set(['changed']),
    );
    expect(versionsOf(await api.list(CONFIG_MAP, { namespace: 'many' }))).toEqual(before);
    const changing = proxy.requests.slice(asked).filter(({ method }) => method !== 'GET');
    expect(changing).toHaveLength(1_000);
    expect(new Set(changing.map(({ method, query }) => `${method} ${query.getAll('dryRun')}`))).toEqual(
      new Set(['PATCH All']),
    );
  });
});

describe('an API server that ends midway', () => {
  test('is not taken for one without objects: every question fails, and soon', async () => {
    const api = open(bench.kubeconfig, 5);
    await api.resource(CONFIG_MAP);
    const answers = getAll(api);
    await bench.parts.stop('apiserver');

    const settled = await answers;
    const later = await api.list(CONFIG_MAP);
    await bench.parts.start('apiserver');

    // Who was answered before it ended, was answered rightly.
    expect(settled.filter((answer) => answer.ok && answer.value === null)).toEqual([]);
    expect(kindsOf([later])).toEqual(new Set(['unreachable']));
    expect(later.ok || later.failure.message).toBe(
      `list ConfigMap: connect ECONNREFUSED ${new URL(bench.server).host} (not asked again)`,
    );
  });

  test('and comes back is waited for, within the time of a question', async () => {
    const api = open(bench.kubeconfig, 60);
    await api.resource(CONFIG_MAP);
    const answers = getAll(api);
    await bench.parts.stop('apiserver');
    await bench.parts.start('apiserver');

    const settled = await answers;

    expect(kindsOf(settled)).toEqual(new Set(['answered']));
    expect(settled.flatMap((answer) => (answer.ok && answer.value ? [answer.value.metadata.name] : []))).toEqual(NAMES);
  });

  test('and comes back is waited for too where it first has to install a kind: its 503 names a time', async () => {
    const rule = { apiVersion: 'monitoring.coreos.com/v1', kind: 'PrometheusRule' };
    const api = open(bench.kubeconfig, 60);
    await api.resource(rule);
    const [path, notYet]: [string, string[]] = [`/apis/${rule.apiVersion}/prometheusrules`, []];
    let isBack = false;
    const untilBack = async (ask: () => Promise<unknown>): Promise<void> => {
      while (!isBack) await ask();
    };
    const answers: Answer<unknown>[] = [];
    await bench.parts.stop('apiserver');
    const started = bench.parts.start('apiserver').finally(() => {
      isBack = true;
    });

    await Promise.all([
      started,
      untilBack(async () => {
        const answer = await bench.send('GET', path).catch(() => delay(10));
        if (answer && answer.status !== 200) notYet.push(answer.text);
      }),
      ...Array.from({ length: 3 }, () => untilBack(async () => answers.push(await api.list(rule)))),
    ]);

    // Else it was up too soon for this test to ask anything.
    expect(notYet.join('\n')).toContain('before all known HTTP paths have been installed');
    expect(notYet.filter((text) => !(JSON.parse(text).details?.retryAfterSeconds > 0))).toEqual([]);
    expect(answers.length).toBeGreaterThan(0);
    expect(kindsOf(answers)).toEqual(new Set(['answered']));
  });

  test('is said to be unreachable when it was not there to begin with', async () => {
    await bench.parts.stop('apiserver');

    const answer = await open(bench.kubeconfig).list(CONFIG_MAP);
    await bench.parts.start('apiserver');

    expect(kindsOf([answer])).toEqual(new Set(['unreachable']));
    expect(answer.ok || answer.failure.message).toContain('ECONNREFUSED');
  });
});

describe('a kind', () => {
  test('whose definition is not installed is unknown, and the others are not', async () => {
    const api = open(bench.kubeconfig);

    expect(kindsOf([await api.list({ apiVersion: 'missing.example.com/v1', kind: 'Thing' })])).toEqual(
      new Set(['unknown-kind']),
    );
    expect(kindsOf([await api.list(CONFIG_MAP)])).toEqual(new Set(['answered']));
  });

  test('whose API is registered and down cannot be told', async () => {
    const down = {
      apiVersion: 'apiregistration.k8s.io/v1',
      kind: 'APIService',
      metadata: { name: 'v1beta1.down.example.com' },
      spec: {
        group: 'down.example.com',
        version: 'v1beta1',
        groupPriorityMinimum: 100,
        versionPriority: 100,
        insecureSkipTLSVerify: true,
        service: { namespace: 'many', name: 'nobody' },
      },
    };
    bench.apply([down], { manager: 'test' });
    const thing = { apiVersion: 'down.example.com/v1beta1', kind: 'Thing' };
    const answer = await bench.until('the API server knows the API that is down', async () => {
      const found = await open(bench.kubeconfig).list(thing);
      return !found.ok && found.failure.kind === 'unknown-kind' ? undefined : found;
    });
    bench.kubectl(['delete', 'apiservice', down.metadata.name]);

    expect(answer).toEqual({
      ok: false,
      failure: {
        kind: 'server',
        message:
          'down.example.com/v1beta1 Thing: the API behind down.example.com/v1beta1 does not answer the API server',
      },
    });
  });

  test('that the identity may not read is forbidden, and the others are read', async () => {
    const api = open(bench.kubeconfigFor({ namespace: 'many', name: 'reader' }));
    const [secrets, configMaps, dryRun] = [
      await api.list(SECRET),
      await api.list(CONFIG_MAP, { namespace: 'many' }),
      await api.dryRunApply(configMap('object-0000'), MANAGER),
    ];

    expect(secrets).toEqual({
      ok: false,
      failure: {
        kind: 'forbidden',
        message:
          'list Secret: 403 Forbidden: secrets is forbidden: User "system:serviceaccount:many:reader" cannot list resource "secrets" in API group "" at the cluster scope',
      },
    });
    expect(versionsOf(configMaps).size).toBeGreaterThan(1_000);
    expect(kindsOf([dryRun])).toEqual(new Set(['forbidden']));
    expect(dryRun.ok || dryRun.failure.message).toContain('cannot patch resource "configmaps"');
  });

  test('is not listed by somebody whom the server does not know', async () => {
    const stranger = bench.kubeconfigFor({ namespace: 'many', name: 'reader' });
    bench.kubectl(['delete', 'serviceaccount', 'reader', '--namespace=many']);
    const answer = await bench.until('the token has ended', async () => {
      const found = await open(stranger).list(CONFIG_MAP);
      return found.ok ? undefined : found;
    });

    expect(kindsOf([answer])).toEqual(new Set(['unauthorized']));
  });
});

describe('a connection that is cut', () => {
  const isList = ({ path }: { readonly path: string }): boolean => path.endsWith('/configmaps');

  test.each([0, 10, 10_000])('after %i bytes, each time, leaves no list', async (afterBytes) => {
    proxy.rule((request) => (isList(request) ? { do: 'cut', afterBytes } : undefined));

    const answer = await open(proxy.kubeconfig(bench.kubeconfig), 2).list(CONFIG_MAP, { namespace: 'many' });

    expect([...kindsOf([answer])]).toEqual([expect.stringMatching(/^(unreachable|timed-out)$/)]);
  });

  test('once is asked again, and the list is whole', async () => {
    let cut = 0;
    proxy.rule((request) => (isList(request) && cut++ === 0 ? { do: 'cut', afterBytes: 10_000 } : undefined));

    const answer = await open(proxy.kubeconfig(bench.kubeconfig)).list(CONFIG_MAP, { namespace: 'many' });

    expect(cut).toBeGreaterThan(1);
    expect([...versionsOf(answer).keys()]).toEqual(expect.arrayContaining(NAMES));
  });

  test('at the second page leaves no half of a list', async () => {
    proxy.rule((request) => (request.query.has('continue') ? { do: 'cut', afterBytes: 10_000 } : undefined));

    const answer = await open(proxy.kubeconfig(bench.kubeconfig), 2).list(CONFIG_MAP, { namespace: 'many' });

    expect(kindsOf([answer])).toEqual(new Set(['unreachable']));
  });
});
