import { describe, expect, test } from 'vitest';
import type { LiveObject } from '../../../src/manifest/live-object.js';
import type { Json, Manifest } from '../../../src/manifest/manifest.js';
import { argoView } from '../../../src/ops/drift/argo-view.js';
import type { ObjectFacts } from '../../../src/ops/drift/facts.js';
import { objectFindings } from '../../../src/ops/drift/object-findings.js';
import { argo, liveObject, owner } from './live.js';
import { application, resource, viewOf } from './views.js';

type Notes = Readonly<Record<string, string>>;

const TRACKED = { 'argocd.argoproj.io/tracking-id': 'selfheal-coredns:v1/ConfigMap:n/a' };
const configMap = (annotations: Notes = TRACKED, data: Notes = { key: 'value' }): Manifest => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'a', namespace: 'n', annotations },
  data,
});
const RECORD = [argo({ 'f:data': { 'f:key': {} } })];
const FOREIGN = { 'selfheal.dev/foreign': 'partial' };
const app = (spec: { readonly [key: string]: Json }, more: object = {}): Manifest => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'Application',
  metadata: { name: 'b', namespace: 'argocd', annotations: TRACKED, ...more },
  spec,
});

const ok = <T>(value: T) => ({ ok: true, value }) as const;
const failed = (kind: 'forbidden' | 'refused', message: string) => ({ ok: false, failure: { kind, message } }) as const;

interface Case {
  readonly live: ObjectFacts['live'];
  readonly described?: Manifest;
  /** @default as the live one: in step */
  readonly applied?: LiveObject | ReturnType<typeof failed> | null;
  readonly view?: ReturnType<typeof viewOf>;
}

function said({ live, described = configMap(), applied, view = viewOf() }: Case) {
  const after = applied === undefined ? (live !== 'withheld' && live.ok ? live.value : null) : applied;
  const result = after === null ? null : 'ok' in after ? (after as ReturnType<typeof failed>) : ok(after as LiveObject);
  const facts = { application: application(), described, live } as const;
  return objectFindings({ ...facts, applied: result === null ? null : { result, by: 'dry-run' } }, view);
}
const ids = (facts: Case) => said(facts).findings.map(({ id }) => id);

test('nothing is said of an object that an apply would leave as it is', () => {
  expect(said({ live: ok(liveObject(configMap(), RECORD)) })).toEqual({ findings: [], unknown: [] });
});

test('what others added cannot be told once the record of owners is gone, but for an object that is not ours', () => {
  expect(said({ live: ok(liveObject(configMap())) })).toEqual({
    findings: [],
    unknown: [{ subject: 'ConfigMap n/a', why: expect.stringContaining('metadata.managedFields') }],
  });
  const foreign = configMap({ ...TRACKED, ...FOREIGN });
  expect(said({ live: ok(liveObject(foreign)), described: foreign })).toEqual({ findings: [], unknown: [] });
});

describe('it cannot be told', () => {
  test.each<[string, Case, string]>([
    ['where it may not be read', { live: failed('forbidden', 'get ConfigMap n/a: 403') }, '403'],
    ['where it was not compared', { live: ok(liveObject(configMap(), RECORD)), applied: null }, 'not compared'],
    [
      'where the comparison was not answered',
      { live: ok(liveObject(configMap(), RECORD)), applied: failed('forbidden', 'no answer') },
      'no answer',
    ],
  ])('%s', (_, facts, why) => {
    expect(said(facts)).toEqual({
      findings: [],
      unknown: [{ subject: 'ConfigMap n/a', why: expect.stringContaining(why) }],
    });
  });
});

describe('an object that is gone', () => {
  test('is missing, as an Application by a name of its own', () => {
    expect(ids({ live: ok(null) })).toEqual(['object-missing']);
    expect(ids({ live: ok(null), described: app({}) })).toEqual(['application-missing']);
  });

  test('and is not ours is not said to be ours', () => {
    const described = configMap({ ...TRACKED, ...FOREIGN });

    expect(said({ live: ok(null), described }).findings[0]?.what).toContain('it is not ours');
  });

  test('soon is said to be, with what it waits for', () => {
    const going = { ...configMap().metadata, deletionTimestamp: '2025-11-22T01:00:00Z', finalizers: ['f'] };
    const live = ok(liveObject({ ...configMap(), metadata: going }));

    expect(said({ live }).findings).toMatchObject([
      { id: 'object-being-deleted', what: expect.stringContaining('waits for f') },
    ]);
  });
});

