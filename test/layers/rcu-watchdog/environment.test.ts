import { expect, test } from 'vitest';
import type { RcuWatchdogSpec } from '../../../src/cluster/spec/rcu-watchdog.js';
import { rcuWatchdogEnvironment } from '../../../src/layers/rcu-watchdog/environment.js';
import { PROGRAM } from '../../../src/layers/rcu-watchdog/program.js';
import { readScript } from '../../../src/layers/script.js';
import { minimal, parsed } from '../../support/clusters.js';
import { headerVariables } from '../../support/fake-host.js';
import { FULL_MICROK8S_SPEC } from '../../support/full-clusters.js';

function environmentOf(cluster: ReturnType<typeof minimal>): Readonly<Record<string, string | number>> {
  const watchdog = cluster.hosts[0]?.rcuWatchdog;
  if (!watchdog) throw new Error('expected a watchdog');
  return rcuWatchdogEnvironment(cluster, watchdog);
}
const lamp = (rcuWatchdog: RcuWatchdogSpec) => environmentOf(minimal({ hosts: [{ nodes: ['lamp'], rcuWatchdog }] }));

const header = readScript('rcu-watchdog', PROGRAM);

test('names every setting of the header of the program, and how to count', () => {
  const named = headerVariables(header);

  expect(named.length).toBeGreaterThan(15);
  expect(Object.keys(lamp({})).sort()).toEqual([...named, 'RCU_WATCHDOG_COUNT'].sort());
});

test('a description that says nothing means the defaults of the header', () => {
  for (const [name, value] of Object.entries(lamp({})).filter(([, value]) => value !== '')) {
    expect(header).toMatch(
      new RegExp(`${name.replace('RCU_WATCHDOG_COUNT', 'COUNT')}\\b.*\\((default )?${value}\\)`, 'm'),
    );
  }
});

test('says what the description says', () => {
  expect(
    lamp({
      burst: { stalls: 7, within: '3min' },
      stuck: '4min',
      chronic: { stalls: 50, within: '3h', action: { window: { start: '22:30', end: '04:00' } } },
      blackHole: { after: '10min' },
      maxRebootsInARow: 2,
      peerPort: 10_000,
    }),
  ).toMatchObject({
    RCU_WATCHDOG_BURST_STALLS: 7,
    RCU_WATCHDOG_BURST_SECONDS: 180,
    RCU_WATCHDOG_STUCK_SECONDS: 240,
    RCU_WATCHDOG_CHRONIC_STALLS: 50,
    RCU_WATCHDOG_CHRONIC_SECONDS: 10_800,
    RCU_WATCHDOG_CHRONIC_ACTION: 'window',
    RCU_WATCHDOG_CHRONIC_WINDOW: '22:30-04:00',
    RCU_WATCHDOG_BLACK_HOLE_SECONDS: 600,
    RCU_WATCHDOG_MAX_REBOOTS: 2,
    RCU_WATCHDOG_PEER_PORT: 10_000,
  });
});

test('a black hole that is off is one of no length', () => {
  expect(lamp({ blackHole: 'off' })).toHaveProperty('RCU_WATCHDOG_BLACK_HOLE_SECONDS', 0);
});

test('the timer form counts lines as v3 did, and has none of the paths that v3 had not', () => {
  expect(lamp({ form: 'timer' })).toMatchObject({
    RCU_WATCHDOG_COUNT: 'lines',
    RCU_WATCHDOG_STUCK_SECONDS: 0,
    RCU_WATCHDOG_CHRONIC_STALLS: 0,
    RCU_WATCHDOG_BLACK_HOLE_SECONDS: 0,
  });
});

test('the API server is looked for where the distribution has it', () => {
  expect(lamp({})).toHaveProperty('RCU_WATCHDOG_API_PORT', 6443);
  expect(environmentOf(parsed(FULL_MICROK8S_SPEC))).toHaveProperty('RCU_WATCHDOG_API_PORT', 16_443);
});
