import { describe, expect, test } from 'vitest';
import { longhornHasRecurringJob } from '../../../src/guardrails/rules/longhorn-has-recurring-job.js';
import { minimal } from '../../support/clusters.js';
import { foundIn, manifest } from '../examples.js';

const LONGHORN = minimal({ longhorn: { version: '1.11.3', backupTarget: { kind: 'none' } } });
const job = (...groups: string[]) => manifest('longhorn.io/v1beta2', 'RecurringJob', 'daily', { spec: { groups } });

describe('longhorn-has-recurring-job', () => {
  test('warns of volumes that nothing copies', () => {
    expect(longhornHasRecurringJob.severity).toBe('warning');
    expect(foundIn(longhornHasRecurringJob, [], LONGHORN)).toEqual([
      'longhorn: expected a recurring job of the group "default" (every volume), got none',
    ]);
  });

  test('warns of a job that reaches only volumes of another group', () => {
    expect(foundIn(longhornHasRecurringJob, [job('media')], LONGHORN)).toHaveLength(1);
  });

  test('accepts a job for every volume, and a cluster without Longhorn', () => {
    expect(foundIn(longhornHasRecurringJob, [job('default')], LONGHORN)).toEqual([]);
    expect(foundIn(longhornHasRecurringJob, [])).toEqual([]);
  });
});
