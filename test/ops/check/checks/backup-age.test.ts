import { describe, expect, test } from 'vitest';
import type { LiveObject } from '../../../../src/manifest/live-object.js';
import type { Json } from '../../../../src/manifest/manifest.js';
import { backupAgeCheck } from '../../../../src/ops/check/checks/backup-age.js';
import { restoreDrillAgeCheck } from '../../../../src/ops/check/checks/restore-drill-age.js';
import { failure, live, lookOf, minutesAgo } from '../../../support/check-facts.js';
import { minimal, parsed } from '../../../support/clusters.js';
import { FULL_K3S_SPEC } from '../../../support/full-clusters.js';

const HOUR = 60;
const cluster = parsed(FULL_K3S_SPEC);
const { backup } = cluster;
if (backup?.form !== 'snapshots' || backup.offsite === null || backup.drill === null)
  throw new Error('expected a full backup');
const { namespace, name, offsite, drill, from } = backup;
const staleHours = backup.staleAfter.seconds / 3600;

type Fields = { readonly [key: string]: Json };
const cronJob = (its: string, status: Fields, spec: Fields = { suspend: false }, metadata: Fields = {}): LiveObject =>
  live('CronJob', `${namespace}/${its}`, { metadata, spec, status });
const good = (its: string, minutes = HOUR): LiveObject => cronJob(its, { lastSuccessfulTime: minutesAgo(minutes) });

const OFFSITE = good(offsite.name);
const ask = (cronJobs: readonly LiveObject[], node: string | null = null) =>
  backupAgeCheck.answer(lookOf({ cluster, node }, { cronJobs: [...cronJobs, OFFSITE] }));

describe('backup-age', () => {
  test('each place that receives a backup is judged by itself', () => {
    expect(ask([good(name)]).map(({ subject, verdict, found }) => [subject, verdict, found])).toEqual([
      [`CronJob ${namespace}/${name}`, 'pass', 'the last good run was 1 h ago'],
      [`CronJob ${namespace}/${offsite.name}`, 'pass', 'the last good run was 1 h ago'],
    ]);
  });

  test('an age of exactly what the description allows is well, and a minute more is not', () => {
    expect(ask([good(name, staleHours * HOUR)])[0]?.verdict).toBe('pass');
    expect(ask([good(name, staleHours * HOUR + 1)])[0]).toMatchObject({ verdict: 'fail' });
    expect(ask([good(name, staleHours * HOUR + 1)])[0]?.next).toContain(
      `kubectl -n ${namespace} create job --from=cronjob/${name} ${name}-by-hand`,
    );
  });

  test('a CronJob that is suspended or missing fails, however young its last run', () => {
    expect(ask([cronJob(name, { lastSuccessfulTime: minutesAgo(1) }, { suspend: true })])[0]).toMatchObject({
      verdict: 'fail',
      found: 'it is suspended',
    });
    expect(ask([])[0]).toMatchObject({ verdict: 'fail', found: 'there is no such CronJob' });
    expect(ask([live('CronJob', `other/${name}`, { status: { lastSuccessfulTime: minutesAgo(1) } })])[0]?.found).toBe(
      'there is no such CronJob',
    );
  });

  test('one that never succeeded is unknown while its first run may be to come, and then a failure', () => {
    expect(ask([cronJob(name, {}, {}, { creationTimestamp: minutesAgo(23 * HOUR) })])[0]).toMatchObject({
      verdict: 'unknown',
    });
    expect(ask([cronJob(name, {}, {}, { creationTimestamp: minutesAgo(72 * HOUR) })])[0]).toMatchObject({
      verdict: 'fail',
      found: 'none since it was made 3 d ago',
    });
  });

  test('a success in the future says that a clock is off, not that all is well', () => {
    expect(ask([good(name, -10)])[0]).toMatchObject({ verdict: 'unknown' });
  });

  test('a run on the node that is to go down is waited for', () => {
    const running = cronJob(name, { lastSuccessfulTime: minutesAgo(HOUR), active: [{ name: `${name}-7` }] });

    expect(ask([running], from.name)[0]).toMatchObject({
      verdict: 'fail',
      found: `Job ${name}-7 runs on ${from.name} now, and would be broken off`,
    });
    expect(ask([running], 'cork')[0]?.verdict).toBe('pass');
    expect(ask([running])[0]?.verdict).toBe('pass');
  });

  test.each([
    ['no CronJob at all', lookOf({ cluster }, { cronJobs: [] })],
    ['a 403', lookOf({ cluster }, { cronJobs: failure('403') })],
    ['no time', lookOf({ cluster, now: failure('no date') }, { cronJobs: [good(name), OFFSITE] })],
  ])('%s leaves each of them unknown', (_, look) => {
    expect(backupAgeCheck.answer(look).map(({ verdict }) => verdict)).toEqual(['unknown', 'unknown']);
  });

  test('is not asked where nothing is backed up', () => {
    expect([backupAgeCheck, restoreDrillAgeCheck].map(({ applies }) => applies?.(minimal()))).toEqual([false, false]);
    expect([backupAgeCheck, restoreDrillAgeCheck].map(({ applies }) => applies?.(cluster))).toEqual([true, true]);
  });
});

describe('restore-drill-age', () => {
  const DAY = 24 * HOUR;
  const job = (shape: {
    readonly condition?: string;
    readonly started?: number;
    readonly owner?: string;
  }): LiveObject =>
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
    expect(drilled(cronJob(drill.name, {}, {}, { creationTimestamp: minutesAgo(6 * DAY) }))?.verdict).toBe('unknown');
    expect(drilled(cronJob(drill.name, {}, {}, { creationTimestamp: minutesAgo(9 * DAY) }))?.verdict).toBe('fail');
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
});