describe('a changed field', () => {
  const live = liveObject(configMap(TRACKED, { key: 'by hand' }), [
    owner('kubectl-edit', { 'f:data': { 'f:key': {} } }),
  ]);

  test('is told with both values and who wrote it: described is what an apply would make of it', () => {
    expect(said({ live: ok(live), applied: liveObject(configMap()) }).findings).toMatchObject([
      {
        id: 'field-changed',
        what: '1 field is not as described',
        fields: [{ path: 'data.key', described: 'value', live: 'by hand', writer: { manager: 'kubectl-edit' } }],
      },
    ]);
  });

  test('is none where only the server counts on', () => {
    const { metadata } = configMap();
    const counted = { generation: 9, resourceVersion: '99', managedFields: [argo({ 'f:data': {} })] };
    const applied = { ...liveObject({ ...configMap(), metadata: { ...metadata, ...counted } }), status: { seen: 9 } };

    expect(ids({ live: ok(liveObject(configMap())), applied })).toEqual([]);
  });
});

test('what the API server refuses as described is a finding, not a doubt', () => {
  const applied = failed('refused', 'spec.selector: field is immutable');

  expect(said({ live: ok(liveObject(configMap(), RECORD)), applied })).toMatchObject({
    findings: [{ id: 'object-cannot-be-applied', what: expect.stringContaining('immutable') }],
    unknown: [],
  });
});

describe('of a foreign object', () => {
  const described = configMap({ ...TRACKED, ...FOREIGN });

  test.each([
    ['our mark', TRACKED],
    ["Argo CD's mark", FOREIGN],
  ])('the patch is lost when %s is gone, and that the marks are is not said twice', (_, left) => {
    const live = ok(liveObject(configMap(left, { key: 'theirs' })));
    const { findings } = said({ live, described, applied: liveObject(described) });

    expect(findings).toMatchObject([{ id: 'patch-lost', fields: [{ path: 'data.key' }] }]);
  });

  test('the patch is blocked once kubectl apply owns it, where it is a few fields', () => {
    const taken = owner('kubectl-client-side-apply', { 'f:data': {} });
    const live = ok(liveObject(described, [taken]));

    expect(ids({ live, described })).toEqual(['patch-blocked']);
    const whole = configMap({ ...TRACKED, 'selfheal.dev/foreign': 'whole' });
    expect(ids({ live: ok(liveObject(whole, [taken])), described: whole })).toEqual([]);
    expect(ids({ live: ok(liveObject(configMap(), [taken])) })).toEqual([]);
  });

  test('what others have in it is theirs', () => {
    const live = ok(liveObject(described, [owner('kubectl-edit', { 'f:data': { 'f:key': {} } })]));

    expect(ids({ live, described })).toEqual([]);
  });
});

describe('a protection', () => {
  const both = { ...TRACKED, 'argocd.argoproj.io/sync-options': 'Prune=false,Delete=false' };
  const half = { ...TRACKED, 'argocd.argoproj.io/sync-options': 'Prune=false, ServerSideApply=true' };

  test('that is not on the live object is named', () => {
    const { findings } = said({
      live: ok(liveObject(configMap(half))),
      described: configMap(both),
      applied: liveObject(configMap(both)),
    });

    expect(findings).toMatchObject([
      { id: 'protection-missing', what: expect.stringMatching(/^Delete=false is not on the live object/) },
    ]);
  });

  test('that is there is not missed, in whatever order', () => {
    const other = { ...both, 'argocd.argoproj.io/sync-options': 'Delete=false, Prune=false' };
    const applied = liveObject(configMap(both));

    expect(ids({ live: ok(liveObject(configMap(other))), described: configMap(both), applied })).toEqual([
      'field-changed',
    ]);
  });
});

test("an object without Argo CD's mark is not known to it", () => {
  expect(ids({ live: ok(liveObject(configMap({ note: 'x' }))), applied: liveObject(configMap()) })).toEqual([
    'object-not-tracked',
  ]);
});

