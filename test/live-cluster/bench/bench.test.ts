import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Manifest } from '../../../src/manifest/manifest.js';
import { type Bench, startBench } from './bench.js';
import { startFaultyProxy } from './faulty-proxy.js';
import { pathOf } from './tools.js';
import { until } from './until.js';

let bench: Bench;
/** A test file beside this one, at the same time. */
let other: ChildProcess;
let others: { readonly server: string; readonly folder: string };

beforeAll(async () => {
  const hold = fileURLToPath(new URL('hold.ts', import.meta.url));
  other = spawn(process.execPath, ['--import', 'tsx', hold, 'argo'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const said = once(createInterface({ input: other.stdout ?? process.stdin }), 'line');
  bench = await startBench({ nodes: [{ name: 'jarvis' }], argo: true });
  const ended = once(other, 'exit').then(([status]) => Promise.reject(new Error(`hold.ts ended with ${status}`)));
  // Its end is awaited only here: later it is what a test wants.
  ended.catch(() => undefined);
  others = JSON.parse(String(await Promise.race([said, ended])));
});

afterAll(async () => {
  other.kill('SIGKILL');
  await bench.close();
});

/** Processes that work in this folder or were started for it. */
const processesOf = (folder: string): readonly string[] =>
  spawnSync('bash', ['-c', `source test/live-cluster/bench/keeper.sh && started_for '${folder}'`], { encoding: 'utf8' })
    .stdout.split('\n')
    .filter(Boolean);

const configMap = (name: string): Manifest => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'default' },
  data: { key: 'value' },
});

describe('two at once', () => {
  test('are two clusters', () => {
    expect(others.server).not.toBe(bench.server);
    expect(others.folder).not.toBe(bench.folder);
  });

  test('neither ends the other, and a killed test leaves no process and no folder', async () => {
    expect(processesOf(others.folder).length).toBeGreaterThan(7);
    expect(processesOf(bench.folder).length).toBeGreaterThan(7);

    other.kill('SIGKILL');

    await until(
      'everything of the killed test has ended',
      () => (processesOf(others.folder).length === 0 && !existsSync(others.folder) ? true : undefined),
      20,
    );
    expect(processesOf(bench.folder).length).toBeGreaterThan(7);
    expect(bench.kubectl(['get', '--raw', '/readyz'])).toBe('ok');
  });
});

describe('a bench', () => {
  test('has nodes that become ready, and runs pods on them', async () => {
    bench.apply(
      [
        {
          apiVersion: 'v1',
          kind: 'Pod',
          metadata: { name: 'web', namespace: 'default' },
          spec: { containers: [{ name: 'web', image: 'example.org/web:1' }] },
        },
      ],
      { manager: 'test' },
    );

    const pod = await bench.until('the pod runs', () => {
      const found = bench.get('pod', 'web', 'default');
      const { phase } = (found?.status ?? {}) as { phase?: string };
      return phase === 'Running' ? found : undefined;
    });
    expect(pod.spec).toMatchObject({ nodeName: 'jarvis' });
  });

  test('syncs what is committed, and only that, from its repository', async () => {
    const first = new Map([
      ['a/one.yaml', JSON.stringify(configMap('one'))],
      ['a/two.yaml', JSON.stringify(configMap('two'))],
    ]);
    bench.repository.commit(first, 'two');
    bench.apply([application()], { manager: 'test' });
    await bench.until(
      'both are there',
      () => bench.get('configmap', 'one', 'default') && bench.get('configmap', 'two', 'default'),
    );

    const commit = bench.repository.commit(new Map([...first].slice(1)), 'one less');
    bench.refresh('a');

    await bench.until('the first is pruned', () => (bench.get('configmap', 'one', 'default') ? undefined : true));
    expect(bench.get('configmap', 'two', 'default')?.data).toEqual({ key: 'value' });
    expect(commit).toMatch(/^[0-9a-f]{40}$/);
  });

  test('applies as whom it is told', () => {
    bench.apply([configMap('plain')], { manager: 'helm' });
    bench.apply([configMap('server-side')], { manager: 'argocd-controller', serverSide: true });

    const owners = (name: string) =>
      bench.get('configmap', name, 'default')?.metadata.managedFields?.map((set) => `${set.manager} ${set.operation}`);
    expect(owners('plain')).toEqual(['helm Update']);
    expect(owners('server-side')).toEqual(['argocd-controller Apply']);
  });

  test('gives a ServiceAccount an identity that may do nothing by itself', () => {
    bench.kubectl(['create', 'serviceaccount', 'reader', '--namespace=default']);
    const kubeconfig = bench.kubeconfigFor({ namespace: 'default', name: 'reader' });

    const { status, stderr } = bench.run([`--kubeconfig=${kubeconfig}`, 'get', 'secrets', '--all-namespaces']);

    expect(status).toBe(1);
    expect(stderr).toContain('User "system:serviceaccount:default:reader" cannot list resource "secrets"');
  });

  test('goes on after its API server was gone', async () => {
    await bench.parts.stop('apiserver');
    const { status, stderr } = bench.run(['get', 'nodes', '--request-timeout=2s']);
    await bench.parts.start('apiserver');

    expect(status).toBe(1);
    expect(stderr).toContain('refused');
    expect(bench.kubectl(['get', 'nodes', '--output=name'])).toBe('node/jarvis\n');
  });

  test('says which part ended by itself when it waits in vain', async () => {
    const pid = /^\d+$/m.exec(
      processesOf(bench.folder)
        .filter((id) => commandOf(id).includes('kube-scheduler'))
        .join('\n'),
    );
    process.kill(Number(pid?.[0]), 'SIGKILL');

    await expect(bench.until('something that never is', () => undefined, 1)).rejects.toThrow(
      /gave up after 1 s: something that never is: nothing yet\nscheduler ended/,
    );
    await bench.parts.stop('scheduler');
    await bench.parts.start('scheduler');
  });
});

