import { expect, test } from 'vitest';
import type { RcuWatchdogSpec } from '../../../src/cluster/spec/rcu-watchdog.js';
import { rcuWatchdogAlerts } from '../../../src/layers/rcu-watchdog/alerts.js';
import { MINIMAL_SPEC, minimal } from '../../support/clusters.js';

const { lamp } = MINIMAL_SPEC.nodes;
const MONITORING = {
  install: 'existing',
  namespace: 'watch',
  ruleLabels: { release: 'prom' },
  textfileCollector: true,
} as const;

/** Lamp with one watchdog, desk with another. */
function alertsFor(onLamp: RcuWatchdogSpec, onDesk: RcuWatchdogSpec) {
  const cluster = minimal({
    nodes: { lamp, desk: { ...lamp, role: 'agent', address: '192.0.2.8' } },
    hosts: [
      { nodes: ['lamp'], rcuWatchdog: onLamp },
      { nodes: ['desk'], rcuWatchdog: onDesk },
    ],
    monitoring: MONITORING,
  });
  const rules = rcuWatchdogAlerts(cluster).flatMap((group) => group.rules);
  const named = (name: string) => {
    const found = rules.filter((rule) => rule.kind === 'alert' && rule.name === name);
    expect(found).toHaveLength(1);
    return found[0]?.kind === 'alert' ? found[0] : undefined;
  };
  return { names: rules.map(({ name }) => name), named };
}

test('no alert stands there twice where the nodes have watchdogs of both forms', () => {
  const { names } = alertsFor({}, { form: 'timer' });

  expect(names.length).toBeGreaterThan(8);
  expect(new Set(names).size).toBe(names.length);
});

test('the silence of each form is measured by its own rounds, on its own nodes', () => {
  const silent = alertsFor({}, { form: 'timer', startupGrace: '30min', checkEvery: '2min' }).named('RcuWatchdogSilent');

  expect(silent?.expr).toMatch(
    /^[^\n]*\{node=~"lamp"\} > 300\nunless .*\[5m\].*\nor\n[^\n]*\{node=~"desk"\} > 2400\nunless .*\[10m\]/s,
  );
  expect(silent?.summary).toContain('for 5 minutes or 10 minutes');
});

test('what is chronic is asked of each node with its own numbers', () => {
  const lampSpec = {
    chronic: { stalls: 40, within: '2h', action: { window: { start: '03:30', end: '04:30' } } },
  } as const;
  const chronic = alertsFor(lampSpec, {}).named('RcuStallsChronic');

  expect(chronic?.expr).toMatch(
    />= 40\nand on \(node\) [^\n]*\{node=~"lamp"\}\nor\n.*>= 100\nand [^\n]*\{node=~"desk"\}$/s,
  );
  expect(chronic?.summary).toBe(
    'A node has had 40 RCU stalls or more in 2 hours, or 100 RCU stalls or more in 6 hours.',
  );
  expect(chronic?.description).toContain('A watchdog with a maintenance window reboots its node in it.');
});

test('equal numbers make one question, and an alert that promises no reboot', () => {
  const chronic = alertsFor({}, {}).named('RcuStallsChronic');

  expect(chronic?.expr).toContain('{node=~"lamp|desk"}');
  expect(chronic?.expr).not.toContain('\nor\n');
  expect(chronic?.description).toContain('Nothing reboots it for that.');
});

test('the black hole is told of once the last of the nodes would have gone, and not where nobody looks for it', () => {
  const late = alertsFor({ blackHole: { after: '10min' } }, {}).named('RcuWatchdogBlackHole');

  expect(late?.for).toEqual({ seconds: 10 * 60 + 2 * 180 });
  expect(alertsFor({ blackHole: 'off' }, { form: 'timer' }).names).not.toContain('RcuWatchdogBlackHole');
});

test('what a timer does not write is not asked for', () => {
  const { names } = alertsFor({ form: 'timer' }, { form: 'timer' });

  expect(names).toEqual([
    'node:selfheal_watchdog_reboots:max',
    'RcuWatchdogRebootedNode',
    'RcuWatchdogBudgetSpent',
    'RcuWatchdogHeld',
    'RcuWatchdogSilent',
    'node:selfheal_watchdog_stalls:max',
    'RcuStallsChronic',
  ]);
});
