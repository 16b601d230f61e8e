import { describe, expect, test } from 'vitest';
import { corednsCheck } from '../../../../src/ops/check/checks/coredns.js';
import { failure, lookOf, minutesAgo, pod } from '../../../support/check-facts.js';
import { minimal, pvek8s } from '../../../support/clusters.js';

const labels = { 'k8s-app': 'kube-dns' };
const dns = (node: string, more: Parameters<typeof pod>[1] = {}) =>
  pod(`kube-system/dns-${node}`, { node, labels, ...more });
const OTHER = pod('shop/web', { node: 'k8s03' });
const answer = (pods: Parameters<typeof lookOf>[1]['pods'], node: string | null = null, cluster = pvek8s()) =>
  corednsCheck.answer(lookOf({ cluster, node }, { pods }))[0];

test('two on two nodes pass', () => {
  expect(answer([OTHER, dns('k8s01'), dns('k8s02')])).toMatchObject({
    verdict: 'pass',
    found: 'ready on k8s01, k8s02',
  });
});

test('it cannot be told without pods, nor from no pods', () => {
  expect(answer(failure('list Pod: 403'))).toMatchObject({ verdict: 'unknown', found: 'list Pod: 403' });
  expect(answer([])?.verdict).toBe('unknown');
});

describe('it fails', () => {
  test.each([
    [
      'where both are on one node',
      [dns('k8s01'), pod('kube-system/dns-b', { node: 'k8s01', labels })],
      'ready on k8s01',
    ],
    ['where one is not ready', [dns('k8s01'), dns('k8s02', { ready: false })], 'ready on k8s01'],
    [
      'where one is on its way out',
      [dns('k8s01'), dns('k8s02', { metadata: { labels, deletionTimestamp: minutesAgo(1) } })],
      'ready on k8s01',
    ],
    ['where there is none', [OTHER], 'ready on no node'],
    ['where the pods are of another namespace', [pod('shop/dns', { labels, node: 'k8s01' })], 'ready on no node'],
  ])('%s', (_, pods, found) => {
    expect(answer(pods)).toMatchObject({ verdict: 'fail', expected: 'ready on 2 nodes', found });
  });
});

describe('a node that is to go down', () => {
  test('may, where another has a ready one', () => {
    expect(answer([dns('k8s01'), dns('k8s02')], 'k8s02')?.verdict).toBe('pass');
    expect(answer([dns('k8s01')], 'k8s02')?.verdict).toBe('pass');
  });

  test('must not with the last ready one', () => {
    expect(answer([dns('k8s01'), dns('k8s02', { ready: false })], 'k8s01')).toMatchObject({
      verdict: 'fail',
      expected: 'ready on a node other than k8s01',
      incident: { anchor: 'what-else-that-day-taught' },
    });
  });
});

describe('where the description asks for no more than one', () => {
  const cluster = { ...pvek8s(), dns: null };

  test('one passes', () => {
    expect(answer([dns('k8s01')], null, cluster)?.verdict).toBe('pass');
  });

  test('its node must not go down, and what to describe is said', () => {
    expect(answer([dns('k8s01')], 'k8s01', cluster)).toMatchObject({
      verdict: 'fail',
      next: 'describe dns: { replicas: 2 }',
    });
  });

  test('the only node may: there is nowhere else', () => {
    const only = minimal();

    expect(answer([dns(only.controlPlane.name)], only.controlPlane.name, only)?.verdict).toBe('pass');
  });
});
