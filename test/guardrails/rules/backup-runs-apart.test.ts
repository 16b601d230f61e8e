import { describe, expect, test } from 'vitest';
import { backupRunsApart } from '../../../src/guardrails/rules/backup-runs-apart.js';
import { atticWith, mirror, OFFSITE } from '../../layers/backup/backups.js';
import { homelab } from '../../support/clusters.js';
import { foundIn } from '../examples.js';

const offsiteAt = (at: string) => ({ ...OFFSITE, at, deadline: '2h' });

describe('backup-runs-apart', () => {
  test('warns of a copy that may still run when the other starts', () => {
    const cluster = atticWith({ at: '02:30', drill: 'off', offsite: offsiteAt('04:29') });

    expect(foundIn(backupRunsApart, [], cluster)).toEqual([
      'backup.at and backup.offsite.at: expected the run at 02:30 to be over when the one at 04:29 starts, got a deadline of 2h',
    ]);
  });

  test('warns of one that reaches over midnight, and of a drill', () => {
    const cluster = atticWith({ at: '00:30', drill: { at: '02:00' }, offsite: offsiteAt('23:00') });

    expect(foundIn(backupRunsApart, [], cluster).map((found) => found.split(':')[0])).toEqual([
      'backup.at and backup.drill.at',
      'backup.offsite.at and backup.at',
    ]);
  });

  test('accepts runs that are over when the next one starts, to the minute', () => {
    expect(foundIn(backupRunsApart, [], atticWith({ at: '02:30', offsite: offsiteAt('00:30') }))).toEqual([]);
  });

  test('accepts the drill that comes by default, and one copy alone', () => {
    expect(foundIn(backupRunsApart, [], homelab())).toEqual([]);
    expect(foundIn(backupRunsApart, [], mirror())).toEqual([]);
    expect(foundIn(backupRunsApart, [])).toEqual([]);
  });
});
