import { describe, expect, test } from 'vitest';
import { rolloutCanFinish } from '../../../src/guardrails/rules/rollout-can-finish.js';
import type { Json } from '../../../src/manifest/manifest.js';
import { clusterOf, deployment, foundIn, pod } from '../examples.js';

const TWO = clusterOf(['a', 'b']);
const THREE = clusterOf(['a', 'b', 'c']);
const TERM = { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app: 'thing' } } };

const apart = (replicas: number, strategy?: Json, term: Json = TERM, further: { readonly [key: string]: Json } = {}) =>
  deployment(
    pod({ affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } }, ...further }),
    strategy === undefined ? { replicas } : { replicas, strategy },
  );
const rolling = (maxSurge: Json, maxUnavailable: Json) => ({
  type: 'RollingUpdate',
  rollingUpdate: { maxSurge, maxUnavailable },
});
const spread = (replicas: number, fields: { readonly [key: string]: Json }) =>
  deployment(
    pod({
      topologySpreadConstraints: [
        { maxSkew: 1, topologyKey: 'kubernetes.io/hostname', whenUnsatisfiable: 'DoNotSchedule', ...fields },
      ],
    }),
    { replicas },
  );

describe('rollout-can-finish', () => {
  test('refuses more replicas than nodes', () => {
    expect(foundIn(rolloutCanFinish, [apart(3, rolling(0, 1))], TWO)).toEqual([
      'Deployment tools/thing: expected at most 2 replicas (one on each eligible node), got 3',
    ]);
  });

  test.each<[string, Json | undefined]>([
    ['the default strategy', undefined],
    ['ten percent more and none less', rolling('10%', 0)],
    ['a percentage that rounds to none', rolling(1, '49%')],
  ])('refuses a replica on every node with %s', (_, strategy) => {
    expect(foundIn(rolloutCanFinish, [apart(2, strategy)], TWO)).toEqual([
      'Deployment tools/thing: expected room for a new pod before an old one goes (2 replicas on 2 eligible nodes, maxSurge 1, maxUnavailable 0), got none',
    ]);
  });

  test.each<[string, Json]>([
    ['one that goes first', rolling(0, 1)],
    ['a percentage that rounds to one', rolling(1, '50%')],
    ['two percentages that both round to none', rolling('0%', '10%')],
    ['Recreate', { type: 'Recreate' }],
  ])('accepts a replica on every node with %s', (_, strategy) => {
    expect(foundIn(rolloutCanFinish, [apart(2, strategy)], TWO)).toEqual([]);
  });

  test('accepts the default strategy with a node to spare, or where revisions do not repel each other', () => {
    expect(foundIn(rolloutCanFinish, [apart(2)], THREE)).toEqual([]);
    expect(
      foundIn(rolloutCanFinish, [apart(2, undefined, { ...TERM, matchLabelKeys: ['pod-template-hash'] })], TWO),
    ).toEqual([]);
  });

  test('counts only nodes on which the pods may be', () => {
    const agentsOnly = { nodeSelector: { 'kubernetes.io/hostname': 'b' } };

    expect(foundIn(rolloutCanFinish, [apart(2, rolling(0, 1), TERM, agentsOnly)], THREE)).toEqual([
      'Deployment tools/thing: expected at most 1 replicas (one on each eligible node), got 2',
    ]);
  });

  test('refuses a hard spread that cannot be satisfied', () => {
    expect(foundIn(rolloutCanFinish, [spread(3, { minDomains: 3 })], TWO)).toEqual([
      'Deployment tools/thing: expected minDomains of at most 2 (the eligible nodes), got 3',
    ]);
    expect(foundIn(rolloutCanFinish, [spread(2, { topologyKey: 'topology.kubernetes.io/zone' })], TWO)).toEqual([
      'Deployment tools/thing: expected a spread over kubernetes.io/hostname (nodes without the key are never used), got "topology.kubernetes.io/zone"',
    ]);
    expect(foundIn(rolloutCanFinish, [spread(2, {})], clusterOf(['a']))).toEqual([
      'Deployment tools/thing: expected at least 2 eligible nodes to spread 2 replicas over, got 1',
    ]);
  });

  test('accepts a hard spread over enough nodes, and a soft one over anything', () => {
    expect(foundIn(rolloutCanFinish, [spread(3, {})], TWO)).toEqual([]);
    expect(foundIn(rolloutCanFinish, [spread(2, { whenUnsatisfiable: 'ScheduleAnyway' })], clusterOf(['a']))).toEqual(
      [],
    );
  });
});
