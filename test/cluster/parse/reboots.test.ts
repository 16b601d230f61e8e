import { describe, expect, test } from 'vitest';
import { MINIMAL_SPEC, minimal, parsed, pvek8s } from '../../support/clusters.js';
import { issuesOfSpec } from '../../support/issues.js';

const issuesOf = (reboots: object) => issuesOfSpec({ ...MINIMAL_SPEC, reboots });

test('a workload without labels is refused: it would be every pod of its namespace', () => {
  const issues = issuesOf({ protected: [{ namespace: 'media', labels: {}, why: 'somebody listens' }] });

  expect(issues).toEqual([
    'reboots.protected[0].labels: expected an object with at least 1 key, e.g. { app: "player" }, got {}',
  ]);
});

test('a workload that is protected without a reason is refused', () => {
  expect(issuesOf({ protected: [{ namespace: 'media', labels: { app: 'player' } }] })).toEqual([
    'reboots.protected[0].why: expected one line that says why, at most 200 characters, got nothing',
  ]);
  expect(issuesOf({ protected: [{ namespace: 'media', labels: { app: 'player' }, why: 'one\ntwo' }] })).toHaveLength(1);
});

test('a workload that may be down is named with its namespace', () => {
  expect(issuesOf({ mayBeDown: ['cart'] })).toEqual([
    'reboots.mayBeDown[0]: expected a namespace and a workload, e.g. "shop/cart", got "cart"',
  ]);
});

test('an order that leaves a node out names it', () => {
  const nodes = {
    lamp: MINIMAL_SPEC.nodes.lamp,
    bulb: { ...MINIMAL_SPEC.nodes.lamp, role: 'agent', address: '192.0.2.8' },
  };

  expect(issuesOfSpec({ ...MINIMAL_SPEC, nodes, reboots: { order: ['lamp'] } })).toEqual([
    'reboots.order: expected every node once (bulb too), got ["lamp"]',
  ]);
});

test('a URL in the place of its Secret is not shown', () => {
  const issues = issuesOf({ notify: { kind: 'slack', urlSecret: 'https://hooks.example/T0/B0/abc' } });

  expect(issues).toHaveLength(1);
  expect(issues[0]).not.toContain('hooks.example');
});

test('a deadline of no time at all is refused', () => {
  expect(issuesOf({ bootDeadline: '1s' })).toEqual([
    'reboots.bootDeadline: expected a duration from 10s to 2h (units s, min, h, d), got "1s"',
  ]);
});

test('a cluster that says nothing of reboots has deadlines all the same, and an empty section is the same', () => {
  expect(minimal().reboots).toEqual({
    protected: [],
    mayBeDown: [],
    barePods: 'refuse',
    order: null,
    drainDeadline: { seconds: 600 },
    bootDeadline: { seconds: 600 },
    verifyDeadline: { seconds: 1800 },
    settle: { seconds: 60 },
    notify: null,
    schedule: null,
    ssh: new Map(),
  });
  expect(minimal({ reboots: {} }).reboots).toEqual(minimal().reboots);
});

test('the four that once stayed up on their old mounts are never evicted', () => {
  expect(pvek8s().reboots.protected.map(({ labels, when }) => [...labels.values(), when])).toEqual(
    ['sonarr', 'radarr', 'readarr', 'calibreweb'].map((name) => [name, 'leave']),
  );
});

describe('a schedule', () => {
  const { lamp } = MINIMAL_SPEC.nodes;
  const two = {
    ...MINIMAL_SPEC,
    nodes: { lamp, bulb: { ...lamp, role: 'agent', address: '192.0.2.8' } },
    hosts: [{ nodes: ['lamp'] }, { nodes: ['bulb'] }],
  };
  const schedule = { days: ['sunday'], start: '02:00', end: '05:00' };

  test('that is over before it begins is refused', () => {
    expect(issuesOfSpec({ ...two, reboots: { schedule: { ...schedule, end: '02:00' } } })).toEqual([
      'reboots.schedule.end: expected a time after start (02:00), got "02:00"',
    ]);
  });

  test('on no day is refused', () => {
    expect(issuesOfSpec({ ...two, reboots: { schedule: { ...schedule, days: [] } } })).toHaveLength(1);
  });

  test('on one node is refused: the roll would go down with it', () => {
    expect(issuesOfSpec({ ...MINIMAL_SPEC, hosts: [{ nodes: ['lamp'] }], reboots: { schedule } })).toEqual([
      'reboots.schedule: expected two nodes or more (the roll runs on another one), got 1: leave it out',
    ]);
  });

  test.each([
    ['left out', [{ nodes: ['lamp'] }]],
    ['taken back', [{ nodes: ['lamp'] }, { nodes: ['bulb'], state: 'absent' }]],
  ])('with a host that is %s is refused: nobody would know that it waits', (_, hosts) => {
    expect(issuesOfSpec({ ...two, hosts, reboots: { schedule } })).toEqual([
      'reboots.schedule: expected every node in hosts (node-bootstrap reports that one waits for a reboot), got none with "bulb"',
    ]);
  });

  test('is in the time zone of the control plane, or its own', () => {
    const zone = (more: object) =>
      parsed({ ...two, reboots: { schedule: { ...schedule, ...more } } }).reboots.schedule?.timeZone;

    expect(zone({})).toBe('Europe/Vienna');
    expect(zone({ timeZone: 'America/Edmonton' })).toBe('America/Edmonton');
  });
});
