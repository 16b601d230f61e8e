import { describe, expect, test } from 'vitest';
import type { LiveObject } from '../../../../src/manifest/live-object.js';
import { nodesCheck } from '../../../../src/ops/check/checks/nodes.js';
import { failure, live, lookOf } from '../../../support/check-facts.js';
import { minimal, pvek8s } from '../../../support/clusters.js';

const node = (name: string, status = 'True'): LiveObject =>
  live('Node', name, {
    status: {
      conditions: [
        { type: 'MemoryPressure', status: 'False' },
        { type: 'Ready', status, reason: 'NodeStatusUnknown', lastTransitionTime: '2026-06-05T06:00:00Z' },
      ],
    },
  });
const THREE = [node('k8s01'), node('k8s02'), node('k8s03')];
const answer = (nodes: Parameters<typeof lookOf>[1]['nodes'], down: string | null = null, cluster = pvek8s()) =>
  nodesCheck.answer(lookOf({ cluster, node: down }, { nodes }));

test('three that are described and Ready pass, as one line', () => {
  expect(answer(THREE)).toMatchObject([{ verdict: 'pass', found: 'all 3 described, and no other, Ready' }]);
});

describe('it cannot be told', () => {
  test('where nodes may not be listed', () => {
    expect(answer(failure('list Node: 403'))).toMatchObject([
      { verdict: 'unknown', found: 'list Node: 403', next: expect.stringContaining('--print-role') },
    ]);
  });

  test('where there are none: an empty list is no cluster', () => {
    expect(answer([])).toMatchObject([{ verdict: 'unknown', found: 'the cluster reports no nodes' }]);
  });
});

test.each(['False', 'Unknown'])('one whose Ready is %s fails, with what the API says', (status) => {
  expect(answer([node('k8s01'), node('k8s02', status), node('k8s03')])).toMatchObject([
    {
      verdict: 'fail',
      subject: 'node k8s02',
      found: `Ready ${status} (NodeStatusUnknown) since 2026-06-05T06:00:00Z`,
      next: 'kubectl describe node k8s02',
    },
  ]);
});

test('one without any condition is not Ready', () => {
  expect(answer([node('k8s01'), node('k8s02'), live('Node', 'k8s03')])).toMatchObject([
    { verdict: 'fail', subject: 'node k8s03', found: 'no condition Ready' },
  ]);
});

test('each that is missing and each that nobody described is named', () => {
  expect(answer([node('k8s01'), node('spare')]).map(({ verdict, subject }) => `${verdict} ${subject}`)).toEqual([
    'fail node k8s02',
    'fail node k8s03',
    'fail node spare',
  ]);
});

describe('a node that is to go down', () => {
  test('may be ill itself', () => {
    expect(answer([node('k8s01'), node('k8s02', 'Unknown'), node('k8s03')], 'k8s02')).toMatchObject([
      { verdict: 'pass', found: 'Ready without k8s02: k8s01, k8s03' },
    ]);
  });

  test('must not while another is', () => {
    expect(answer([node('k8s01'), node('k8s02', 'Unknown'), node('k8s03')], 'k8s01')).toMatchObject([
      { verdict: 'fail', subject: 'node k8s02', expected: 'Ready while k8s01 is down' },
    ]);
  });

  test('must be there', () => {
    expect(answer([node('k8s01'), node('k8s03')], 'k8s02')).toMatchObject([{ verdict: 'fail', subject: 'node k8s02' }]);
  });

  test('is said to be the only one where it is', () => {
    const cluster = minimal();
    const [only] = cluster.nodes;

    expect(answer([node(only?.name ?? '')], only?.name, cluster)).toMatchObject([
      { verdict: 'pass', found: expect.stringContaining('everything is down') },
    ]);
  });
});
