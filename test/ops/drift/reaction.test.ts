import { describe, expect, test } from 'vitest';
import type { Json, Manifest } from '../../../src/manifest/manifest.js';
import { argoView } from '../../../src/ops/drift/argo-view.js';
import { reactionTo } from '../../../src/ops/drift/reaction.js';
import type { FieldDifference } from '../../../src/ops/drift/report.js';
import { liveObject } from './live.js';
import { application, LOOKED, REVISION, resource, viewOf } from './views.js';

const COREDNS = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'coredns', namespace: 'kube-system' },
};

const field = (path = 'spec.replicas', time: string | null = '2025-11-22T02:00:00Z'): FieldDifference => ({
  path,
  described: 2,
  live: 1,
  writer: time === null ? null : { manager: 'kubectl', operation: 'Update', subresource: null, time },
});

type Fields = { readonly [key: string]: Json | undefined };

const outOfSync = (more: Fields = {}): Fields => ({
  sync: { status: 'OutOfSync', revision: REVISION },
  resources: [resource(COREDNS)],
  ...more,
});
const operation = (phase: string, more: Fields = {}): Fields => ({
  operationState: { phase, syncResult: { revision: REVISION }, ...more },
});
const reaction = (
  status: Fields,
  spec: Fields = {},
  difference: Parameters<typeof reactionTo>[2] = [field()],
): string => reactionTo(viewOf(status, spec), COREDNS, difference).argo;

describe('Argo CD does nothing', () => {
  test('where the Application is missing, and nobody knows where it was not read', () => {
    const failure = { kind: 'forbidden', message: '403' } as const;

    expect(reactionTo(argoView(application(), { ok: true, value: null }), COREDNS, 'missing').argo).toContain(
      'is missing',
    );
    expect(reactionTo(argoView(application(), { ok: false, failure }), COREDNS, 'missing').argo).toContain(
      'nobody can say',
    );
    expect(reactionTo(argoView(application(), undefined), COREDNS, 'missing').argo).toContain('nobody can say');
  });

  test.each(['ComparisonError', 'InvalidSpecError', 'UnknownError'])('while it has a %s', (type) => {
    expect(reaction(outOfSync({ conditions: [{ type, message: 'm' }] }))).toContain('until it can compare again');
  });

  test('while its comparison is Unknown', () => {
    expect(reaction({ ...outOfSync(), sync: { status: 'Unknown', revision: REVISION } })).toContain(
      'until it can compare again',
    );
  });

  test('about what Git does not have', () => {
    expect(reaction(outOfSync({ resources: [] }))).toBe('does nothing: at a1b2c3d Git does not have this object');
  });

  test.each([
    ['of another group', { ...COREDNS, apiVersion: 'other/v1' }],
    ['of another kind', { ...COREDNS, kind: 'DaemonSet' }],
    ['of another name', { ...COREDNS, metadata: { ...COREDNS.metadata, name: 'coredns2' } }],
    ['in another namespace', { ...COREDNS, metadata: { ...COREDNS.metadata, namespace: 'default' } }],
  ])('about it where Git has only an object %s', (_, other) => {
    expect(reaction(outOfSync({ resources: [resource(other)] }))).toContain('Git does not have this object');
  });

  test('where it saw no difference although the change is older: Git has it so', () => {
    expect(reaction({ resources: [resource(COREDNS, 'Synced')] })).toBe(
      'does nothing: at a1b2c3d Git and the cluster agree, and the description does not',
    );
  });

  test('about a revision that it has given up', () => {
    for (const phase of ['Failed', 'Error'])
      expect(reaction(outOfSync(operation(phase)))).toBe('has given up on a1b2c3d: see Application selfheal-coredns');
  });
});

describe('Argo CD has not looked', () => {
  const SYNCED = { resources: [resource(COREDNS, 'Synced')] };

  test('where the change is newer than its last look', () => {
    expect(reaction(SYNCED, {}, [field('spec.replicas', '2025-11-22T03:00:01Z')])).toContain(
      `has not looked since (last at ${LOOKED})`,
    );
  });

  test('where one of several changes is newer', () => {
    expect(reaction(SYNCED, {}, [field(), field('spec.paused', '2025-11-22T04:00:00Z')])).toContain('has not looked');
  });

  test('where the object is gone and it still says that all is well', () => {
    expect(reaction(SYNCED, {}, 'missing')).toContain('has not looked since');
  });

  test('or the description differs: without a time of the change nobody can say which', () => {
    expect(reaction(SYNCED, {}, [field('spec.replicas', null)])).toMatch(/has not looked since, or at a1b2c3d Git/);
  });
});

