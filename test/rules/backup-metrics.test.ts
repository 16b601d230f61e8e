/** The metrics as the real scripts write them, put before the rules as they are rendered. */
import { readdirSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { groupsInDist } from '../support/alerts.js';
import { BackupPod } from '../support/backup-pod.js';
import { homelab } from '../support/clusters.js';
import { describeWith } from '../support/tools.js';
import { neededFor } from './world/needed-rules.js';
import { promtool } from './world/promtool.js';

const ALERTS = [
  'LocalPathBackupStale',
  'BackupServerRoomLow',
  'BackupHookFailed',
  'BackupDrillNotEqual',
  'BackupVolumeUnverified',
  'BackupVolumeTooLargeToDrill',
];
const STALE_HOURS = 26;

interface Series {
  readonly series: string;
  readonly value: number;
}

describeWith(['busybox', 'rsync', 'flock', 'promtool'], 'what the runs write', () => {
  let pod: BackupPod;
  beforeEach(() => {
    pod = new BackupPod();
    pod.folder('scratch');
    pod.volume('pvc-1_home_ha', 3);
  });
  afterEach(() => pod.end());

  const backup = (changes: Readonly<Record<string, string>> = {}) => pod.run('backup.sh', changes);
  const drill = (maxBytes = '1000000') =>
    pod.run('drill.sh', {
      NAME: 'local-path-backup-drill',
      SCRATCH: pod.at('scratch'),
      MAX_BYTES: maxBytes,
    });

  /** promtool's clock starts at 0: a time of the real clock becomes how long after the first run it was. */
  function written(): readonly Series[] {
    const lines = readdirSync(pod.at('textfile')).flatMap((file) => pod.read(`textfile/${file}`).split('\n'));
    const series = lines.flatMap((line) => {
      const [, name, value] = /^([a-z_]+\{[^}]*\}) (\S+)$/.exec(line) ?? [];
      return name === undefined ? [] : [{ series: name, value: Number(value) }];
    });
    const isTime = ({ series: name, value }: Series) => name.includes('_timestamp_seconds{') && value > 0;
    const start = Math.min(...series.filter(isTime).map(({ value }) => value));
    return series.map((each) => (isTime(each) ? { ...each, value: each.value - start } : each));
  }

  /** Which alerts fire so many hours after the runs, if nothing runs any more. */
  function firing(afterHours: number): readonly string[] {
    const samples = afterHours * 12 + 20;
    const input = written().map(({ series, value }) => ({ series, values: `${value}x${samples}` }));
    expect(input.length).toBeGreaterThan(5);
    const expectations = ALERTS.map((alert) => ({
      eval_time: `${afterHours * 60 + 30}m`,
      expr: `count(ALERTS{alertname="${alert}",alertstate="firing"})`,
      exp_samples: [],
    }));
    const tests = [{ interval: '5m', input_series: input, promql_expr_test: expectations }];
    const files = {
      'rules.yaml': { groups: neededFor(ALERTS, groupsInDist(homelab())) },
      'test.yaml': { rule_files: ['rules.yaml'], evaluation_interval: '5m', tests },
    };
    const texts = Object.entries(files).map(([name, content]) => [name, JSON.stringify(content)] as const);
    const { output } = promtool(new Map(texts), 'test', 'rules', 'test.yaml');
    expect(output).toMatch(/SUCCESS|FAILED/);
    return ALERTS.filter((alert) => new RegExp(`alertname=\\\\?"${alert}`).test(output));
  }

  test('calls no alert after a good backup and a good drill', async () => {
    expect((await backup()).status).toBe(0);
    expect((await drill()).status).toBe(0);

    expect(firing(0)).toEqual([]);
  });

  test('is stale a day and two hours after the last good run, and a failed one does not count', async () => {
    expect((await backup()).status).toBe(0);
    pod.far('exit 1');
    expect((await backup()).status).not.toBe(0);

    expect(firing(STALE_HOURS - 1)).toEqual([]);
    expect(firing(STALE_HOURS)).toEqual(['LocalPathBackupStale']);
  });

  test('tells of a hook that failed', async () => {
    for (const [file, text] of Object.entries({
      volume: 'home/ha',
      'before-url': 'http://127.0.0.1:1/off',
      'before-body': '{}',
      'after-url': 'http://127.0.0.1:1/on',
      'after-body': '{}',
      timeout: '2',
    }))
      pod.write(`hooks/0-ha/${file}`, text);

    expect((await backup({ HOOKS: pod.at('hooks') })).status).toBe(6);

    expect(firing(0)).toEqual(['BackupHookFailed']);
  });

  test('tells of a volume that is not what was backed up', async () => {
    expect((await backup()).status).toBe(0);
    const [snapshot = ''] = pod.snapshots;
    const file = `backup/snapshots/${snapshot}/data/pvc-1_home_ha/file-2`;
    expect(readFileSync(pod.at(file), 'utf8')).toBe('x'.repeat(10));
    pod.write(file, 'y'.repeat(10));

    expect((await drill()).status).toBe(7);

    expect(firing(0)).toEqual(['BackupDrillNotEqual']);
  });

  test('tells of a volume that is too large to be read back', async () => {
    expect((await backup()).status).toBe(0);

    expect((await drill('5')).status).toBe(2);

    expect(firing(0)).toEqual(['BackupVolumeTooLargeToDrill']);
  });

  test('tells of a machine that has little more than its reserve', async () => {
    expect((await backup()).status).toBe(0);
    const free = /^selfheal_backup_server_free_bytes\S+ (\d+)$/m;
    const path = 'textfile/selfheal_backup_local_path_backup.prom';
    expect(pod.read(path)).toMatch(free);
    const reserve = Number(/^selfheal_backup_server_reserve_bytes\S+ (\d+)$/m.exec(pod.read(path))?.[1]);
    pod.write(
      path,
      pod.read(path).replace(free, (line, bytes) => line.replace(bytes, String(Math.floor(reserve * 1.2)))),
    );

    expect(firing(0)).toEqual(['BackupServerRoomLow']);
  });
});
