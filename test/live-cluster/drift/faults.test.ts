/** What `selfheal drift` says when it cannot be told everything: never that all is well. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type FaultyProxy, startFaultyProxy } from '../bench/faulty-proxy.js';
import { DescribedHomelab } from './described-homelab.js';

let homelab: DescribedHomelab;
let proxy: FaultyProxy;
let kubeconfig: string;
beforeAll(async () => {
  homelab = await DescribedHomelab.start();
  proxy = await startFaultyProxy(homelab.bench);
  kubeconfig = proxy.kubeconfig(homelab.bench.kubeconfig);
});
beforeEach(() => proxy.rule(() => undefined));
afterAll(async () => {
  await proxy?.close();
  await homelab?.bench.close();
});

test('403 on one kind: says which objects, and ends with 2', async () => {
  const message = 'deployments.apps "x" is forbidden: User "u" cannot get resource "deployments" in API group "apps"';
  proxy.rule(({ path }) =>
    /\/deployments(\/|$)/.test(path) ? { do: 'refuse', status: 403, reason: 'Forbidden', message } : undefined,
  );

  const { status, stdout } = await homelab.drift([], kubeconfig);

  expect(status).toBe(2);
  expect(stdout).toContain('no drift seen, and 5 things that cannot be told');
  expect(stdout).toMatch(/Deployment .*cannot get resource "deployments"/);
});

test('the server goes midway: what was not read is not clean', async () => {
  const from = proxy.requests.length + 30;
  proxy.rule(({ before }) => (before > from ? { do: 'cut', afterBytes: 0 } : undefined));

  const { status, stdout } = await homelab.drift([], kubeconfig);

  expect(status).toBe(2);
  expect(stdout).toContain('Cannot tell:');
  expect(stdout).not.toContain('in step');
});

test('an answer that breaks off is no answer', async () => {
  proxy.rule(({ path }) => (/\/cronjobs(\/|$)/.test(path) ? { do: 'cut', afterBytes: 200 } : undefined));

  const { status, stdout } = await homelab.drift([], kubeconfig);

  expect(status).toBe(2);
  expect(stdout).toContain('CronJob kube-system/local-path-backup');
});

test('no server at all: one message, and 2', async () => {
  proxy.rule(() => ({ do: 'cut', afterBytes: 0 }));

  const { status, stdout } = await homelab.drift([], kubeconfig);

  expect(status).toBe(2);
  expect(stdout).not.toContain('in step');
});

test('another cluster is refused', async () => {
  homelab.bench.kubectl(['delete', 'node', 'jarvis', 'ultron']);

  const { status, stdout, stderr } = await homelab.drift();

  expect(status).toBe(2);
  expect(stdout).toBe('');
  expect(stderr).toContain('--context: expected the cluster homelab with the nodes jarvis, ultron, got "bench"');
});
