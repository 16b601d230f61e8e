/** What `selfheal drift` says of a real cluster, to an administrator and to somebody who may only read. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Json } from '../../../src/manifest/manifest.js';
import type { Finding, Report } from '../../../src/ops/drift/report.js';
import { type FaultyProxy, startFaultyProxy } from '../bench/faulty-proxy.js';
import { createAs } from '../world/create.js';
import { upstream } from '../world/fixtures.js';
import { DescribedCluster, HOMELAB } from './described-cluster.js';

let homelab: DescribedCluster;
let reader: string;
let proxy: FaultyProxy;
beforeAll(async () => {
  homelab = await DescribedCluster.start(HOMELAB);
  reader = await homelab.reader();
  proxy = await startFaultyProxy(homelab.bench);
});
afterAll(async () => {
  await proxy?.close();
  await homelab?.bench.close();
});

const found = ({ findings }: Report, id: Finding['id'], subject?: string): Finding | undefined =>
  findings.find((finding) => finding.id === id && (subject === undefined || finding.subject === subject));

/** What was found, without what only one of the two ways can know. */
const essence = ({ findings, unknown }: Report) => ({
  findings: findings
    .flatMap(({ id, subject, what, argo, fields }) =>
      fields.length === 0
        ? [{ id, subject, what, argo }]
        : fields.map((field) => ({ id, subject, what, argo, ...field })),
    )
    .sort((a, b) => (JSON.stringify(sorted(a)) < JSON.stringify(sorted(b)) ? -1 : 1)),
  unknown,
});

const sorted = (value: object): Json =>
  JSON.parse(
    JSON.stringify(value, (_, part) =>
      part && typeof part === 'object' && !Array.isArray(part) ? Object.fromEntries(Object.entries(part).sort()) : part,
    ),
  );

test('finds a synced cluster in step, and leaves nothing out', async () => {
  const report = await homelab.report();

  expect(report.findings).toEqual([]);
  expect(report.unknown).toEqual([]);
  expect(report.exit).toBe(0);
  expect(report.predicted).toBe(0);
  expect(report.looked.objects).toBeGreaterThan(40);
  expect(report.looked.hosts).toBe(2);
});

test('says so in one line', async () => {
  const { status, stdout } = await homelab.drift();

  expect(stdout).toMatch(/^homelab: in step \(\d+ objects, \d+ Applications, 2 hosts\)\n$/);
  expect(status).toBe(0);
});

test('sends nothing that writes', async () => {
  await homelab.drift(['--admission'], proxy.kubeconfig(homelab.bench.kubeconfig));

  const writing = proxy.requests.filter(
    ({ method, query }) => method !== 'GET' && !(method === 'PATCH' && query.get('dryRun') === 'All'),
  );
  expect(proxy.requests.filter(({ method }) => method === 'PATCH').length).toBeGreaterThan(40);
  expect(writing).toEqual([]);
});

test('asks only about what the record of owners leaves open', async () => {
  const before = proxy.requests.length;

  await homelab.drift([], proxy.kubeconfig(homelab.bench.kubeconfig));

  const patched = proxy.requests.slice(before).filter(({ method }) => method === 'PATCH');
  expect(proxy.requests.length).toBeGreaterThan(before);
  // The default of an action in the relabelings of probes is their CRD's alone.
  expect(patched.every(({ path }) => path.includes('/probes/'))).toBe(true);
});

test('reads no Secret', () => {
  expect(proxy.requests.filter(({ path }) => path.includes('/secrets'))).toEqual([]);
});

test('finds it in step for somebody who may only read, too', async () => {
  const report = await homelab.report(reader, ['--admission']);

  expect(essence(report)).toEqual({ findings: [], unknown: [] });
  expect(essence(await homelab.report(reader))).toEqual(essence(report));
  expect(report.exit).toBe(0);
  expect(report.predicted).toBeGreaterThan(40);
});

