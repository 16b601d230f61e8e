/** What `selfheal check` says now, an alert says later and a host's own check beside it: by the same numbers. */
import { describe, expect, test } from 'vitest';
import type { Duration } from '../../../src/cluster/duration.js';
import * as OF_HOSTS from '../../../src/layers/checks/thresholds.js';
import { quorumOf } from '../../../src/layers/checks/thresholds.js';
import { UNTOUCHED, UNTOUCHED_WITH_CLAIM } from '../../../src/layers/untouched-pods.js';
import { replicasOf } from '../../../src/ops/check/jiva.js';
import * as OURS from '../../../src/ops/check/thresholds.js';
import { rulesOf } from '../../support/alerts.js';
import { live } from '../../support/check-facts.js';
import { parsed, pvek8s } from '../../support/clusters.js';
import { FULL_K3S_SPEC } from '../../support/full-clusters.js';

/** What an age is compared with in the alert's expression, in seconds. */
function agesIn(name: string, cluster = pvek8s()): readonly number[] {
  const rule = rulesOf(cluster).find(({ alert }) => alert === name);
  if (rule === undefined) throw new Error(`alert '${name}': expected it among the rules, got none`);
  return [...rule.expr.matchAll(/> (\d+(?:\.\d+)?(?:e\d+)?)/g)]
    .map(([, number]) => Number(number))
    .filter((each) => each > 0);
}

describe('the same in both', () => {
  test.each<[string, Duration, ReturnType<typeof pvek8s>]>([
    ['SchedulerNotProcessingPods', OURS.UNTOUCHED, pvek8s()],
    ['SchedulerLeaseHolderStalled', OURS.UNTOUCHED, pvek8s()],
    ['LonghornVolumeBackupStale', OURS.LONGHORN_BACKUP_STALE, parsed(FULL_K3S_SPEC)],
    ['BackupDrillStale', OURS.DRILL_STALE, parsed(FULL_K3S_SPEC)],
  ])('%s', (name, ours, cluster) => {
    expect(agesIn(name, cluster)).toEqual([ours.seconds]);
  });

  test('how long a pod may wait for the scheduler, and for a volume of its own', () => {
    expect(OURS.UNTOUCHED).toEqual(UNTOUCHED);
    expect(OURS.UNTOUCHED_WITH_CLAIM).toEqual(UNTOUCHED_WITH_CLAIM);
  });

  test('what the checks of a host count', () => {
    expect(OURS.DATASTORE_ERROR_LINES).toBe(OF_HOSTS.DATASTORE_ERRORS.lines);
    expect(OURS.WATCHDOG).toEqual(OF_HOSTS.WATCHDOG);
  });

  test('how many replicas of Jiva are a quorum', () => {
    const volume = live('JivaVolume', 'openebs/v');
    const counts = [1, 2, 3, 4, 5];

    expect(counts.map((count) => replicasOf(volume, [], count).quorum)).toEqual(counts.map(quorumOf));
  });
});

describe('sooner than the alert, for whoever asks now', () => {
  test.each<[string, Duration]>([
    ['KubeletNotStartingPods', OURS.BEGINS_WITHIN],
    ['JivaPodStuckTerminating', OURS.HANGS],
    ['JivaOrphanPod', OURS.LEFT_OVER],
  ])('%s', (name, ours) => {
    const [alert = 0] = agesIn(name);

    expect(ours.seconds).toBeLessThan(alert);
  });

  test('a lease that nobody renews', () => {
    expect(OURS.TAKE_OVER_SECONDS).toBeLessThan(OF_HOSTS.UNRENEWED.seconds);
  });
});
