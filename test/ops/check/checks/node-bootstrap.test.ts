import { expect, test } from 'vitest';
import type { LiveObject } from '../../../../src/manifest/live-object.js';
import { nodeBootstrapCheck } from '../../../../src/ops/check/checks/node-bootstrap.js';
import { failure, live, lookOf } from '../../../support/check-facts.js';
import { pvek8s } from '../../../support/clusters.js';

const CLUSTER = pvek8s();
const [GROUP] = CLUSTER.hosts;
if (GROUP === undefined) throw new Error('pvek8s: expected hosts, got none');
const HASH = { 'selfheal.dev/content-sha256': 'abc' };
const DAEMON_SET = {
  application: 'selfheal-node-bootstrap',
  manifest: {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: GROUP.name, namespace: 'kube-system' },
    spec: { template: { metadata: { annotations: HASH } } },
  },
};
const ready = (status: string) => [{ type: 'Ready', status, lastTransitionTime: '2026-06-05T06:00:00Z' }];
const node = (name: string, status = 'True') => live('Node', name, { status: { conditions: ready(status) } });
const pod = (on: string, status = 'True', annotations: Readonly<Record<string, string>> = HASH): LiveObject =>
  live('Pod', `kube-system/bootstrap-${on}`, {
    metadata: { annotations, ownerReferences: [{ kind: 'DaemonSet', name: GROUP.name }] },
    spec: { nodeName: on },
    status: { conditions: ready(status), containerStatuses: [{ name: 'watch', started: true }] },
  });
const NODES = [node('k8s01'), node('k8s02'), node('k8s03')];
const PODS = [pod('k8s01'), pod('k8s02'), pod('k8s03')];
type Known = Parameters<typeof lookOf>[1];
const answer = (known: Known, down: string | null = null) =>
  nodeBootstrapCheck.answer({
    ...lookOf({ cluster: CLUSTER, node: down }, { nodes: NODES, pods: PODS, ...known }),
    described: [DAEMON_SET],
  });

test('hosts whose pods are ready and bring what is described pass, as one line', () => {
  expect(answer({})).toMatchObject([{ verdict: 'pass', found: 'as described: k8s01, k8s02, k8s03' }]);
});

test('a host that drifted and one whose pod brings old content fail, each by itself', () => {
  const pods = [pod('k8s01', 'False'), pod('k8s02', 'True', {}), pod('k8s03')];

  expect(answer({ pods })).toMatchObject([
    { verdict: 'fail', subject: 'host k8s01', next: expect.stringContaining('logs bootstrap-k8s01') },
    { verdict: 'fail', subject: 'host k8s02', found: expect.stringContaining('other content') },
  ]);
});

test.each([
  ['pods may not be listed', { pods: failure('list Pod: 403') }],
  ['nodes may not be listed', { nodes: failure('list Node: 403') }],
  ['it has no pod', { pods: [] }],
  ['no node is Ready', { nodes: NODES.map(({ metadata }) => node(metadata.name, 'Unknown')) }],
])('it cannot be told of any host where %s', (_, known) => {
  expect(answer(known).map(({ verdict, subject }) => `${verdict} ${subject}`)).toEqual([
    'unknown host k8s01',
    'unknown host k8s02',
    'unknown host k8s03',
  ]);
});

test('a node that is to go down is asked too, unless it is not Ready', () => {
  const pods = [pod('k8s01'), pod('k8s02', 'False'), pod('k8s03')];
  const ill = [node('k8s01'), node('k8s02', 'Unknown'), node('k8s03')];

  expect(answer({ pods }, 'k8s02')).toMatchObject([{ verdict: 'fail', subject: 'host k8s02' }]);
  expect(answer({ pods, nodes: ill }, 'k8s02')).toMatchObject([
    { verdict: 'pass', found: 'as described: k8s01, k8s03' },
  ]);
});

test('where nodes may not be listed, the node that is to go down is unknown as the others are', () => {
  expect(answer({ nodes: failure('list Node: 403') }, 'k8s02').map(({ subject }) => subject)).toEqual([
    'host k8s01',
    'host k8s02',
    'host k8s03',
  ]);
});
