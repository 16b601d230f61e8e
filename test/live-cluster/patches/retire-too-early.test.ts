/** Each way in which the first commit looks live and is not: the second must wait, or our fields stay for ever. */
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { at } from '../../support/change.js';
import { type Bench, startBench } from '../bench/bench.js';
import { applicationOf } from '../support/applications.js';
import { installK3sCoredns } from '../world/k3s.js';
import { type DescribedPlace, describedPlace } from './described-place.js';

const APPLICATION = 'selfheal-coredns';
const DNS = { dns: { replicas: 1 } };

let bench: Bench;
let place: DescribedPlace;
/** As the last test left the remote branch. */
let patched: string;
beforeAll(async () => {
  bench = await startBench({ nodes: [{ name: 'lamp' }], argo: true });
  place = describedPlace(bench);
  place.describeCluster(DNS);
  installK3sCoredns(bench, 'lamp');
  expect(place.selfheal('synth').status).toBe(0);
  place.git('add', '--all');
  place.git('commit', '--quiet', '-m', 'first');
  patched = place.git('rev-parse', 'HEAD');
  place.push();
  bench.kubectl(['apply', '--server-side', '-f', join(place.folder, 'dist/attic/argocd')]);
  await place.synced(APPLICATION);
  await untilPatched(true);
  expect(place.selfheal('retire', 'coredns', '--apply').status).toBe(0);
}, 240_000);
afterAll(async () => {
  place?.remove();
  await bench?.close();
});
beforeEach(() => {
  place.describeCluster({});
});

const coredns = () => bench.get('deployment', 'coredns', 'kube-system');

const untilPatched = (expected: boolean): Promise<unknown> =>
  bench.until(
    expected ? 'patched' : 'not patched',
    () => (at(coredns(), 'spec.template.spec.affinity') !== undefined) === expected || undefined,
    120,
  );

/** Nothing is committed, and nothing written. */
function expectRefused(words: RegExp, status?: 1 | 2): void {
  const before = [place.git('rev-parse', 'HEAD'), place.git('status', '--porcelain')];
  const said = place.selfheal('retire', 'coredns', '--context=bench', '--apply');

  expect(said.stdout).toMatch(words);
  expect(status === undefined ? [1, 2] : [status], said.said).toContain(said.status);
  expect([place.git('rev-parse', 'HEAD'), place.git('status', '--porcelain')]).toEqual(before);
}

/** No apply of CoreDNS gets through, not even a dry run. */
const REFUSAL = JSON.stringify({
  apiVersion: 'v1',
  kind: 'List',
  items: [
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingAdmissionPolicy',
      metadata: { name: 'not-today' },
      spec: {
        failurePolicy: 'Fail',
        matchConstraints: {
          resourceRules: [
            {
              apiGroups: ['apps'],
              apiVersions: ['v1'],
              operations: ['UPDATE'],
              resources: ['deployments'],
              resourceNames: ['coredns'],
            },
          ],
        },
        validations: [{ expression: 'false', message: 'not today' }],
      },
    },
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingAdmissionPolicyBinding',
      metadata: { name: 'not-today' },
      spec: { policyName: 'not-today', validationActions: ['Deny'] },
    },
  ],
});

test('the owner has the object away: it comes back, and is patched again', async () => {
  bench.kubectl(['delete', 'deployment', 'coredns', '--namespace=kube-system', '--wait']);

  expectRefused(/^fail .*expected a revision that holds the first commit/m, 1);

  bench.kubectl(['delete', 'configmap,serviceaccount', 'coredns', '--namespace=kube-system']);
  installK3sCoredns(bench, 'lamp');
  await untilPatched(true);
}, 180_000);

test('another branch has the first commit: back on its own the Application patches again', async () => {
  place.push('staging');
  const reads = (branch: string): void => {
    const spec = { source: { targetRevision: branch } };
    bench.kubectl([
      'patch',
      'application',
      APPLICATION,
      '--namespace=argocd',
      '--type=merge',
      `--patch=${JSON.stringify({ spec })}`,
    ]);
    bench.refresh(APPLICATION);
  };
  // The root would put it back at once.
  bench.kubectl(['delete', 'application', 'selfheal-root', '--namespace=argocd', '--wait']);
  reads('staging');
  await untilPatched(false);

  expectRefused(/^fail .*expected it to read targetRevision "main", got "staging"/m, 1);

  reads('main');
  await untilPatched(true);
}, 240_000);

test('there is no Application: one that is made again patches again', async () => {
  bench.kubectl(['delete', 'application', APPLICATION, '--namespace=argocd', '--wait']);

  expectRefused(/^unknown .*there is no such Application/m, 1);

  bench.kubectl([
    'apply',
    '--server-side',
    '-f',
    join(place.folder, 'dist/attic/argocd/application-selfheal-coredns.yaml'),
  ]);
  await bench.until('compared', () => applicationOf(bench, APPLICATION).revision === patched || undefined);
}, 180_000);

test('the server refuses the apply: Argo CD says Synced, and the object says that it is not', async () => {
  bench.kubectl(['apply', '-f', '-'], REFUSAL);
  await untilRefused(true);
  place.push();
  bench.refresh(APPLICATION);
  const head = place.git('rev-parse', 'HEAD');
  await bench.until(
    'Argo CD says Synced',
    () => {
      const { sync, revision, conditions } = applicationOf(bench, APPLICATION);
      if (sync === 'Synced' && revision === head) return true;
      throw new Error(`${sync} with ${revision}: ${conditions.join('; ')}`);
    },
    120,
  );

  expectRefused(/^fail .*expected the first commit on it \(selfheal\.dev\/foreign: retiring\), got "partial"/m);

  bench.kubectl(['delete', '-f', '-'], REFUSAL);
  await untilRefused(false);
  await place.synced(APPLICATION);
  expect(place.selfheal('retire', 'coredns', '--context=bench')).toMatchObject({ status: 0 });
}, 300_000);

const untilRefused = (expected: boolean): Promise<unknown> =>
  bench.until(expected ? 'the policy is in force' : 'the policy is gone', () => {
    const where = ['deployment', 'coredns', '--namespace=kube-system'];
    const { stderr } = bench.run(['annotate', ...where, '--dry-run=server', 'a=b']);
    return stderr.includes('not today') === expected || undefined;
  });
