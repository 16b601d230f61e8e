import { expect, test } from 'vitest';
import type { Json, Manifest } from '../../../src/manifest/manifest.js';
import { driftOf } from '../../../src/ops/drift/drift.js';
import type { LiveFacts, ObjectFacts } from '../../../src/ops/drift/facts.js';
import { statusOf } from '../../../src/ops/drift/report.js';
import { homelab } from '../../support/clusters.js';
import { argo, liveObject } from './live.js';
import { application, REVISION, resource } from './views.js';

const APPLICATION = application();
const CONFIG_MAP: Manifest = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'n' }, data: {} };
const PROJECT: Manifest = {
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'AppProject',
  metadata: { name: 'p', namespace: 'argocd' },
  spec: { syncWindows: [{ kind: 'deny' }] },
};

/** As it is live: in step. */
const inStep = (described: Manifest): ObjectFacts => {
  const live = { ok: true, value: liveObject(described, [argo({ 'f:data': {} })]) } as const;
  return { application: APPLICATION, described, live, applied: { result: live, by: 'record' } };
};

/** The Application as Argo CD has it, and these objects. */
function facts(objects: readonly ObjectFacts[], status: { readonly [key: string]: Json } = {}): LiveFacts {
  const { manifest } = APPLICATION.source;
  const sync = { status: 'Synced', revision: REVISION };
  const own = inStep({
    ...manifest,
    spec: { project: 'p', syncPolicy: { automated: { selfHeal: true } } },
    status: { sync, ...status },
  });
  const nodes = homelab().nodes.map(({ name }) => liveObject({ apiVersion: 'v1', kind: 'Node', metadata: { name } }));
  return {
    cluster: homelab(),
    applications: [APPLICATION],
    objects: [own, ...objects],
    nodes: { ok: true, value: nodes },
    bootstrapPods: null,
  };
}

test('where all is as described nothing is said, and no host counts as looked at that nobody asked for', () => {
  const report = driftOf(facts([inStep(CONFIG_MAP)]));

  expect(report.findings).toEqual([]);
  expect(report.unknown).toEqual([]);
  expect(report.looked).toEqual({ objects: 2, applications: 1, hosts: 0 });
  expect(statusOf(report)).toBe(0);
});

test('is not in step where Argo CD says that an object is not, although nobody sees how', () => {
  const status = { sync: { status: 'OutOfSync', revision: REVISION }, resources: [resource(CONFIG_MAP)] };
  const report = driftOf(facts([inStep(CONFIG_MAP)], status));

  expect(report.findings).toMatchObject([{ id: 'object-out-of-sync', subject: 'ConfigMap n/a' }]);
  expect(statusOf(report)).toBe(1);
});

test('what is seen of an object is said once, and what follows from the sync windows of its live project', () => {
  const status = { sync: { status: 'OutOfSync', revision: REVISION }, resources: [resource(CONFIG_MAP)] };
  const gone: ObjectFacts = { ...inStep(CONFIG_MAP), live: { ok: true, value: null }, applied: null };
  const { findings } = driftOf(facts([gone, inStep(PROJECT)], status));

  expect(findings).toMatchObject([
    {
      id: 'object-missing',
      argo: 'creates it again as soon as the sync windows of AppProject p allow it: self-heal is on',
    },
  ]);
});

test('the cause stands before what follows from it', () => {
  const status = {
    sync: { status: 'Unknown', revision: REVISION },
    conditions: [{ type: 'ComparisonError', message: 'm' }],
  };
  const gone: ObjectFacts = { ...inStep(CONFIG_MAP), live: { ok: true, value: null }, applied: null };

  expect(driftOf(facts([gone], status)).findings.map(({ id }) => id)).toEqual([
    'application-cannot-compare',
    'object-missing',
  ]);
});
