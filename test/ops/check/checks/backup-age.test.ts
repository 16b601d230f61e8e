import { expect, test } from 'vitest';
import type { LiveObject } from '../../../../src/manifest/live-object.js';
import type { Json } from '../../../../src/manifest/manifest.js';
import { backupAgeCheck } from '../../../../src/ops/check/checks/backup-age.js';
import { failure, live, lookOf, minutesAgo } from '../../../support/check-facts.js';
import { minimal, parsed } from '../../../support/clusters.js';
import { FULL_K3S_SPEC } from '../../../support/full-clusters.js';

const HOUR = 60;
const cluster = parsed(FULL_K3S_SPEC);
const { backup } = cluster;
if (backup?.form !== 'snapshots' || backup.offsite === null) throw new Error('expected a full backup');
const { namespace, name, offsite, from } = backup;
const staleHours = backup.staleAfter.seconds / 3600;

type Fields = { readonly [key: string]: Json };
const cronJob = (its: string, status: Fields, spec: Fields = { suspend: false }, metadata: Fields = {}): LiveObject =>
  live('CronJob', `${namespace}/${its}`, { metadata, spec, status });
const good = (its: string, minutes = HOUR): LiveObject => cronJob(its, { lastSuccessfulTime: minutesAgo(minutes) });

const OFFSITE = good(offsite.name);
const ask = (cronJobs: readonly LiveObject[], node: string | null = null) =>
  backupAgeCheck.answer(lookOf({ cluster, node }, { cronJobs: [...cronJobs, OFFSITE] }));

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

test('the first run has a day and the time that a run may take', () => {
  const period = 24 * HOUR + backup.deadline.seconds / 60;
  const never = (minutes: number) => ask([cronJob(name, {}, {}, { creationTimestamp: minutesAgo(minutes) })])[0];

  expect(never(period)?.verdict).toBe('unknown');
  expect(never(period + 1)?.verdict).toBe('fail');
});

test('a success a moment ahead is of machines whose clocks differ by less than a minute', () => {
  expect(ask([good(name, -0.9)])[0]?.verdict).toBe('pass');
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
  expect(ask([good(name)], from.name)[0]?.verdict).toBe('pass');
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
  expect([minimal(), cluster].map((each) => backupAgeCheck.applies?.(each))).toEqual([false, true]);
});
