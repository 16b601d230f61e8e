import { describe, expect, test } from 'vitest';
import { schedulerLeaseOrder } from '../../../src/guardrails/rules/scheduler-lease-order.js';
import { pvek8s } from '../../support/clusters.js';
import { configMap, foundIn } from '../examples.js';

const MICROK8S = { ...pvek8s(), schedulerLease: null };

describe('scheduler-lease-order', () => {
  test("refuses a shorter lease beside MicroK8s's own renew deadline", () => {
    const object = configMap({ plan: 'flag /args/kube-scheduler --leader-elect-lease-duration 20s\n' });

    expect(foundIn(schedulerLeaseOrder, [object], MICROK8S)).toEqual([
      'ConfigMap tools/scripts: expected lease > renew deadline > 1.2 × retry period, got 20s, 30s, 2s',
    ]);
  });

  test('refuses a renew deadline that leaves no time for a second attempt', () => {
    const object = configMap({
      plan: '--leader-elect-lease-duration=20s\n--leader-elect-renew-deadline=12s\n--leader-elect-retry-period=10s\n',
    });

    expect(foundIn(schedulerLeaseOrder, [object], MICROK8S)).toEqual([expect.stringContaining('got 20s, 12s, 10s')]);
  });

  test('refuses it in the description', () => {
    const seconds = (value: number) => ({ seconds: value });
    const schedulerLease = { leaseDuration: seconds(20), renewDeadline: seconds(20), retryPeriod: seconds(2) };

    expect(foundIn(schedulerLeaseOrder, [], { ...MICROK8S, schedulerLease })).toEqual([
      'schedulerLease: expected lease > renew deadline > 1.2 × retry period, got 20s, 20s, 2s',
    ]);
  });

  test.each([
    ['lines', '--leader-elect-lease-duration=20s\n--leader-elect-renew-deadline=15s\n--leader-elect-retry-period=2s\n'],
    ['words', 'f --leader-elect-lease-duration 1m0s\nf --leader-elect-renew-deadline 30s\n'],
    [
      'JSON',
      JSON.stringify([
        { flag: '--leader-elect-lease-duration', value: '20s' },
        { flag: '--leader-elect-renew-deadline', value: '15s' },
      ]),
    ],
  ])('accepts flags in order, as %s', (_, text) => {
    expect(foundIn(schedulerLeaseOrder, [configMap({ plan: text })], MICROK8S)).toEqual([]);
  });
});
