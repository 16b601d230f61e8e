import { describe, expect, test } from 'vitest';
import type { LiveObject } from '../../../src/manifest/live-object.js';
import type { Json, Manifest } from '../../../src/manifest/manifest.js';
import type { LiveFacts } from '../../../src/ops/drift/facts.js';
import { hostFindings } from '../../../src/ops/drift/host-findings.js';
import { homelab } from '../../support/clusters.js';
import { liveObject } from './live.js';
import { application } from './views.js';

const [GROUP] = homelab().hosts;
if (GROUP === undefined) throw new Error('homelab: expected hosts, got none');
const HASH = { 'selfheal.dev/content-sha256': 'abc' };
const DAEMON_SET = {
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: { name: GROUP.name },
  spec: { template: { metadata: { annotations: HASH } } },
};

const ready = (status: string) => [{ type: 'Ready', status, lastTransitionTime: '2025-11-22T03:00:00Z' }];
const node = (status = 'True') =>
  liveObject({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'jarvis' }, status: { conditions: ready(status) } });

function pod(status: { readonly [key: string]: Json }, annotations = HASH): LiveObject {
  const labels = { 'app.kubernetes.io/instance': GROUP?.name ?? '' };
  const ownerReferences = [{ apiVersion: 'apps/v1', kind: 'DaemonSet', name: GROUP?.name ?? '', uid: 'd' }];
  const metadata = { name: 'p', namespace: 'kube-system', labels, annotations, ownerReferences };
  return liveObject({ apiVersion: 'v1', kind: 'Pod', metadata, spec: { nodeName: 'jarvis' }, status });
}

const looked = { containerStatuses: [{ name: 'watch', started: true }] };

function said(bootstrapPods: LiveFacts['bootstrapPods'], on = node(), described: Manifest = DAEMON_SET) {
  const objects = [{ application: application(), described, live: ok(null), applied: null }];
  const cluster = { ...homelab(), hosts: [GROUP as NonNullable<typeof GROUP>] };
  return hostFindings({ cluster, objects, nodes: ok([on]), bootstrapPods });
}
const ok = <T>(value: T) => ({ ok: true, value }) as const;

test('a ready pod with the described content is a host as described', () => {
  expect(said(ok([pod({ ...looked, conditions: ready('True') })]))).toEqual({ findings: [], unknown: [] });
});

describe('it cannot be told', () => {
  const failure = { kind: 'forbidden', message: 'list Pod: 403' } as const;

  test('without the nodes', () => {
    const nodes = { ok: false, failure } as const;
    const facts = { cluster: homelab(), applications: [], objects: [], nodes, bootstrapPods: ok([]) };

    expect(hostFindings(facts).unknown.map(({ subject, why }) => `${subject}: ${why}`)).toEqual([
      'host jarvis: list Pod: 403',
      'host ultron: list Pod: 403',
    ]);
  });

  test.each([
    ['without the pods', said({ ok: false, failure }), 'list Pod: 403'],
    ['without a pod on the node', said(ok([])), 'no pod'],
    [
      'from a ready pod on a node that is not',
      said(ok([pod({ conditions: ready('True') })]), node('Unknown')),
      'not Ready',
    ],
    ['from a pod that has not looked', said(ok([pod({ phase: 'Pending', conditions: ready('False') })])), 'not looked'],
  ])('%s', (_, { findings, unknown }, why) => {
    expect(findings).toEqual([]);
    expect(unknown).toHaveLength(1);
    expect(unknown[0]?.why).toContain(why);
  });
});

test('nothing is said of hosts that nobody asked for', () => {
  expect(said(null)).toEqual({ findings: [], unknown: [] });
});

describe('a ready pod does not stand for the host', () => {
  const fine = pod({ ...looked, conditions: ready('True') });
  const metadataOf = (more: object) => ({ ...fine, metadata: { ...fine.metadata, ...more } });

  test.each([
    ['when somebody made it with the labels of ours', metadataOf({ ownerReferences: [] })],
    ['when it ends', metadataOf({ deletionTimestamp: '2025-11-22T03:00:00Z' })],
    ['of the host that it is not on', { ...fine, spec: { nodeName: 'ultron' } }],
  ])('%s', (_, other) => {
    expect(said(ok([other])).unknown).toMatchObject([
      { subject: 'host jarvis', why: expect.stringContaining('no pod') },
    ]);
  });
});

test('a pod that has looked and is not ready is a host that drifted, since then', () => {
  const { findings } = said(ok([pod({ ...looked, conditions: ready('False') })]));

  expect(findings).toMatchObject([{ id: 'host-drifted', subject: 'host jarvis' }]);
  expect(findings[0]?.what).toContain('2025-11-22T03:00:00Z');
  expect(findings[0]?.next).toEqual(['kubectl -n kube-system logs p -c watch --tail=50']);
});

test('what the init container refused is quoted', () => {
  const terminated = { exitCode: 2, message: 'kept /etc/a\nrefused /etc/b: the disk is full\n' };
  const initContainerStatuses = [{ name: 'converge', state: { waiting: {} }, lastState: { terminated } }];

  expect(said(ok([pod({ initContainerStatuses, conditions: ready('False') })])).findings).toMatchObject([
    { id: 'host-refused', what: 'not everything could be brought to it: refused /etc/b: the disk is full' },
  ]);
});

test('a ready pod of another content is not a host as described', () => {
  const old = { 'selfheal.dev/content-sha256': 'old' };

  expect(said(ok([pod({ ...looked, conditions: ready('True') }, old)])).findings).toMatchObject([
    { id: 'host-content-old' },
  ]);
});