test('says what was changed by whom, to both alike', async () => {
  const { bench } = homelab;
  await bench.parts.stop('argocd-controller');
  const patch = (target: readonly string[], type: string, change: unknown, manager = 'kubectl-edit'): void => {
    bench.kubectl(['patch', ...target, `--type=${type}`, `--field-manager=${manager}`, '-p', JSON.stringify(change)]);
  };
  const daemonSet = ['daemonset', 'jarvis-node-bootstrap', '-n', 'kube-system'];
  const containers = '/spec/template/spec/containers/0';
  bench.kubectl(['scale', 'deployment', 'coredns', '-n', 'kube-system', '--replicas=1']);
  patch(daemonSet, 'json', [{ op: 'remove', path: `${containers}/securityContext/allowPrivilegeEscalation` }]);
  patch(daemonSet, 'strategic', {
    spec: {
      template: {
        spec: {
          containers: [
            { name: 'watch', image: 'docker.io/library/alpine:3.20', env: [{ name: 'DEBUG', value: '1' }] },
            { name: 'debug', image: 'busybox' },
          ],
          tolerations: [{ operator: 'Exists' }, { key: 'x', operator: 'Exists' }],
        },
      },
    },
  });
  patch(['cronjob', 'local-path-backup', '-n', 'kube-system'], 'merge', { spec: { suspend: true } });
  patch(['networkpolicy', 'local-path-backup', '-n', 'kube-system'], 'json', [
    { op: 'remove', path: '/spec/egress/0' },
  ]);
  patch(['configmap', 'local-path-backup-files', '-n', 'kube-system'], 'merge', {
    data: { 'backup.sh': 'x', extra: '' },
  });
  patch(['prometheusrule', 'selfheal-dns', '-n', 'monitoring'], 'json', [
    { op: 'replace', path: '/spec/groups/0/rules/0/expr', value: 'vector(0)' },
  ]);
  patch(['applications.argoproj.io', 'selfheal-alerts', '-n', 'argocd'], 'merge', {
    metadata: { finalizers: ['resources-finalizer.argocd.argoproj.io'] },
  });
  patch(['applications.argoproj.io', 'selfheal-coredns', '-n', 'argocd'], 'merge', {
    spec: { syncPolicy: { automated: { enabled: false } } },
  });
  bench.kubectl([
    'annotate',
    'backuptargets.longhorn.io',
    'default',
    '-n',
    'longhorn-system',
    'argocd.argoproj.io/sync-options-',
  ]);
  bench.kubectl(['delete', 'prometheusrule', 'selfheal-backup', '-n', 'monitoring']);
  bench.kubectl(['delete', 'deployment', 'csi-attacher', '-n', 'longhorn-system']);
  createAs(
    bench,
    'longhorn-manager',
    upstream('longhorn-csi-deployments').filter(({ metadata }) => metadata.name === 'csi-attacher'),
  );

  const report = await homelab.report();

  expect(report.exit).toBe(1);
  expect(essence(await homelab.report(reader))).toEqual(essence(report));
  expect(essence(await homelab.report(reader, ['--admission']))).toEqual(essence(report));
  expect(essence(await homelab.report(undefined, ['--admission']))).toEqual(essence(report));
  expect(found(report, 'patch-lost')?.subject).toBe('Deployment longhorn-system/csi-attacher');
  expect(found(report, 'object-missing')?.subject).toBe('PrometheusRule monitoring/selfheal-backup');
  expect(found(report, 'protection-missing')?.what).toContain('Prune=false and Delete=false');
  expect(found(report, 'finalizer-added')?.fields[0]?.writer?.manager).toBe('kubectl-edit');
  expect(found(report, 'auto-sync-off')?.subject).toBe('Application argocd/selfheal-coredns');
  const bootstrap = 'DaemonSet kube-system/jarvis-node-bootstrap';
  expect(found(report, 'field-changed', bootstrap)?.fields).toMatchObject([
    { path: 'spec.template.spec.containers[name=watch].image', writer: { manager: 'kubectl-edit' } },
    { path: 'spec.template.spec.containers[name=watch].securityContext.allowPrivilegeEscalation', writer: null },
    { path: 'spec.template.spec.tolerations[1]', writer: { manager: 'kubectl-edit' } },
  ]);
  expect(found(report, 'field-added', bootstrap)?.fields.map(({ path }) => path)).toEqual([
    'spec.template.spec.containers[name=debug]',
    'spec.template.spec.containers[name=watch].env[name=DEBUG]',
  ]);
  expect(found(report, 'field-changed', 'Deployment kube-system/coredns')?.fields).toMatchObject([
    { path: 'spec.replicas', described: 2, live: 1, writer: { manager: 'kubectl', subresource: 'scale' } },
  ]);
});

test('says that Argo CD has not looked, while its controller is away', async () => {
  const report = await homelab.report();

  expect(found(report, 'field-changed', 'CronJob kube-system/local-path-backup')?.argo).toContain(
    'is its controller running?',
  );
});

test('tells what stays when Argo CD has healed what it sees', async () => {
  const { bench } = homelab;
  await bench.parts.start('argocd-controller');

  const report = await bench.until(
    'nothing is left that Argo CD heals',
    async () => {
      const now = await homelab.report();
      return found(now, 'object-missing') || found(now, 'patch-lost') || found(now, 'protection-missing')
        ? undefined
        : now;
    },
    120,
  );

  const left = report.findings.map(({ id, subject }) => `${id} ${subject}`);
  expect(left).toContain('auto-sync-off Application argocd/selfheal-coredns');
  expect(left).toContain('finalizer-added Application argocd/selfheal-alerts');
  expect(left).toContain('field-added DaemonSet kube-system/jarvis-node-bootstrap');
  expect(found(report, 'field-changed', 'Deployment kube-system/coredns')?.argo).toMatch(
    /leaves it until somebody syncs/,
  );
});
