/** What leaves the clock of a host untold, although its report is well. The rest: ../hosts.test.ts. */
import { expect, test } from 'vitest';
import { hostClockCheck } from '../../../../src/ops/check/checks/host-clock.js';
import type { HostReport } from '../../../../src/ops/check/host-report.js';
import { failure, live, lookOf, NOW } from '../../../support/check-facts.js';
import { pvek8s } from '../../../support/clusters.js';

const cluster = pvek8s();
const names = cluster.nodes.map(({ name }) => name);
const KNOWN = {
  nodes: names.map((name) => live('Node', name, { status: { conditions: [{ type: 'Ready', status: 'True' }] } })),
  leases: names.map((name) =>
    live('Lease', `kube-node-lease/${name}`, { spec: { renewTime: new Date(NOW).toISOString() } }),
  ),
};

function verdicts(known: object, now?: ReturnType<typeof failure>) {
  // Of a report nothing else is read.
  const value = { clockSynchronized: true } as HostReport;
  const look = lookOf({ cluster, ...(now === undefined ? {} : { now }) }, { ...KNOWN, ...known });
  const results = hostClockCheck.answer({ ...look, host: () => ({ ok: true, value }) });
  return [...new Set(results.map(({ verdict }) => verdict))];
}

test('it is right where the leases say so', () => {
  expect(verdicts({})).toEqual(['pass']);
});

test.each(['nodes', 'leases'])('it cannot be told where the %s cannot be listed', (kind) => {
  expect(verdicts({ [kind]: failure('403') })).toEqual(['unknown']);
});

test("it cannot be told without the API server's time", () => {
  expect(verdicts({}, failure('the time: 403'))).toEqual(['unknown']);
});
