/** In which order Argo CD deletes the old one and creates the new one, as `selfheal diff` says it beforehand. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readTree } from '../../../src/argo/read-tree.js';
import type { Manifest } from '../../../src/manifest/manifest.js';
import type { ObjectChange } from '../../../src/ops/change/object-change.js';
import { review } from '../../../src/ops/change/review.js';
import { type Bench, startBench } from '../bench/bench.js';
import { applicationOf, untilSynced } from '../support/applications.js';
import { namespace } from '../world/create.js';
import {
  applyApplications,
  type Content,
  config,
  filesOf,
  inNamespace,
  NAMESPACE,
  NEVER_BY_ITSELF,
  type SmallApplication,
} from './small-applications.js';

type Make = (name: string, annotations?: { readonly [key: string]: string }) => Manifest;

const deployment: Make = (name, annotations) =>
  inNamespace(
    'apps/v1',
    'Deployment',
    name,
    {
      spec: {
        replicas: 1,
        selector: { matchLabels: { app: name } },
        template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'main', image: 'x.org/y:1' }] } },
      },
    },
    annotations,
  );

const claim: Make = (name, annotations) =>
  inNamespace(
    'v1',
    'PersistentVolumeClaim',
    name,
    { spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'none', resources: { requests: { storage: '1Gi' } } } },
    annotations,
  );

const service: Make = (name, annotations) =>
  inNamespace(
    'v1',
    'Service',
    name,
    { spec: { selector: { app: 'x' }, ports: [{ port: 80, protocol: 'TCP', targetPort: 80 }] } },
    annotations,
  );

const wave = (number: number) => ({ 'argocd.argoproj.io/sync-wave': `${number}` });
const LAST = { 'argocd.argoproj.io/sync-options': 'PruneLast=true' };

interface Case {
  readonly name: string;
  readonly make: Make;
  readonly old?: { readonly [key: string]: string };
  readonly now?: { readonly [key: string]: string };
  readonly options?: readonly string[];
}

/** The old one is asked to go, and the new one comes at once. */
const DELETED_FIRST: readonly Case[] = [
  { name: 'config', make: config },
  { name: 'deployment', make: deployment },
  { name: 'claim', make: claim },
  { name: 'service', make: service },
  { name: 'both-in-a-wave', make: config, old: wave(3), now: wave(3) },
  // What counts is what stands on the live object.
  { name: 'last-on-the-new', make: config, now: LAST },
];

const CREATED_FIRST: readonly Case[] = [
  { name: 'config-last', make: config, options: ['PruneLast=true'] },
  { name: 'deployment-last', make: deployment, options: ['PruneLast=true'] },
  { name: 'service-last', make: service, options: ['PruneLast=true'] },
  { name: 'last-on-the-old', make: config, old: LAST },
  { name: 'old-in-a-later-wave', make: config, old: wave(2), now: wave(1) },
  { name: 'later-but-last', make: config, old: { ...wave(0), ...LAST }, now: wave(4) },
];

const GONE_FIRST: Case = { name: 'new-in-a-later-wave', make: config, old: wave(1), now: wave(2) };
const WAITS_FOR_HEALTH: Case = { name: 'claim-last', make: claim, options: ['PruneLast=true'] };
/** Another one of another wave leaves too: Argo CD exchanges the two waves, and forgets it once that one is gone. */
const WITH_OTHERS: readonly Case[] = [
  { name: 'first-of-two', make: config, old: wave(0), now: wave(1) },
  { name: 'last-of-two', make: config, old: wave(5), now: wave(1) },
];

const CASES = [...DELETED_FIRST, ...CREATED_FIRST, GONE_FIRST, WAITS_FOR_HEALTH, ...WITH_OTHERS];
const APPLICATIONS: readonly SmallApplication[] = CASES.map(({ name, options = [] }) => ({ name, options }));

const BEFORE: Content = [
  ...CASES.map(({ name, make, old }) => [name, make(`${name}-old`, old)] as const),
  ['first-of-two', inNamespace('v1', 'ConfigMap', 'of-the-fifth', { data: { quite: 'another' } }, wave(5))],
  ['last-of-two', inNamespace('v1', 'ConfigMap', 'of-the-first', { data: { quite: 'another' } }, wave(0))],
];
const AFTER: Content = CASES.map(({ name, make, now }) => [name, make(`${name}-new`, now)] as const);

/** Keeps what is deleted until somebody takes it away. */
const HOLD = 'example.org/hold';

let bench: Bench;
let said: ReadonlyMap<string, ObjectChange>;

const plural: Readonly<Record<string, string>> = {
  ConfigMap: '/api/v1/namespaces/work/configmaps',
  Deployment: '/apis/apps/v1/namespaces/work/deployments',
  PersistentVolumeClaim: '/api/v1/namespaces/work/persistentvolumeclaims',
  Service: '/api/v1/namespaces/work/services',
};
let since: ReadonlyMap<string, string>;

const kindOf = ({ make }: Case): string => make('x').kind;
const live = (each: Case, which: 'old' | 'new') => bench.get(kindOf(each), `${each.name}-${which}`, NAMESPACE);

function setFinalizers(each: Case, finalizers: readonly string[]): void {
  const change = JSON.stringify({ metadata: { finalizers } });
  bench.kubectl(['patch', kindOf(each), `${each.name}-old`, '-n', NAMESPACE, '--type=merge', '-p', change]);
}

