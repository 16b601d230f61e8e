/** How long a reboot may wait before somebody is told. That it fires then: test/rules. */
import { expect, test } from 'vitest';
import type { Weekday } from '../../../src/cluster/spec/values.js';
import { rebootPendingRules } from '../../../src/layers/node-bootstrap/reboot-alert.js';
import { MINIMAL_SPEC, minimal } from '../../support/clusters.js';

const EVERY_DAY: readonly Weekday[] = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];

function alertWith(days: readonly Weekday[] | null) {
  const reboots = days === null ? {} : { schedule: { days, start: '03:00', end: '05:00' } as const };
  const { lamp } = MINIMAL_SPEC.nodes;
  const nodes = { lamp, bulb: { ...lamp, role: 'agent' as const, address: '192.0.2.8' } };
  const hosts = [{ nodes: ['lamp'] }, { nodes: ['bulb'] }];
  const alert = rebootPendingRules(minimal({ nodes, hosts, reboots })).find((rule) => rule.kind === 'alert');
  if (alert?.kind !== 'alert') throw new Error('expected an alert');
  return alert;
}

test('a week where people reboot by hand', () => {
  const { expr, summary, description } = alertWith(null);

  expect(expr).toContain('[7d:1h]) == 1');
  expect(expr).toContain('[1d:1h] offset 7d) == 1');
  expect(summary).toContain('for 7 days');
  expect(description).toContain('nobody has made it');
});

test.each<[readonly Weekday[], string]>([
  [['sunday'], '8d'],
  [['saturday', 'sunday'], '7d'],
  [['sunday', 'monday'], '7d'],
  [['thursday', 'monday'], '5d'],
  [['monday', 'wednesday', 'friday'], '4d'],
  [EVERY_DAY, '2d'],
])('a day longer than the longest pause between the windows of %j', (days, waits) => {
  const { expr, description } = alertWith(days);

  expect(expr).toContain(`[${waits}:1h]) == 1`);
  expect(expr).toContain(`offset ${waits})`);
  expect(description).toContain('reboots.schedule');
});
