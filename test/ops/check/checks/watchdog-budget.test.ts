/** Where the watchdog is asked about, and what is no budget. The rest: ../hosts.test.ts. */
import { expect, test } from 'vitest';
import { watchdogBudgetCheck } from '../../../../src/ops/check/checks/watchdog-budget.js';
import type { HostReport } from '../../../../src/ops/check/host-report.js';
import { lookOf } from '../../../support/check-facts.js';
import { homelab } from '../../../support/clusters.js';

test.each([
  { budgetLeft: null, held: false },
  { budgetLeft: 1, held: null },
  { budgetLeft: null, held: true },
])('%j is not known, and is no pass', (told) => {
  // Of a report nothing else is read.
  const value = { uptimeSeconds: 1e6, watchdog: { ...told, silentSeconds: 1 } } as HostReport;
  const facts = { ...lookOf({ cluster: homelab() }, {}), host: () => ({ ok: true, value }) as const };

  expect(new Set(watchdogBudgetCheck.answer(facts).map(({ verdict }) => verdict))).toEqual(new Set(['unknown']));
});

test('is asked where a watchdog is described on hosts that report', () => {
  const cluster = homelab();
  const absent = { ...cluster, hosts: cluster.hosts.map((group) => ({ ...group, state: 'absent' as const })) };
  const none = { ...cluster, hosts: cluster.hosts.map((group) => ({ ...group, rcuWatchdog: null })) };
  const one = { ...cluster, hosts: [...none.hosts, ...cluster.hosts] };

  expect([cluster, one, none, absent].map((each) => watchdogBudgetCheck.applies?.(each))).toEqual([
    ...[true, true, false, false],
  ]);
});
