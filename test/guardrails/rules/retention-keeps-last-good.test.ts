import { describe, expect, test } from 'vitest';
import { retentionKeepsLastGood } from '../../../src/guardrails/rules/retention-keeps-last-good.js';
import { atticWith, mirror, OFFSITE, whole } from '../../layers/backup/backups.js';
import { foundIn } from '../examples.js';

describe('retention-keeps-last-good', () => {
  test('warns of a copy without older versions', () => {
    expect(foundIn(retentionKeepsLastGood, [], mirror())).toEqual([
      'backup.form: expected snapshots, got "mirror", in which a file that was damaged replaces the good one that night',
    ]);
  });

  test('warns of less than a week, in either place', () => {
    const short = { snapshots: 6, within: '6d' };
    const cluster = atticWith({ keep: short, offsite: { ...OFFSITE, keep: short } });

    expect(foundIn(retentionKeepsLastGood, [], cluster)).toEqual([
      'backup.keep: expected at least 7 snapshots or "7d", got 6 and "6d"',
      'backup.offsite.keep: expected at least 7 snapshots or "7d", got 6 and "6d"',
    ]);
  });

  test.each([
    { snapshots: 7, within: '1d' },
    { snapshots: 3, within: '7d' },
  ])('accepts a week by either bound: $snapshots, $within', (keep) => {
    expect(foundIn(retentionKeepsLastGood, [], atticWith({ keep }))).toEqual([]);
  });

  test('accepts what is kept by default, and asks nothing of a cluster without a backup', () => {
    expect(foundIn(retentionKeepsLastGood, [], whole())).toEqual([]);
    expect(foundIn(retentionKeepsLastGood, [])).toEqual([]);
  });
});
