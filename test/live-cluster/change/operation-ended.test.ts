/** What ends an operation of Argo CD that does not end by itself, and what comes after: as docs/layers/gitops.md tells. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Json, Manifest } from '../../../src/manifest/manifest.js';
import { type Bench, startBench } from '../bench/bench.js';
import { applicationOf, refreshAll, untilSynced } from '../support/applications.js';
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

const soon = { limit: -1, backoff: { duration: '5s', factor: 1, maxDuration: '5s' } };
const slowly = { duration: '3m', factor: 1, maxDuration: '3m' };
const APPLICATIONS: readonly SmallApplication[] = [
  { name: 'for-ever', retry: soon },
  { name: 'patient', retry: { limit: -1, refresh: true, backoff: slowly } },
  { name: 'waiting' },
  { name: 'given-up', retry: soon },
];
const NAMES = APPLICATIONS.map(({ name }) => name);

/** It cannot be put there before somebody makes its namespace. */
const broken = (name: string): Manifest => ({
  ...config(name),
  metadata: { name, namespace: `without-${name}` },
});

/** No node is one that its pod may be on. */
const hook: Manifest = inNamespace(
  'batch/v1',
  'Job',
  'never-ends',
  {
    spec: {
      template: {
        spec: {
          restartPolicy: 'Never',
          nodeSelector: { is: 'nowhere' },
          containers: [{ name: 'main', image: 'example.org/x:1' }],
        },
      },
    },
  },
  { 'argocd.argoproj.io/hook': 'PreSync' },
);

const BROKEN: Content = [
  ['for-ever', broken('for-ever')],
  ['patient', broken('patient')],
  ['waiting', hook],
  ['waiting', config('behind-the-hook')],
  ['given-up', broken('given-up')],
];
const MENDED: Content = NAMES.flatMap((name) => (name === 'given-up' ? [] : [[name, config(`${name}-mended`)]]));

let bench: Bench;
let refused: string;
let mended: string;

beforeAll(async () => {
  bench = await startBench({ nodes: [{ name: 'one' }], argo: true, crds: [], resyncSeconds: NEVER_BY_ITSELF });
  bench.apply([namespace(NAMESPACE)], { manager: 'test' });
  const good = bench.repository.commit(filesOf(bench, APPLICATIONS, []), 'good');
  applyApplications(bench, APPLICATIONS);
  await untilSynced(bench, NAMES, good);
  refused = bench.repository.commit(filesOf(bench, APPLICATIONS, BROKEN), 'broken');
  await refreshAll(bench, NAMES);
  for (const name of ['for-ever', 'patient', 'given-up'])
    await bench.until(`${name} is refused`, () => /without-/.test(applicationOf(bench, name).message) || undefined);
  await bench.until(
    'the hook runs',
    () => /waiting for completion of hook/.test(applicationOf(bench, 'waiting').message) || undefined,
  );
});
afterAll(() => bench?.close());

/** The commit that the operation is at, not the one that Git is at. */
function operated(name: string): string {
  const found = bench.get('applications.argoproj.io', name, 'argocd') as unknown as {
    readonly status: { readonly operationState: { readonly syncResult: { readonly revision: string } } };
  };
  return found.status.operationState.syncResult.revision;
}

/** The command as an operator reads it. */
const PRINTED = /^ {4}(kubectl -n argocd patch application \S+ --type merge -p '(\{"status".*\})')$/m;
const printed = PRINTED.exec(readFileSync('docs/layers/gitops.md', 'utf8'))?.[2];

/** Again and again, as the page says: a retry that is under way overwrites it. */
const end = (name: string) =>
  bench.until(`the operation of ${name} ends`, () => {
    const { phase } = applicationOf(bench, name);
    if (phase !== 'Running' && phase !== 'Terminating') return true;
    if (operated(name) !== refused) return true;
    if (phase === 'Running')
      bench.kubectl(['-n', 'argocd', 'patch', 'application', name, '--type', 'merge', '-p', printed ?? '']);
    return undefined;
  });

test('the page has the command', () => {
  expect(JSON.parse(printed ?? '')).toEqual({ status: { operationState: { phase: 'Terminating' } } } satisfies Json);
});

describe('an operation that was ended, with nothing new in Git', () => {
  test('has failed, and is not tried again by itself even when nothing is in its way any more', async () => {
    await end('given-up');
    const { finishedAt } = applicationOf(bench, 'given-up');
    bench.apply([namespace('without-given-up')], { manager: 'test' });
    await refreshAll(bench, ['given-up']);

    const now = applicationOf(bench, 'given-up');
    expect([now.sync, now.phase, now.finishedAt]).toEqual(['OutOfSync', 'Failed', finishedAt]);
    expect(now.message).toMatch(/terminated/i);
    expect(now.conditions.join()).toMatch(/Failed last sync attempt/);
  });

  test('is done once somebody syncs', async () => {
    const sync = '{"operation":{"sync":{}}}';
    bench.kubectl(['-n', 'argocd', 'patch', 'application', 'given-up', '--type', 'merge', '-p', sync]);

    await untilSynced(bench, ['given-up'], refused);
  });
});

describe('an operation that does not end by itself, with a mend in Git', () => {
  const KINDS = ['for-ever', 'patient', 'waiting'];

  test('does not take the mend', async () => {
    mended = bench.repository.commit(filesOf(bench, APPLICATIONS, MENDED), 'mend');
    const { retries } = applicationOf(bench, 'for-ever');
    await refreshAll(bench, KINDS);
    // The others wait for longer than a test can.
    await bench.until('it is tried again', () => applicationOf(bench, 'for-ever').retries > retries + 1 || undefined);

    for (const name of KINDS) {
      const { phase, revision } = applicationOf(bench, name);
      expect([name, phase, revision, operated(name)]).toEqual([name, 'Running', mended, refused]);
    }
    expect(bench.get('job', 'never-ends', NAMESPACE)).toBeDefined();
  });

  test.each(KINDS)('takes it within seconds once it is ended: %s', async (name) => {
    await end(name);

    await untilSynced(bench, [name], mended, 20);
  });

  test('takes the hook along that it waited for', async () => {
    await bench.until('the Job is gone', () => bench.get('job', 'never-ends', NAMESPACE) === undefined || undefined);
  });
});
