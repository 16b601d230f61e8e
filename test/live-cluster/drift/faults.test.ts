/** What `selfheal drift` says when it cannot be told everything: never that all is well. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { textReport } from '../../../src/ops/drift/text.js';
import { type FaultyProxy, startFaultyProxy } from '../bench/faulty-proxy.js';
import { DescribedCluster, HOMELAB } from './described-cluster.js';

let homelab: DescribedCluster;
let proxy: FaultyProxy;
let kubeconfig: string;
beforeAll(async () => {
  homelab = await DescribedCluster.start(HOMELAB);
  proxy = await startFaultyProxy(homelab.bench);
  kubeconfig = proxy.kubeconfig(homelab.bench.kubeconfig);
});
beforeEach(() => proxy.rule(() => undefined));
afterAll(async () => {
  await proxy?.close();
  await homelab?.bench.close();
});

test('the Git repository is gone: an Application that Argo CD cannot compare says so, and no object is blamed', async () => {
  const { bench } = homelab;
  bench.repository.takeAway();
  // Between two hard refreshes Argo CD answers from what it has kept, for minutes.
  const report = await bench.until('each Application has missed it', async () => {
    const now = await homelab.report();
    const missing = homelab.applications.filter(
      (name) =>
        !now.findings.some(({ id, application }) => id === 'application-cannot-compare' && application === name),
    );
    for (const name of missing) bench.refresh(name);
    if (missing.length > 0) throw new Error(`not yet: ${missing.join(', ')}`);
    return now;
  });
  bench.repository.bringBack();

  expect(new Set(report.findings.map(({ id }) => id))).toEqual(new Set(['application-cannot-compare']));
  expect(report.findings[0]?.what).toMatch(/^Argo CD cannot compare it with Git: ComparisonError: .*repository/);
  expect(report.unknown).toEqual([]);
  expect(report.exit).toBe(1);
  // One cause, said once.
  expect(textReport(report).filter((line) => line.endsWith(': application-cannot-compare'))).toHaveLength(1);
});

test('and when it is back, Argo CD and drift find the cluster in step again', async () => {
  const { bench } = homelab;
  for (const name of homelab.applications) bench.refresh(name);

  const report = await bench.until('nothing is left of it', async () => {
    const now = await homelab.report();
    if (now.findings.length > 0) throw new Error(now.findings.map(({ what }) => what).join());
    return now;
  });

  expect(report.exit).toBe(0);
});

/** Once so many requests of the next run have come. */
const midway = (happens: () => void): void => {
  const from = proxy.requests.length + 10;
  let once = true;
  proxy.rule(({ before }) => {
    if (before > from && once) {
      once = false;
      happens();
    }
    return undefined;
  });
};

/** Away, as it would write down for a while that it, too, could not ask the API server. */
describe('while Argo CD is away', () => {
  beforeAll(() => homelab.bench.parts.stop('argocd-controller'));

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

  test('403 on one kind to an identity without that right: the same, and no clean bill', async () => {
    const without = await homelab.reader((role) =>
      role.replace(
        /- apiGroups:\n +- apps\n +resources:\n +- deployments/,
        '- apiGroups: [apps]\n    resources: [nothing]',
      ),
    );

    const { status, stdout } = await homelab.drift([], without);
    await homelab.reader();

    expect(status).toBe(2);
    expect(stdout).toContain('no drift seen, and 5 things that cannot be told');
    expect(stdout).toContain('User "reader" cannot get resource "deployments"');
  });

  test('the API server ends midway and stays away: what was not read is not clean', async () => {
    const { parts } = homelab.bench;
    let stopped: Promise<void> | undefined;
    midway(() => {
      stopped = parts.stop('apiserver');
    });

    const { status, stdout } = await homelab.drift(['--timeout', '5s'], kubeconfig);
    await stopped;
    await parts.start('apiserver');

    expect(status).toBe(2);
    expect(stdout).toMatch(/^homelab: no drift seen, and \d+ things that cannot be told/);
    expect(stdout).toContain('Cannot tell:');
  });

  test('the API server restarts midway: it is waited for, and all is read', async () => {
    const { parts } = homelab.bench;
    let restarted: Promise<void> | undefined;
    midway(() => {
      restarted = parts.stop('apiserver').then(() => parts.start('apiserver'));
    });

    const { status, stdout } = await homelab.drift(['--timeout', '2min'], kubeconfig);
    await restarted;

    expect(restarted).toBeDefined();
    expect(stdout).toMatch(/^homelab: in step/);
    expect(status).toBe(0);
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

  test('no API server to begin with: nothing is said of the cluster', async () => {
    const { parts } = homelab.bench;
    await parts.stop('apiserver');

    const { status, stdout } = await homelab.drift(['--timeout', '5s']);
    await parts.start('apiserver');

    expect(status).toBe(2);
    expect(stdout).toContain('ECONNREFUSED');
    expect(stdout).not.toContain('in step');
  });

  test('one API group is missing: its objects cannot be told, and all others are', async () => {
    const { bench } = homelab;
    bench.kubectl(['delete', 'customresourcedefinition', 'prometheusrules.monitoring.coreos.com']);

    const { status, stdout } = await homelab.drift();
    const { findings, unknown } = await homelab.report();

    expect(status).toBe(2);
    expect(stdout).toContain('monitoring.coreos.com/v1 PrometheusRule: the API server does not have this kind');
    expect(findings).toEqual([]);
    expect(unknown.length).toBeGreaterThan(3);
    expect(new Set(unknown.map(({ subject }) => subject.split(' ')[0]))).toEqual(new Set(['PrometheusRule']));
  });
});

test('and once Argo CD looks, drift says that it fails for that, and ends with 1', async () => {
  const { bench } = homelab;
  await bench.parts.start('argocd-controller');

  const report = await bench.until('Argo CD has seen it', async () => {
    const now = await homelab.report();
    // Right after its start it may not know its own project yet, and says that.
    return now.findings.some(({ what }) => what.includes('PrometheusRule')) ? now : undefined;
  });

  expect(report.exit).toBe(1);
  expect(report.unknown.length).toBeGreaterThan(3);
});

test('another cluster is refused', async () => {
  homelab.bench.kubectl(['delete', 'node', 'jarvis', 'ultron']);

  const { status, stdout, stderr } = await homelab.drift();

  expect(status).toBe(2);
  expect(stdout).toBe('');
  expect(stderr).toContain('--context: expected the cluster homelab with the nodes jarvis, ultron, got "bench"');
});
