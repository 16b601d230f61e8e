/** Both clusters as they are described, right after their first sync. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import homelabSpec from '../../../src/clusters/homelab.js';
import pvek8sSpec from '../../../src/clusters/pvek8s.js';
import { homelabWorld } from '../world/homelab.js';
import { pvek8sWorld } from '../world/pvek8s.js';
import { DescribedCluster } from './described-cluster.js';

describe('pvek8s', () => {
  let described: DescribedCluster;
  beforeAll(async () => {
    described = await DescribedCluster.start({ spec: pvek8sSpec, world: pvek8sWorld });
  });
  afterAll(() => described?.bench.close());

  test('is in step right after the sync, for an administrator and for a reader', async () => {
    const [all, read] = [await described.drift(), await described.drift([], await described.reader())];

    expect(all.stdout).toMatch(/^pvek8s: in step \(\d+ objects, \d+ Applications, 3 hosts\)\n$/);
    expect(all.status).toBe(0);
    expect(read.stdout).toMatch(/^pvek8s: in step /);
    expect(read.status).toBe(0);
  });

  test('drifts where somebody changes one object, and only there', async () => {
    await described.bench.parts.stop('argocd-controller');
    described.bench.kubectl(['scale', 'deployment', 'coredns', '-n', 'kube-system', '--replicas=1']);

    const { findings, exit } = await described.report();

    expect(findings).toMatchObject([{ id: 'field-changed', subject: 'Deployment kube-system/coredns' }]);
    expect(exit).toBe(1);
  });
});

describe('the homelab with its chart of Prometheus', () => {
  const CHART = 'selfheal-monitoring';
  let described: DescribedCluster;
  beforeAll(async () => {
    described = await DescribedCluster.start({ spec: homelabSpec, world: homelabWorld, charts: [CHART] });
  });
  afterAll(() => described?.bench.close());

  test('differs in the Application alone whose chart nobody can pull here, and says what was not looked at', async () => {
    const { findings, unknown, notLookedAt, exit } = await described.bench.until('Argo CD tried it', async () => {
      const report = await described.report();
      return report.findings.some(({ id }) => id === 'application-cannot-compare') ? report : undefined;
    });

    expect(findings).toMatchObject([{ id: 'application-cannot-compare', subject: `Application argocd/${CHART}` }]);
    expect(findings[0]?.what).toContain('chart');
    expect(unknown).toEqual([]);
    expect(notLookedAt).toEqual([{ application: CHART, why: expect.stringContaining('kube-prometheus-stack') }]);
    expect(exit).toBe(1);
  });

  test('is in step with a chart that Argo CD has synced, and names the one that was not looked at', async () => {
    const { bench } = described;
    await bench.parts.stop('argocd-controller');
    const status = { conditions: [], sync: { status: 'Synced', revision: '88.5.3' }, operationState: null };
    bench.kubectl([
      ...['patch', 'applications.argoproj.io', CHART, '-n', 'argocd', '--type=merge'],
      ...['--field-manager=argocd-application-controller', '-p', JSON.stringify({ status })],
    ]);

    const { status: exit, stdout } = await described.drift();

    expect(stdout).toMatch(/^homelab: in step \(.*, but the charts of 1 Application\)/);
    expect(stdout).toContain(`  ${CHART}: chart kube-prometheus-stack`);
    expect(exit).toBe(0);
  });
});
