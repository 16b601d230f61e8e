import { describe, expect, test } from 'vitest';
import { rcuWatchdogEnvironment } from '../../../src/layers/rcu-watchdog/environment.js';
import { describedPolicy } from '../../../src/ops/replay/described-policy.js';
import { CURRENT, detectorSettings, POLICIES } from '../../../src/ops/replay/policies.js';
import { minimal } from '../../support/clusters.js';

const UNKNOWN = { hz: 0, normalTimeoutSeconds: 0, expeditedTimeoutSeconds: 0 };

function watchdogOf(rcuWatchdog: object) {
  const cluster = minimal({ hosts: [{ nodes: ['lamp'], rcuWatchdog }] });
  const watchdog = cluster.hosts[0]?.rcuWatchdog;
  if (!watchdog) throw new Error('expected a watchdog, got none');
  return { cluster, watchdog };
}

test('the current policy is what a description gets that says nothing else', () => {
  expect(describedPolicy('current', watchdogOf({}).watchdog)).toEqual(CURRENT);
});

describe.each([
  ['by default', {}],
  [
    'of other thresholds',
    { burst: { stalls: 5, within: '1min' }, chronic: { stalls: 50, within: '3h' }, stuck: '5min' },
  ],
  ['in the form of v3', { form: 'timer', maxRebootsInARow: 2, healthyAfter: '3h' }],
])('a watchdog %s', (_, spec) => {
  test('has the settings here that its host gets', () => {
    const { cluster, watchdog } = watchdogOf(spec);
    const onHost = rcuWatchdogEnvironment(cluster, watchdog);

    const here = detectorSettings(describedPolicy('x', watchdog), UNKNOWN);

    for (const name of [
      'count',
      'burst_stalls',
      'burst_seconds',
      'sustained_stalls',
      'sustained_seconds',
      'grace_seconds',
      'stuck_seconds',
      'chronic_stalls',
      'chronic_action',
      'max_reboots',
      'healthy_seconds',
    ])
      expect([name, here[name]]).toEqual([name, onHost[`RCU_WATCHDOG_${name.toUpperCase()}`]]);
  });
});

test("the owner's watchdogs have no budget and reach back into the grace", () => {
  for (const policy of POLICIES.slice(0, 3))
    expect(detectorSettings(policy, UNKNOWN)).toMatchObject({
      max_reboots: -1,
      grace_clips: 0,
      count: 'lines',
      decide: 'tick',
    });
});