describe('Argo CD puts it back', () => {
  test('within seconds, and creates what is gone', () => {
    expect(reaction(outOfSync(operation('Succeeded')))).toBe('reverts it within seconds: self-heal is on');
    expect(reaction(outOfSync(), {}, 'missing')).toBe('creates it again within seconds: self-heal is on');
    expect(reaction(outOfSync(), {}, 'unread')).toBe('reverts it within seconds: self-heal is on');
  });

  test('is at it, or does not get through', () => {
    expect(reaction(outOfSync(operation('Running', { startedAt: LOOKED })))).toBe(`is at it since ${LOOKED}`);
    expect(reaction(outOfSync(operation('Running', { retryCount: 2 })))).toContain('does not get its sync through');
  });

  test('although it failed at another revision', () => {
    expect(reaction(outOfSync(operation('Failed', { syncResult: { revision: 'b'.repeat(40) } })))).toContain('reverts');
  });

  test('only when somebody syncs, where its automation is off: the live Application counts', () => {
    for (const syncPolicy of [{}, { automated: { enabled: false, selfHeal: true } }])
      expect(reaction(outOfSync(), { syncPolicy })).toContain('leaves it until somebody syncs');
  });

  test('only with the next commit, where its self-heal is off and it has synced this one', () => {
    const syncPolicy = { automated: { prune: true } };

    expect(reaction(outOfSync(operation('Succeeded')), { syncPolicy })).toContain('until the next commit');
    expect(
      reaction(outOfSync(operation('Succeeded', { syncResult: { revision: 'b'.repeat(40) } })), { syncPolicy }),
    ).not.toContain('until the next commit');
  });
});

describe('Argo CD is held back', () => {
  const APPLICATION = {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name: 'selfheal-coredns', namespace: 'argocd' },
    spec: { project: 'p', syncPolicy: { automated: { selfHeal: true } } },
    status: outOfSync(),
  };
  const project = (name: string, syncWindows: readonly Json[], namespace = 'argocd') =>
    liveObject({
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'AppProject',
      metadata: { name, namespace },
      spec: { syncWindows },
    });
  const argo = (live: Manifest, projects: Parameters<typeof argoView>[2]): string =>
    reactionTo(argoView(application(), { ok: true, value: liveObject(live) }, projects), COREDNS, [field()]).argo;

  test('by an annotation that tells it to skip the Application', () => {
    const skip = (value: string): Manifest => ({
      ...APPLICATION,
      metadata: { ...APPLICATION.metadata, annotations: { 'argocd.argoproj.io/skip-reconcile': value } },
    });

    expect(argo(skip('true'), [])).toBe('does nothing: it is told to skip the Application selfheal-coredns');
    expect(argo(skip('false'), [])).toContain('within seconds');
  });

  test('by sync windows, but only those of its own project', () => {
    const windows = [{ kind: 'deny', schedule: '* * * * *', duration: '1h' }];

    expect(argo(APPLICATION, [project('p', windows)])).toBe(
      'reverts it as soon as the sync windows of AppProject p allow it: self-heal is on',
    );
    for (const other of [project('p', []), project('q', windows), project('p', windows, 'elsewhere')])
      expect(argo(APPLICATION, [other])).toContain('within seconds');
  });
});

describe('an entry of ignoreDifferences', () => {
  const hides = (rule: Fields, difference: Parameters<typeof reactionTo>[2] = [field()]): boolean =>
    reaction(outOfSync(), { ignoreDifferences: [rule] }, difference).includes('ignoreDifferences');
  const RULE = { group: 'apps', kind: 'Deployment', jsonPointers: ['/spec/replicas'] };

  test('hides what it names, by pointer or by manager', () => {
    expect(hides(RULE)).toBe(true);
    expect(hides({ ...RULE, group: '*', kind: '*', name: 'coredns', namespace: 'kube-system' })).toBe(true);
    expect(hides({ ...RULE, jsonPointers: [], managedFieldsManagers: ['kubectl'] })).toBe(true);
    expect(hides({ ...RULE, jsonPointers: ['/spec'] })).toBe(true);
    expect(
      hides({ ...RULE, jsonPointers: ['/metadata/annotations/a.b~1c'] }, [field('metadata.annotations."a.b/c"')]),
    ).toBe(true);
  });

  test.each<[string, Fields]>([
    ['another group', { group: 'batch' }],
    ['another kind', { kind: 'DaemonSet' }],
    ['another object', { name: 'other' }],
    ['another namespace', { namespace: 'other' }],
    ['a field that only begins alike', { jsonPointers: ['/spec/rep'] }],
    ['another manager', { jsonPointers: [], managedFieldsManagers: ['helm'] }],
  ])('hides nothing where it names %s', (_, other) => {
    expect(hides({ ...RULE, ...other })).toBe(false);
  });

  test('hides nothing where one of the fields is not named', () => {
    expect(hides(RULE, [field(), field('spec.paused')])).toBe(false);
  });

  test('does not hide that an object is gone', () => {
    expect(hides({ ...RULE, jsonPointers: [''] }, 'missing')).toBe(false);
  });
});

test('what to type names the Application and its namespace', () => {
  const { next } = reactionTo(viewOf(outOfSync(), { syncPolicy: {} }), COREDNS, [field()]);

  expect(next.at(-1)).toBe(
    `kubectl -n argocd patch application selfheal-coredns --type merge -p '{"operation":{"sync":{}}}'`,
  );
});