beforeAll(async () => {
  bench = await startBench({ nodes: [{ name: 'one' }], argo: true, crds: [], resyncSeconds: NEVER_BY_ITSELF });
  bench.apply([namespace(NAMESPACE)], { manager: 'test' });
  const [old, now] = [filesOf(bench, APPLICATIONS, BEFORE), filesOf(bench, APPLICATIONS, AFTER)];
  said = new Map(
    review(readTree(old, ''), readTree(now, '')).map((change) => [`${change.application} ${change.effect}`, change]),
  );
  const first = bench.repository.commit(old, 'before');
  applyApplications(bench, APPLICATIONS);
  await untilSynced(
    bench,
    CASES.map(({ name }) => name),
    first,
  );
  since = new Map(
    await Promise.all(
      Object.entries(plural).map(async ([kind, path]): Promise<[string, string]> => {
        const { metadata } = JSON.parse((await bench.send('GET', `${path}?limit=1`)).text);
        return [kind, metadata.resourceVersion];
      }),
    ),
  );
  for (const each of [...DELETED_FIRST, GONE_FIRST]) setFinalizers(each, [HOLD]);
  bench.repository.commit(now, 'after');
  for (const { name } of CASES) bench.refresh(name);
});
afterAll(() => bench?.close());

const sentenceOf = ({ name }: Case): string | undefined => said.get(`${name} renamed`)?.consequences[0];

/** The revision at which the API server was asked to delete it, and the one at which the other was created. */
async function history(each: Case): Promise<{ readonly deleted: number; readonly created: number }> {
  const kind = kindOf(each);
  const path = `${plural[kind]}?watch=1&timeoutSeconds=1&resourceVersion=${since.get(kind)}`;
  const { text } = await bench.send('GET', path);
  const events = text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))
    .map(({ type, object: { metadata } }) => ({ type, metadata }));
  const revisionOf = (
    which: string,
    is: (event: { type: string; metadata: { deletionTimestamp?: string } }) => boolean,
  ) =>
    Number(
      events.find((event) => event.metadata.name === `${each.name}-${which}` && is(event))?.metadata.resourceVersion,
    );
  return {
    deleted: revisionOf('old', ({ type, metadata }) => type === 'DELETED' || metadata.deletionTimestamp !== undefined),
    created: revisionOf('new', ({ type }) => type === 'ADDED'),
  };
}

describe('of one wave: the old one is deleted first', () => {
  test.each(DELETED_FIRST)('$name: as was said', (each) => {
    expect(sentenceOf(each)).toMatch(/-old is deleted first, then .*-new is created, without waiting/);
  });

  test.each(DELETED_FIRST)('$name: and the new one does not wait until it is gone', async (each) => {
    await bench.until('the new one is there', () => live(each, 'new'));

    expect(live(each, 'old')?.metadata.deletionTimestamp).toBeDefined();
    const { deleted, created } = await history(each);
    expect(deleted).toBeGreaterThan(0);
    expect(created).toBeGreaterThan(deleted);
    setFinalizers(each, []);
    await bench.until('the old one is gone', () => live(each, 'old') === undefined || undefined);
  });
});

describe('PruneLast=true, or a later wave of the old one: the new one is created first', () => {
  test.each(CREATED_FIRST)('$name', async (each) => {
    await bench.until('the old one is gone', () => live(each, 'old') === undefined || undefined);

    const { deleted, created } = await history(each);
    expect(created).toBeGreaterThan(0);
    expect(deleted).toBeGreaterThan(created);
    expect(sentenceOf(each)).toMatch(
      /-new is created first; .*-old(, of a later wave,)? is deleted once that is healthy/,
    );
  });
});

test('the old one stays as long as the new one is not healthy: a claim that nobody binds', async () => {
  await bench.until(
    'Argo CD waits',
    () => /waiting for healthy state of .*claim-last-new/.test(applicationOf(bench, 'claim-last').message) || undefined,
  );

  expect(sentenceOf(WAITS_FOR_HEALTH)).toMatch(/-old is deleted once that is healthy, and stays as long as it is not/);
  expect(live(WAITS_FOR_HEALTH, 'old')?.metadata.deletionTimestamp).toBeUndefined();
});

test.each(WITH_OTHERS)('$name: the old one is gone first, although of one wave it would not be', async (each) => {
  await bench.until('the new one is there', () => live(each, 'new'));

  const { deleted, created } = await history(each);
  expect(deleted).toBeGreaterThan(0);
  expect(created).toBeGreaterThan(deleted);
  expect(sentenceOf(each)).toMatch(/of several waves, .* it may be gone before .*-new is created/);
});

test('a later wave of the new one: it is not created before the old one is gone', async () => {
  await bench.until('the old one is asked to go', () => live(GONE_FIRST, 'old')?.metadata.deletionTimestamp);
  const { message } = await bench.until('Argo CD waits', () => {
    const found = applicationOf(bench, GONE_FIRST.name);
    return /waiting for deletion/.test(found.message) ? found : undefined;
  });

  expect(message).toContain('new-in-a-later-wave-old');
  expect(live(GONE_FIRST, 'new')).toBeUndefined();
  expect(sentenceOf(GONE_FIRST)).toMatch(/-new, of a later wave, is created only when .*-old is gone/);
  setFinalizers(GONE_FIRST, []);
  await bench.until('the new one is there', () => live(GONE_FIRST, 'new'));
});
