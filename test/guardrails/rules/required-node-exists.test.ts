import { describe, expect, test } from 'vitest';
import { requiredNodeExists } from '../../../src/guardrails/rules/required-node-exists.js';
import { daemonSet, deployment, foundIn, helmApplication, pod } from '../examples.js';

const on = (...values: string[]) => ({
  nodeAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: {
      nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values }] }],
    },
  },
});

describe('required-node-exists', () => {
  test('refuses a node selector with another spelling', () => {
    const object = daemonSet(pod({ nodeSelector: { 'kubernetes.io/hostname': 'Lamp' } }));

    expect(foundIn(requiredNodeExists, [object])).toEqual([
      'DaemonSet tools/thing: expected a node of the cluster (lamp), got "Lamp" as kubernetes.io/hostname',
    ]);
  });

  test.each([
    ['required affinity', deployment(pod({ affinity: on('lamp', 'candle') }))],
    ['nodeName', deployment(pod({ nodeName: 'candle' }))],
    ["a chart's values", helmApplication({ grafana: { affinity: on('candle') } })],
    ["a chart's node selector", helmApplication({ grafana: { nodeSelector: { 'kubernetes.io/hostname': 'candle' } } })],
  ])('refuses an unknown node in %s', (_, object) => {
    expect(foundIn(requiredNodeExists, [object])).toEqual([expect.stringContaining('got "candle"')]);
  });

  test('accepts known nodes and other labels', () => {
    const objects = [
      deployment(pod({ affinity: on('lamp') })),
      deployment(pod({ nodeSelector: { 'kubernetes.io/hostname': 'lamp', 'example.org/disk': 'fast' } })),
      helmApplication({ grafana: { affinity: on('lamp') } }),
    ];

    expect(foundIn(requiredNodeExists, objects)).toEqual([]);
  });
});
