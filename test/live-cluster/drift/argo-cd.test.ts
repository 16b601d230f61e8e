/** Whether what `selfheal drift` says of Argo CD is what the real one does: what it hides, gives up and leaves over. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Finding } from '../../../src/ops/drift/report.js';
import { refreshAll, untilSynced } from '../support/applications.js';
import { DescribedCluster, HOMELAB } from './described-cluster.js';

let homelab: DescribedCluster;
beforeAll(async () => {
  homelab = await DescribedCluster.start(HOMELAB);
});
afterAll(() => homelab?.bench.close());

const patch = (kind: string, name: string, namespace: string, change: unknown): void => {
  const how = ['--type=merge', '--field-manager=kubectl-edit', '-p', JSON.stringify(change)];
  homelab.bench.kubectl(['patch', kind, name, '-n', namespace, ...how]);
};
const patchApplication = (name: string, change: unknown): void =>
  patch('applications.argoproj.io', name, 'argocd', change);

/** Waits for a finding of drift. */
const until = async (id: Finding['id'], subject: string): Promise<Finding> =>
  homelab.bench.until(`${id} of ${subject}`, async () => {
    const { findings } = await homelab.report();
    const found = findings.find((finding) => finding.id === id && finding.subject === subject);
    if (!found) throw new Error(findings.map((each) => `${each.id} ${each.subject}: ${each.what}`).join('\n'));
    return found;
  });

const replicas = (): unknown => homelab.bench.get('deployment', 'coredns', 'kube-system')?.spec;

test('a field that ignoreDifferences names is left as somebody set it, and drift says what hides it', async () => {
  const { bench } = homelab;
  const rule = { group: 'apps', kind: 'Deployment', jsonPointers: ['/spec/replicas'] };
  // Of the root nobody else puts it back.
  patchApplication('selfheal-root', { spec: { syncPolicy: { automated: { enabled: false } } } });
  patchApplication('selfheal-coredns', { spec: { ignoreDifferences: [rule] } });
  bench.kubectl(['scale', 'deployment', 'coredns', '-n', 'kube-system', '--replicas=3']);
  await refreshAll(bench, ['selfheal-coredns']);

  const finding = await until('field-changed', 'Deployment kube-system/coredns');

  expect(finding.argo).toBe('leaves it: an entry of ignoreDifferences of selfheal-coredns hides it');
  expect(replicas()).toMatchObject({ replicas: 3 });
});

test('without that entry Argo CD reverts it, as drift says before', async () => {
  patchApplication('selfheal-coredns', { spec: { ignoreDifferences: null } });

  await homelab.bench.until('reverted', async () => {
    const { findings } = await homelab.report();
    return findings.some(({ subject }) => subject === 'Deployment kube-system/coredns') ? undefined : true;
  });

  expect(replicas()).toMatchObject({ replicas: 2 });
});

test('a sync that failed for good is told with its reason, and with the command that ends it', async () => {
  const { bench, files } = homelab;
  const folder = [...files.keys()].find((path) => path.includes('/alerts/'))?.replace(/[^/]*$/, '');
  // Without a limit it would be tried for ever.
  patchApplication('selfheal-alerts', {
    spec: { syncPolicy: { retry: { limit: 1, backoff: { duration: '1s', maxDuration: '1s' } } } },
  });
  const wrong = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'wrong', namespace: 'no-such-namespace' } };
  bench.repository.commit(new Map([...files, [`${folder}wrong.yaml`, JSON.stringify(wrong)]]), 'break it');
  bench.refresh('selfheal-alerts');

  const finding = await until('application-failed', 'Application argocd/selfheal-alerts');

  expect(finding.what).toMatch(/after 1 retries: .*no-such-namespace/);
  expect(finding.argo).toBe('never tries this revision again by itself');
});

test('the next commit is taken, and what it no longer has is left over where nothing may be pruned', async () => {
  const { bench, files } = homelab;
  const folder = [...files.keys()].find((path) => path.includes('/alerts/'))?.replace(/[^/]*$/, '');
  const annotations = { 'argocd.argoproj.io/sync-options': 'Prune=false' };
  const extra = {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PrometheusRule',
    metadata: { name: 'extra', namespace: 'monitoring', annotations },
    spec: { groups: [] },
  };
  const sync = async (content: typeof files): Promise<void> => {
    const revision = bench.repository.commit(content, 'next');
    bench.refresh('selfheal-alerts');
    await untilSynced(bench, ['selfheal-alerts'], revision);
  };
  await sync(new Map([...files, [`${folder}extra.yaml`, JSON.stringify(extra)]]));
  const known = await until('object-not-described', 'PrometheusRule monitoring/extra');
  bench.repository.commit(files, 'take it out');
  bench.refresh('selfheal-alerts');

  const left = await until('object-left-over', 'PrometheusRule monitoring/extra');

  expect(known.argo).toBe('keeps it as Git has it');
  expect(left.what).toContain('no longer in Git');
  expect(bench.get('prometheusrules.monitoring.coreos.com', 'extra', 'monitoring')).toBeDefined();
  bench.kubectl(['delete', 'prometheusrules.monitoring.coreos.com', 'extra', '-n', 'monitoring']);
});

test('where Argo CD tracks by label, its label is not taken for drift, and what it refuses is told', async () => {
  const { bench } = homelab;
  patchApplication('selfheal-root', { spec: { syncPolicy: { automated: { enabled: null } } } });
  patch('configmap', 'argocd-cm', 'argocd', { data: { 'application.resourceTrackingMethod': 'label' } });
  await bench.parts.stop('argocd-controller');
  await bench.parts.start('argocd-controller');
  for (const name of homelab.applications) bench.refresh(name);
  const labelled = (): boolean =>
    homelab.bench.get('deployment', 'coredns', 'kube-system')?.metadata.labels?.['app.kubernetes.io/instance'] ===
    'selfheal-coredns';
  await bench.until('Argo CD has labelled it', () => labelled() || undefined);

  const report = await bench.until('only that is left', async () => {
    const now = await homelab.report();
    const others = now.findings.filter(({ application }) => application !== 'selfheal-node-bootstrap');
    if (now.findings.length === 0 || others.length > 0)
      throw new Error(others.map((each) => `${each.id} ${each.subject}: ${JSON.stringify(each.fields)}`).join('\n'));
    return now;
  });

  expect(report.unknown).toEqual([]);
  // Its objects say with this label whose pods they are: for such an Argo CD they belong to two Applications.
  expect(report.findings.map(({ what }) => what).join()).toContain('SharedResourceWarning: DaemonSet/');
});