describe('of an Application', () => {
  const automated = { prune: true, selfHeal: true };
  const described = app({ syncPolicy: { automated } });
  const byHand = (fields: { readonly [key: string]: Json }) => owner('kubectl-patch', fields);

  test.each<[string, { readonly [key: string]: Json }, string]>([
    ['the automated sync that is off', {}, 'automated sync is off'],
    ['the self-heal that is off', { automated: { prune: true, selfHeal: false } }, 'self-heal is off'],
  ])('%s is told', (_, syncPolicy, what) => {
    const { findings } = said({ live: ok(liveObject(app({ syncPolicy }))), described, applied: liveObject(described) });

    expect(findings).toMatchObject([{ id: 'auto-sync-off', what: expect.stringContaining(what) }]);
  });

  test('the automated sync that somebody switched off beside the described fields is told, and how to put it on', () => {
    const off = app({ syncPolicy: { automated: { ...automated, enabled: false } } });
    const ours = argo({ 'f:spec': { 'f:syncPolicy': { 'f:automated': { 'f:prune': {}, 'f:selfHeal': {} } } } });
    const theirs = byHand({ 'f:spec': { 'f:syncPolicy': { 'f:automated': { 'f:enabled': {} } } } });
    const { findings } = said({ live: ok(liveObject(off, [ours, theirs])), described });

    expect(findings).toMatchObject([{ id: 'auto-sync-off', fields: [{ writer: { manager: 'kubectl-patch' } }] }]);
    expect(findings[0]?.next).toEqual([
      `kubectl -n argocd patch application b --type merge -p '{"spec":{"syncPolicy":{"automated":{"enabled":null}}}}'`,
    ]);
  });

  test('what makes another one of it is told by itself, and only once', () => {
    const finalizers = ['resources-finalizer.argocd.argoproj.io'];
    const notes = { ...TRACKED, 'argocd.argoproj.io/skip-reconcile': 'true' };
    const spec = { syncPolicy: { automated: { ...automated, enabled: false } }, sources: [] };
    const theirs = byHand({
      'f:metadata': {
        'f:finalizers': { '.': {}, [`v:"${finalizers[0]}"`]: {} },
        'f:annotations': { 'f:argocd.argoproj.io/skip-reconcile': {} },
      },
      'f:spec': { 'f:syncPolicy': { 'f:automated': { 'f:enabled': {} } }, 'f:sources': {} },
    });
    const live = ok(liveObject(app(spec, { finalizers, annotations: notes }), [theirs]));

    expect(said({ live, described }).findings.map(({ id, fields }) => [id, ...fields.map(({ path }) => path)])).toEqual(
      [
        ['finalizer-added', 'metadata.finalizers'],
        ['auto-sync-off', 'spec.syncPolicy.automated.enabled'],
        ['auto-sync-off', 'metadata.annotations."argocd.argoproj.io/skip-reconcile"'],
        ['field-added', 'spec.sources'],
      ],
    );
  });

  test("a finalizer that is not Argo CD's is none that deletes everything", () => {
    const theirs = byHand({ 'f:metadata': { 'f:finalizers': { '.': {}, 'v:"a.b/c"': {} } } });
    const live = ok(liveObject(app({ syncPolicy: { automated } }, { finalizers: ['a.b/c'] }), [theirs]));

    expect(ids({ live, described })).toEqual(['field-added']);
  });

  test('the finalizer that somebody added is told: it makes of a deletion the deletion of everything', () => {
    const finalizers = ['resources-finalizer.argocd.argoproj.io'];
    const theirs = byHand({ 'f:metadata': { 'f:finalizers': { '.': {}, [`v:"${finalizers[0]}"`]: {} } } });
    const live = ok(liveObject(app({ syncPolicy: { automated } }, { finalizers }), [theirs]));

    expect(said({ live, described }).findings).toMatchObject([
      { id: 'finalizer-added', subject: 'Application argocd/b' },
    ]);
  });
});

test('a field that somebody added to an object of ours is told, and that Argo CD does not see it', () => {
  const theirs = owner('kubectl-edit', { 'f:data': { 'f:extra': {} } });
  const live = ok(liveObject(configMap(TRACKED, { key: 'value', extra: 'x' }), [theirs]));

  expect(said({ live }).findings).toMatchObject([
    {
      id: 'field-added',
      argo: expect.stringContaining('does not see it'),
      fields: [{ path: 'data.extra', live: 'x' }],
    },
  ]);
});

describe('of a Secret, which is not read,', () => {
  const secret: Manifest = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's', namespace: 'n' } };
  const view = (status?: string) => viewOf(status === undefined ? {} : { resources: [resource(secret, status)] });
  const of = (given: ReturnType<typeof viewOf>) => said({ live: 'withheld', described: secret, view: given });

  test("Argo CD's word is taken", () => {
    expect(of(view('Synced'))).toEqual({ findings: [], unknown: [] });
    expect(of(view('OutOfSync')).findings).toMatchObject([{ id: 'field-changed' }]);
    expect(of(view()).findings).toMatchObject([{ id: 'object-not-tracked' }]);
  });

  test('nothing can be told where Argo CD does not say it', () => {
    expect(of(view('Unknown'))).toMatchObject({ findings: [], unknown: [{ subject: 'Secret n/s' }] });
    expect(of(argoView(application(), undefined))).toMatchObject({
      findings: [],
      unknown: [{ subject: 'Secret n/s' }],
    });
  });
});
