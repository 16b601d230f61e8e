/** Whether a real API server takes every object of `dist/` as Argo CD would send it. Runs on any empty cluster. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { homelab } from '../support/clusters.js';
import { filesIn } from '../support/sources.js';
import { startTestCluster, type TestCluster } from './bench/test-cluster.js';
import { DryRun, type Verdict } from './support/dry-run.js';
import { homelabWorld } from './world/homelab.js';
import { pvek8sWorld } from './world/pvek8s.js';

let cluster: TestCluster;
let dryRun: DryRun;

beforeAll(async () => {
  cluster = await startTestCluster('test/fixtures/crds');
  dryRun = new DryRun(cluster.send);
});

afterAll(() => cluster?.close());

/** `<file>: <what the server says>`, where it says something. */
const complaintsOf = (file: string, { message, warnings }: Verdict): readonly string[] =>
  [...(message === '' ? [] : [message]), ...warnings].map((text) => `${file}: ${text}`);

/** What is in the cluster before, and one partial patch of a foreign object with the image that only its owner names. */
const CLUSTERS = [
  {
    name: 'homelab',
    fill: () => homelabWorld(cluster, homelab()),
    partial: 'longhorn-csi-spread/deployment-csi-attacher.yaml',
    owners: 'csi-attacher:',
  },
  {
    name: 'pvek8s',
    fill: () => {
      // The other cluster's, which is owned by somebody else.
      cluster.kubectl(['delete', '--filename=test/fixtures/upstream/k3s-coredns.yaml', '--ignore-not-found']);
      pvek8sWorld(cluster);
    },
    partial: 'keep-off/deployment-cloudflared.yaml',
    owners: 'cloudflared:',
  },
];

describe.each(CLUSTERS)('dist/$name', ({ name, fill, partial, owners }) => {
  const files = filesIn(`dist/${name}`);
  const verdicts = new Map<string, Verdict>();

  beforeAll(async () => {
    fill();
    for (const file of files) verdicts.set(file, await dryRun.apply(readFileSync(file, 'utf8')));
  });

  test('is accepted by the server, every object, without a warning', () => {
    expect(files.length).toBeGreaterThan(20);
    expect([...verdicts].flatMap(([file, verdict]) => complaintsOf(file, verdict))).toEqual([]);
    expect([...verdicts.values()].filter(({ accepted }) => !accepted)).toEqual([]);
  });

  test('patches what belongs to others, and leaves them the rest', () => {
    const file = `dist/${name}/${partial}`;

    expect(readFileSync(file, 'utf8')).not.toContain('image:');
    expect(JSON.stringify(verdicts.get(file)?.object)).toContain(owners);
  });
});

describe('a manifest that Argo CD would choke on', () => {
  const daemonSet = 'dist/homelab/node-bootstrap/daemonset-jarvis-node-bootstrap.yaml';
  const rule = 'dist/homelab/alerts/prometheusrule-selfheal-dns.yaml';

  test.each([
    ['an unknown field', daemonSet, 'spec:\n', 'spec:\n  replicas: 2\n', 'field not declared in schema'],
    ['a number where a text belongs', daemonSet, /name: node-bootstrap$/m, 'name: 7', 'expected string, got'],
    [
      'a key that is there twice',
      daemonSet,
      'spec:\n',
      'spec:\n  minReadySeconds: 1\n  minReadySeconds: 2\n',
      'already',
    ],
    [
      'what the kind forbids',
      daemonSet,
      /^ {6}hostPID: true/m,
      '      hostPID: true\n      restartPolicy: Never',
      'Unsupported value',
    ],
    ['a field that its definition does not know', rule, /^ {6}rules:/m, '      severity: 1\n      rules:', 'severity'],
    ['a definition that is not installed', rule, 'kind: PrometheusRule', 'kind: ThanosRuler', 'does not have the kind'],
    ['no namespace', rule, /^ {2}namespace: .*\n/m, '', 'has no namespace'],
    ['a namespace that is not there', rule, /^ {2}namespace: .*$/m, '  namespace: nowhere', '"nowhere" not found'],
  ])('is refused: %s', async (_, file, what, by, message) => {
    const text = readFileSync(file, 'utf8');
    const broken = text.replace(what, by);
    expect(broken).not.toBe(text);

    const verdict = await dryRun.apply(broken);

    expect(verdict.accepted).toBe(false);
    expect(verdict.message).toContain(message);
  });

  test('is told: what is deprecated comes with a warning', async () => {
    const verdict = await dryRun.apply(
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'Service',
        metadata: {
          name: 'old',
          namespace: 'default',
          annotations: { 'service.kubernetes.io/topology-aware-hints': 'auto' },
        },
        spec: { ports: [{ port: 80 }], externalIPs: ['1.02.3.4'] },
      }),
    );

    expect(verdict.warnings.join()).not.toBe('');
  });
});