describe('the proxy before it', () => {
  test('refuses one kind, and lets the others through', async () => {
    const proxy = await startFaultyProxy(bench);
    const how = [`--kubeconfig=${proxy.kubeconfig(bench.kubeconfig)}`, 'get', '--output=name'];
    proxy.rule(({ path }) =>
      path.endsWith('/secrets') ? { do: 'refuse', status: 403, reason: 'Forbidden', message: 'not you' } : undefined,
    );

    // kubectl runs while this process has to answer as the proxy.
    const [refused, passed] = await Promise.all([
      runBeside(bench, [...how, 'secrets']),
      runBeside(bench, [...how, 'nodes']),
    ]);

    await proxy.close();
    expect(refused).toMatchObject({ status: 1, stderr: expect.stringContaining('(Forbidden): not you') });
    expect(passed).toEqual({ status: 0, stdout: 'node/jarvis\n', stderr: '' });
    expect(proxy.requests.some(({ path }) => path === '/api/v1/nodes')).toBe(true);
  });

  test('cuts an answer in the middle', async () => {
    const proxy = await startFaultyProxy(bench);
    proxy.rule(({ path }) => (path === '/api/v1/nodes' ? { do: 'cut', afterBytes: 100 } : undefined));

    const { status, stderr } = await runBeside(bench, [
      ...[`--kubeconfig=${proxy.kubeconfig(bench.kubeconfig)}`, 'get', '--raw', '/api/v1/nodes'],
    ]);

    await proxy.close();
    expect(status).toBe(1);
    expect(stderr).toMatch(/unexpected EOF|connection reset/);
  });
});

/** As `run`, while this process goes on. */
async function runBeside({ folder }: Bench, args: readonly string[]) {
  const child = spawn(KUBECTL, args, { env: { HOME: folder, SELFHEAL_BENCH: folder } });
  const said = { stdout: '', stderr: '' };
  child.stdout.on('data', (part) => {
    said.stdout += part;
  });
  child.stderr.on('data', (part) => {
    said.stderr += part;
  });
  const [status] = await once(child, 'close');
  return { status, ...said };
}

const KUBECTL = pathOf('kubectl');

const commandOf = (id: string): string => readFileSync(`/proc/${id}/cmdline`, 'utf8');

const application = (): Manifest => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'Application',
  metadata: { name: 'a', namespace: 'argocd' },
  spec: {
    project: 'default',
    source: { repoURL: bench.repository.url, path: 'a', targetRevision: 'main' },
    destination: { server: 'https://kubernetes.default.svc', namespace: 'default' },
    syncPolicy: { automated: { prune: true } },
  },
});
