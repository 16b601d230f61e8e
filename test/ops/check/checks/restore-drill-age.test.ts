import { expect, test } from 'vitest';
import type { LiveObject } from '../../../../src/manifest/live-object.js';
import { restoreDrillAgeCheck } from '../../../../src/ops/check/checks/restore-drill-age.js';
import { failure, live, lookOf, minutesAgo } from '../../../support/check-facts.js';
import { minimal, parsed } from '../../../support/clusters.js';
import { FULL_K3S_SPEC } from '../../../support/full-clusters.js';

const HOUR = 60;
const cluster = parsed(FULL_K3S_SPEC);
const { backup } = cluster;
if (backup?.form !== 'snapshots' || backup.drill === null) throw new Error('expected a backup with a drill');
const { namespace, drill } = backup;

const good = (name: string, minutes = HOUR): LiveObject =>
  live('CronJob', `${namespace}/${name}`, { spec: {}, status: { lastSuccessfulTime: minutesAgo(minutes) } });
const never = (minutes: number): LiveObject =>
  live('CronJob', `${namespace}/${drill.name}`, {
    metadata: { creationTimestamp: minutesAgo(minutes) },
    spec: {},
    status: {},
  });
const DAY = 24 * HOUR;
const job = (shape: { readonly condition?: string; readonly started?: number; readonly owner?: string }): LiveObject =>
  live('Job', `${namespace}/${drill.name}-9`, {
    metadata: { ownerReferences: [{ uid: shape.owner ?? `uid-CronJob-${namespace}/${drill.name}` }] },
    status: {
      startTime: minutesAgo(shape.started ?? 1),
      conditions: [{ type: shape.condition ?? 'Failed', status: 'True' }],
    },
  });
const drilled = (cron: LiveObject, jobs: readonly LiveObject[] = []) =>
  restoreDrillAgeCheck.answer(lookOf({ cluster }, { cronJobs: [cron], jobs }))[0];

test('one of two weeks ago is young enough, one of sixteen days is not', () => {
  expect(drilled(good(drill.name, 14 * DAY))?.verdict).toBe('pass');
  expect(drilled(good(drill.name, 16 * DAY))).toMatchObject({
    verdict: 'fail',
    expected: 'a good run within 15 days',
    found: 'the last one was 16 d ago',
  });
});

test('its first run has a week', () => {
  expect(drilled(never(6 * DAY))?.verdict).toBe('unknown');
  expect(drilled(never(9 * DAY))?.verdict).toBe('fail');
});

test('its first run has a week and the time that a run may take, to the minute', () => {
  const period = 7 * DAY + backup.deadline.seconds / 60;

  expect(drilled(never(period))?.verdict).toBe('unknown');
  expect(drilled(never(period + 1))?.verdict).toBe('fail');
});

test('one that runs on the node that is to go down is waited for', () => {
  const cron = live('CronJob', `${namespace}/${drill.name}`, {
    spec: {},
    status: { lastSuccessfulTime: minutesAgo(DAY), active: [{ name: 'now' }] },
  });
  const look = lookOf({ cluster, node: backup.from.name }, { cronJobs: [cron], jobs: [] });

  expect(restoreDrillAgeCheck.answer(look)[0]?.found).toMatch(/^Job now runs on /);
});

test('a drill that failed since the last good one is told at once', () => {
  expect(drilled(good(drill.name, 2 * DAY), [job({})])).toMatchObject({
    verdict: 'fail',
    next: `kubectl -n ${namespace} logs job/${drill.name}-9`,
  });
});

test.each([
  ['failed before the last good one', job({ started: 3 * DAY })],
  ['succeeded', job({ condition: 'Complete' })],
  ['is of another CronJob', job({ owner: 'uid-other' })],
])('a Job that %s is no finding', (_, its) => {
  expect(drilled(good(drill.name, 2 * DAY), [its])?.verdict).toBe('pass');
});

test('Jobs that cannot be listed leave it unknown', () => {
  const look = lookOf({ cluster }, { cronJobs: [good(drill.name)], jobs: failure('403') });

  expect(restoreDrillAgeCheck.answer(look)[0]).toMatchObject({ verdict: 'unknown', found: '403' });
});

test('is asked only where the description has a drill', () => {
  const without = parsed({ ...FULL_K3S_SPEC, backup: { ...FULL_K3S_SPEC.backup, drill: 'off' } });

  expect([minimal(), without, cluster].map((each) => restoreDrillAgeCheck.applies?.(each))).toEqual([
    false,
    false,
    true,
  ]);
});
