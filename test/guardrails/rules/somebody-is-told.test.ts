import { describe, expect, test } from 'vitest';
import { somebodyIsTold } from '../../../src/guardrails/rules/somebody-is-told.js';
import { clusterOf, foundIn } from '../examples.js';

const CHART = { install: 'kube-prometheus-stack', requiredNode: 'a' } as const;
const NOTIFY = { kind: 'webhook', urlSecret: { name: 'receivers', key: 'page' } } as const;

describe('somebody-is-told', () => {
  test('warns where the alerts of a stack of ours go to nobody', () => {
    expect(somebodyIsTold.severity).toBe('warning');
    expect(foundIn(somebodyIsTold, [], clusterOf(['a'], { monitoring: CHART }))).toEqual([
      "monitoring.notify: expected where alerts are sent, got nothing (the chart's Alertmanager sends them to nobody)",
    ]);
  });

  test('says nothing where somebody is, where another Alertmanager decides, or where there is none', () => {
    const existing = { install: 'existing', namespace: 'watch', ruleLabels: { release: 'prom' } } as const;

    expect(foundIn(somebodyIsTold, [], clusterOf(['a'], { monitoring: { ...CHART, notify: NOTIFY } }))).toEqual([]);
    expect(foundIn(somebodyIsTold, [], clusterOf(['a'], { monitoring: existing }))).toEqual([]);
    expect(foundIn(somebodyIsTold, [], clusterOf(['a']))).toEqual([]);
  });
});
