import { describe, expect, test } from 'vitest';
import { heavyJobsApart } from '../../../src/guardrails/rules/heavy-jobs-apart.js';
import { MINIMAL_SPEC, parsed } from '../../support/clusters.js';
import { cronJob, findings, foundIn, manifest, pod } from '../examples.js';

const job = (name: string, schedule: string, timeZone?: string) => cronJob({ schedule, timeZone }, pod(), name);

const recurring = (cron: string) =>
  manifest('longhorn.io/v1beta2', 'RecurringJob', 'daily-snapshot', { spec: { cron } });

const plan = (startTime: string, endTime: string, timeZone = 'Europe/Vienna', days: string[] = ['saturday']) =>
  manifest('upgrade.cattle.io/v1', 'Plan', 'os', { spec: { window: { days, startTime, endTime, timeZone } } });

const NEW_YORK = parsed({
  ...MINIMAL_SPEC,
  nodes: { lamp: { ...MINIMAL_SPEC.nodes.lamp, timeZone: 'America/New_York' } },
});

describe('heavy-jobs-apart', () => {
  test('refuses two jobs in the same half hour and says when they first meet', () => {
    const objects = [job('a', '30 2 * * *', 'UTC'), job('b', '50 2 * * *', 'UTC')];

    expect(foundIn(heavyJobsApart, objects)).toEqual([
      'CronJob tools/a and CronJob tools/b: expected starts at least 30 minutes apart, got 02:30 UTC and 02:50 UTC on 2026-01-01',
    ]);
  });

  test('accepts 02:30 and 03:00 of one zone, also on the days when its clocks change', () => {
    const objects = [job('a', '30 2 * * *', 'America/Edmonton'), job('b', '0 3 * * *', 'America/Edmonton')];

    expect(foundIn(heavyJobsApart, objects)).toEqual([]);
  });

  test('refuses two zones that meet only while one of them has daylight saving time', () => {
    // 02:30 in Vienna is 01:30 UTC in winter, 00:30 UTC in summer.
    const vienna = job('a', '30 2 * * *', 'Europe/Vienna');

    expect(foundIn(heavyJobsApart, [vienna, job('b', '30 0 * * *', 'UTC')])).toEqual([
      'CronJob tools/a and CronJob tools/b: expected starts at least 30 minutes apart, got 00:30 UTC and 00:30 UTC on 2026-03-30',
    ]);
    expect(findings(heavyJobsApart, [vienna, job('b', '30 1 * * *', 'UTC')])).toHaveLength(1);
    expect(findings(heavyJobsApart, [vienna, job('b', '30 2 * * *', 'UTC')])).toEqual([]);
  });

  test('refuses two zones that meet only in the weeks between their changes', () => {
    // New York changes on March 8, Vienna on March 29: in between five hours lie between them, six otherwise.
    const objects = [job('a', '0 9 * * *', 'Europe/Vienna'), job('b', '0 4 * * *', 'America/New_York')];

    expect(foundIn(heavyJobsApart, objects)).toEqual([
      'CronJob tools/a and CronJob tools/b: expected starts at least 30 minutes apart, got 08:00 UTC and 08:00 UTC on 2026-03-08',
    ]);
  });

  test('refuses what only the repeated hour of autumn brings together', () => {
    // 50 minutes apart, until 01:00 comes a second time.
    const objects = [job('a', '0 1 * * *', 'America/New_York'), job('b', '50 1 * * *', 'America/New_York')];

    expect(findings(heavyJobsApart, objects)).toHaveLength(1);
  });

  test("reads a Longhorn job and a CronJob without a zone by the control plane's clock", () => {
    const atMidnightInNewYork = job('a', '0 5 * * *', 'UTC');

    expect(findings(heavyJobsApart, [recurring('0 0 * * *'), atMidnightInNewYork], NEW_YORK)).toHaveLength(1);
    expect(findings(heavyJobsApart, [job('b', '0 0 * * *'), atMidnightInNewYork], NEW_YORK)).toHaveLength(1);
    expect(findings(heavyJobsApart, [recurring('0 0 * * *'), atMidnightInNewYork])).toEqual([]);
  });

  test.each([
    ['within it', '0 12 * * *'],
    ['shortly before it', '45 8 * * *'],
    ['shortly after it', '15 15 * * *'],
  ])('refuses a job that starts in an upgrade window: %s', (_, schedule) => {
    expect(findings(heavyJobsApart, [plan('09:00', '15:00'), job('a', schedule, 'Europe/Vienna')])).toHaveLength(1);
  });

  test('knows the days of a window, and a window over midnight', () => {
    expect(findings(heavyJobsApart, [plan('09:00', '15:00'), job('a', '0 12 * * 1-5', 'Europe/Vienna')])).toEqual([]);
    expect(findings(heavyJobsApart, [plan('22:00', '03:00'), job('a', '0 2 * * 0', 'Europe/Vienna')])).toHaveLength(1);
    expect(findings(heavyJobsApart, [plan('22:00', '03:00'), job('a', '0 2 * * 6', 'Europe/Vienna')])).toEqual([]);
  });

  test('accepts Plans that share a window: they wait for each other', () => {
    expect(findings(heavyJobsApart, [plan('09:00', '15:00'), plan('09:00', '15:00')])).toEqual([]);
  });

  test('refuses a schedule that it cannot compare', () => {
    expect(foundIn(heavyJobsApart, [job('a', 'at dawn', 'UTC')])).toEqual([
      'CronJob tools/a: expected a schedule of five cron fields or a window of times such as "09:00", got "at dawn"',
    ]);
  });
});
