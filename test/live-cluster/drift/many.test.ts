/** An Application of 1,000 objects, as `selfheal drift` looks at it. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readTree } from '../../../src/argo/read-tree.js';
import type { SyncedApplication } from '../../../src/argo/tree.js';
import { lookAtCluster } from '../../../src/commands/live-facts.js';
import { connect } from '../../../src/live/connect.js';
import type { Manifest } from '../../../src/manifest/manifest.js';
import { driftOf } from '../../../src/ops/drift/drift.js';
import { ARGO_MANAGER } from '../../../src/ops/drift/field-set.js';
import { type Report, statusOf } from '../../../src/ops/drift/report.js';
import { tracked } from '../../../src/ops/drift/tracking.js';
import { minimal } from '../../support/clusters.js';
import { type Bench, startBench } from '../bench/bench.js';
import { nodesOf } from '../world/nodes.js';

const CLUSTER = { ...minimal(), hosts: [] };
const NAMES = Array.from({ length: 1_000 }, (_, index) => `object-${String(index).padStart(4, '0')}`);

const configMap = (name: string): Manifest => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'default' },
  data: { key: name },
});
const APPLICATION: Manifest = {
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'Application',
  metadata: { name: 'many', namespace: 'argocd' },
  spec: {
    source: { repoURL: 'https://git.example/many.git', path: 'dist/many' },
    destination: { server: 'https://kubernetes.default.svc', namespace: 'default' },
    syncPolicy: { automated: { selfHeal: true }, syncOptions: ['ServerSideApply=true'] },
  },
};

let bench: Bench;
let applications: readonly SyncedApplication[];
beforeAll(async () => {
  bench = await startBench({ nodes: nodesOf(CLUSTER) });
  const files = new Map([
    ['dist/argocd/application-many.yaml', JSON.stringify(APPLICATION)],
    ...NAMES.map((name) => [`dist/many/${name}.yaml`, JSON.stringify(configMap(name))] as const),
  ]);
  applications = readTree(files, '').applications;
  // As Argo CD applies them; it takes minutes for so many here.
  const items = applications.flatMap((application) =>
    application.objects.map(({ manifest }) => tracked(manifest, application, null)),
  );
  const how = ['--server-side', `--field-manager=${ARGO_MANAGER}`, '--filename=-'];
  bench.kubectl(['apply', ...how], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
});
afterAll(() => bench?.close());

async function look(seconds: number, meanwhile: () => void = () => undefined): Promise<Report> {
  const api = connect({ context: 'bench', kubeconfig: bench.kubeconfig, timeout: { seconds }, environment: {} });
  try {
    const facts = lookAtCluster(api, CLUSTER, applications, { askAll: true });
    meanwhile();
    return driftOf(await facts);
  } finally {
    api.close();
  }
}

test('1,000 objects are looked at to the last one', async () => {
  const report = await look(60);

  expect(report.looked.objects).toBe(1_000);
  expect(report.findings).toEqual([]);
  expect(report.unknown).toEqual([]);
});

test('three that somebody changed are found among them, and no other', async () => {
  for (const name of ['object-0000', 'object-0500', 'object-0999'])
    bench.kubectl(['patch', 'configmap', name, '--namespace=default', '--type=merge', '-p', '{"data":{"key":"x"}}']);

  const { findings, unknown } = await look(60);

  expect(findings.map(({ subject }) => subject)).toEqual([
    'ConfigMap default/object-0000',
    'ConfigMap default/object-0500',
    'ConfigMap default/object-0999',
  ]);
  expect(unknown).toEqual([]);
});

test('where the API server ends midway, each of them was read or cannot be told', async () => {
  let stopped: Promise<void> | undefined;
  const report = await look(5, () => {
    setTimeout(() => {
      stopped = bench.parts.stop('apiserver');
    }, 500);
  });
  await stopped;

  expect(report.unknown.length).toBeGreaterThan(0);
  expect(statusOf(report)).not.toBe(0);
  expect(report.findings.filter(({ id }) => id === 'object-missing')).toEqual([]);
});
