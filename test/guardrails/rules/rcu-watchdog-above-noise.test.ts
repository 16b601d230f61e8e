import { describe, expect, test } from 'vitest';
import type { RcuWatchdogSpec } from '../../../src/cluster/spec/rcu-watchdog.js';
import { rcuWatchdogAboveNoise } from '../../../src/guardrails/rules/rcu-watchdog-above-noise.js';
import { minimal } from '../../support/clusters.js';
import { configMap, foundIn } from '../examples.js';

const withWatchdog = (rcuWatchdog: RcuWatchdogSpec) => minimal({ hosts: [{ nodes: ['lamp'], rcuWatchdog }] });

describe('rcu-watchdog-above-noise', () => {
  test('refuses the first threshold, which rebooted ten times in three hours', () => {
    const cluster = withWatchdog({ sustained: { stalls: 3, within: '10min' } });

    expect(foundIn(rcuWatchdogAboveNoise, [], cluster)).toEqual([
      "hosts 'lamp-node-bootstrap', rcuWatchdog.sustained: expected more stalls than the 8 that a healthy node may log in 10 minutes, got 3",
    ]);
  });

  test.each([
    [8, '2min', 8],
    [9, '15min', 9],
    [27, '1h', 30],
  ] as const)('refuses %d stalls in %s: %d are noise', (stalls, within, noise) => {
    expect(foundIn(rcuWatchdogAboveNoise, [], withWatchdog({ burst: { stalls, within } }))).toEqual([
      expect.stringContaining(`expected more stalls than the ${noise} that`),
    ]);
  });

  test('refuses it in the settings that reach the host', () => {
    const settings = configMap({ 'rcu.env': 'RCU_WATCHDOG_BURST_STALLS=5\nRCU_WATCHDOG_BURST_SECONDS=120\n' });

    expect(foundIn(rcuWatchdogAboveNoise, [settings])).toEqual([
      'ConfigMap tools/scripts, RCU_WATCHDOG_BURST_STALLS: expected more stalls than the 8 that a healthy node may log in 2 minutes, got 5',
    ]);
  });

  test('accepts the thresholds of April 2026, and one just above the noise', () => {
    expect(foundIn(rcuWatchdogAboveNoise, [], withWatchdog({}))).toEqual([]);
    expect(foundIn(rcuWatchdogAboveNoise, [], withWatchdog({ burst: { stalls: 9, within: '2min' } }))).toEqual([]);
    expect(foundIn(rcuWatchdogAboveNoise, [], withWatchdog({ sustained: { stalls: 31, within: '1h' } }))).toEqual([]);
  });
});
