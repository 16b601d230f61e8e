import { describe, expect, test } from 'vitest';
import { jobEnds } from '../../../src/guardrails/rules/job-ends.js';
import { cronJob, deployment, foundIn } from '../examples.js';

describe('job-ends', () => {
  test.each(['Allow', 'Replace', undefined])('refuses concurrencyPolicy %s', (concurrencyPolicy) => {
    expect(foundIn(jobEnds, [cronJob({ concurrencyPolicy })])).toEqual([
      `CronJob tools/nightly: expected concurrencyPolicy "Forbid", got ${concurrencyPolicy ? `"${concurrencyPolicy}"` : 'nothing'}`,
    ]);
  });

  test('refuses a job without deadlines', () => {
    expect(foundIn(jobEnds, [cronJob({ startingDeadlineSeconds: undefined, jobTemplate: { spec: {} } })])).toEqual([
      'CronJob tools/nightly: expected spec.startingDeadlineSeconds, got nothing',
      'CronJob tools/nightly: expected spec.jobTemplate.spec.activeDeadlineSeconds, got nothing',
    ]);
  });

  test('accepts a job with an end', () => {
    expect(foundIn(jobEnds, [cronJob(), deployment()])).toEqual([]);
  });
});
