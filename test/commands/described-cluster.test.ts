/** Which of the clusters in a folder of manifests is meant. */
import { describe, expect, test } from 'vitest';
import type { SyncedApplication } from '../../src/argo/tree.js';
import { inContext, meantApplications, unknownCluster } from '../../src/commands/described-cluster.js';
import { treeOf } from '../ops/vet/example.js';
import { pvek8s } from '../support/clusters.js';

const tree = treeOf({});
const elsewhere = { ...tree, applications: [...tree.applications, inAnother(tree.applications)] };

function inAnother([first]: readonly SyncedApplication[]): SyncedApplication {
  if (first === undefined) throw new Error('the example has Applications');
  return { ...first, cluster: 'cellar' };
}

describe('whether it is the described cluster, where it cannot be told', () => {
  const told = (kind: 'unreachable' | 'forbidden') => unknownCluster(pvek8s(), { kind, message: 'list Node: no' });

  test('says where to look for an API server that does not answer', () => {
    expect(told('unreachable')).toMatchObject({
      ...{ verdict: 'unknown', check: 'described-cluster', found: 'list Node: no' },
      next: expect.stringMatching(/^on k8s01: sudo journalctl -u snap\.microk8s\.daemon-kubelite\.service /),
    });
  });

  test('says what right is missing to one that says no', () => {
    expect(told('forbidden').next).toMatch(/^selfheal check --print-role \| kubectl apply -f - /);
  });
});

describe('the cluster', () => {
  test('need not be named where there is one', () => {
    expect(meantApplications(tree, undefined)).toEqual(tree.applications);
  });

  test('is the one that is named', () => {
    expect(meantApplications(elsewhere, 'cellar')).toEqual(elsewhere.applications.slice(-1));
  });

  test.each([
    [undefined, '--cluster: expected one of attic, cellar, got nothing'],
    ['atic', '--cluster: expected one of attic, cellar, got "atic"; did you mean "attic"?'],
  ])('is refused where it is %j', (name, message) => {
    expect(() => meantApplications(elsewhere, name)).toThrow(message);
  });

  test('is none where the folder has no Application', () => {
    expect(() => meantApplications({ applications: [], unclaimed: [] }, 'attic')).toThrow(
      '--live: expected manifests with Applications, got none',
    );
  });
});

test.each([
  ['attic', 'kubectl --context attic get nodes'],
  ['arn:aws:eks:eu-1:1/attic', 'kubectl --context arn:aws:eks:eu-1:1/attic get nodes'],
  ['my attic', "kubectl --context 'my attic' get nodes"],
])('a command names context %j so that it can be pasted', (context, command) => {
  expect(inContext('kubectl --context NAME get nodes', context)).toBe(command);
});
