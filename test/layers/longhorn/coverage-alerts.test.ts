import { describe, expect, test } from 'vitest';
import type { LonghornSpec } from '../../../src/cluster/spec/longhorn.js';
import { rulesOf } from '../../support/alerts.js';
import { minimal } from '../../support/clusters.js';

const S3 = {
  kind: 's3',
  bucket: 'b',
  region: 'r',
  credentialSecret: 's',
  backup: { at: '04:00', retain: 7, name: 'off-site' },
} as const;

const ruleOf = (alert: string, longhorn: Partial<LonghornSpec>) =>
  rulesOf(
    minimal({
      monitoring: { install: 'existing', namespace: 'watch', ruleLabels: { release: 'prom' } },
      longhorn: { version: '1.11.3', backupTarget: { kind: 'none' }, ...longhorn },
    }),
  ).find((rule) => rule.alert === alert);

const DAILY = { at: '03:00', retain: 7 } as const;

describe('LonghornVolumeNotCovered', () => {
  test('is not there without a job that copies', () => {
    expect(ruleOf('LonghornVolumeNotCovered', {})).toBeUndefined();
  });

  test('is not there for snapshots before Longhorn 1.6, which does not export them: it would always fire', () => {
    expect(ruleOf('LonghornVolumeNotCovered', { version: '1.5.5', dailySnapshot: DAILY })).toBeUndefined();
    expect(ruleOf('LonghornVolumeNotCovered', { version: '1.6.0', dailySnapshot: DAILY })).toBeDefined();
  });

  test('is not there for backups since Longhorn 1.11, where LonghornVolumeBackupStale says it', () => {
    expect(ruleOf('LonghornVolumeNotCovered', { version: '1.11.0', backupTarget: S3 })).toBeUndefined();
    expect(ruleOf('LonghornVolumeNotCovered', { version: '1.10.9', backupTarget: S3 })?.expr).toContain(
      'longhorn_backup_state{recurring_job="off-site"}',
    );
  });

  test.each([
    ['daily-snapshot', 'daily-sn-.+'],
    ['daily', 'daily-c-.+'],
    ['nightly', 'nightly--.+'],
  ])('knows the snapshots of the job %j by %j', (name, pattern) => {
    const rule = ruleOf('LonghornVolumeNotCovered', { dailySnapshot: { ...DAILY, name } });

    expect(rule?.expr).toContain(`{snapshot=~"${pattern}"}`);
  });

  test('looks at both jobs before Longhorn 1.11', () => {
    const rule = ruleOf('LonghornVolumeNotCovered', { version: '1.10.2', dailySnapshot: DAILY, backupTarget: S3 });

    expect(rule?.expr.match(/"recurring_job", "[^"]+"/g)).toEqual([
      '"recurring_job", "daily-snapshot"',
      '"recurring_job", "off-site"',
    ]);
  });

  test('asks for detached volumes only where they are left out on purpose', () => {
    const expr = (detachedVolumes: 'include' | 'leave-out') =>
      ruleOf('LonghornVolumeNotCovered', { dailySnapshot: DAILY, detachedVolumes })?.expr;

    expect(expr('include')).not.toContain('detached');
    expect(expr('leave-out')).toContain('longhorn_volume_state{state="detached"} == 1');
  });
});

describe('LonghornExcludedVolumeCopied', () => {
  test('is not there where no volume is excluded, or no job could reach one', () => {
    expect(ruleOf('LonghornExcludedVolumeCopied', { dailySnapshot: DAILY })).toBeUndefined();
    expect(ruleOf('LonghornExcludedVolumeCopied', { excludeVolumes: ['media/a'] })).toBeUndefined();
  });

  test('says what keeps a job away', () => {
    const rule = ruleOf('LonghornExcludedVolumeCopied', { dailySnapshot: DAILY, excludeVolumes: ['media/a'] });

    expect(rule?.annotations?.description).toContain('recurring-job-group.longhorn.io/left-out=enabled');
    expect(rule?.labels?.severity).toBe('info');
  });
});
