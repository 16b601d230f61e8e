import { describe, expect, test } from 'vitest';
import type { RcuWatchdogSpec } from '../../../src/cluster/spec/rcu-watchdog.js';
import { rcuWatchdogSeesBurst } from '../../../src/guardrails/rules/rcu-watchdog-sees-burst.js';
import { minimal } from '../../support/clusters.js';
import { foundIn } from '../examples.js';

const withWatchdog = (rcuWatchdog: RcuWatchdogSpec) => minimal({ hosts: [{ nodes: ['lamp'], rcuWatchdog }] });

describe('rcu-watchdog-sees-burst', () => {
  test('refuses looks that leave a gap between two windows', () => {
    const cluster = withWatchdog({ form: 'timer' });
    // The parser refuses it too, so it is put in behind the parser's back.
    const hosts = cluster.hosts.map((group) => ({
      ...group,
      rcuWatchdog: group.rcuWatchdog && { ...group.rcuWatchdog, form: 'timer' as const, checkEvery: { seconds: 300 } },
    }));

    expect(foundIn(rcuWatchdogSeesBurst, [], { ...cluster, hosts })).toEqual([
      "hosts 'lamp-node-bootstrap', rcuWatchdog: expected a look at least every 120 seconds (the burst window), got every 300",
    ]);
  });

  test('refuses a threshold that the burst of April 5 would not have crossed', () => {
    const cluster = withWatchdog({ burst: { stalls: 31, within: '2min' } });

    expect(foundIn(rcuWatchdogSeesBurst, [], cluster)).toEqual([
      "hosts 'lamp-node-bootstrap', rcuWatchdog: expected the burst of 30 stalls in a minute to be enough, got a threshold of 31",
    ]);
  });

  test('accepts the settings of April 2026, a stream, which has no looks, and a cluster without a watchdog', () => {
    expect(foundIn(rcuWatchdogSeesBurst, [], withWatchdog({ form: 'timer' }))).toEqual([]);
    expect(foundIn(rcuWatchdogSeesBurst, [], withWatchdog({ burst: { stalls: 10, within: '1min' } }))).toEqual([]);
    expect(foundIn(rcuWatchdogSeesBurst, [])).toEqual([]);
  });
});
