/** Which snapshots go: only ever the far side's own choice, and never the last good one. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { describeWith } from '../../../support/tools.js';
import { DAY, FarSide, nameAt, TOKEN, TOOLS } from './far-side.js';

const NOW = Date.UTC(2026, 10, 21, 2, 30) / 1000;
const HA = 'pvc-1_home_ha';

describeWith(TOOLS, 'retention', () => {
  let far: FarSide;
  beforeEach(() => {
    far = new FarSide({ options: ['--snapshots', '5', '--days', '10'] });
    far.clock(NOW);
    far.write(`${HA}/file`, 'text\n');
  });
  afterEach(() => far.remove());

  /** One a day, the last of them yesterday; returns the names, the newest first. */
  const plantDaily = (count: number, verified: Readonly<Record<number, string>> = {}): string[] =>
    Array.from({ length: count }, (_, i) =>
      far.plant(count - i, NOW - (i + 1) * DAY, { [HA]: verified[i] ?? '' }, nameAt(NOW - (i + 1) * DAY)),
    );

  test.each([
    ['--snapshots', '2', 3],
    ['--snapshots', '-1', 3],
    ['--days', '0', 1],
    ['--days', '1d', 1],
    ['--reserve-percent', '0', 1],
  ])('is not done by %s %s: a slip of the hand leaves more than the last one', (option, value, least) => {
    const { status, stderr } = far.local(`${option} ${value} list`);

    expect(status).toBe(1);
    expect(stderr).toContain(`option '${option}': expected a whole number from ${least}, got "${value}"`);
  });

  test('what is younger than the days stays, however many they are', () => {
    for (let i = 0; i < 40; i++) far.plant(i + 1, NOW - (40 - i) * 3600);

    far.backUp();

    expect(far.snapshots()).toHaveLength(41);
  });

  test('the newest few stay, however old they are', () => {
    for (let i = 0; i < 4; i++) far.plant(i + 1, NOW - (400 - i) * DAY);

    far.backUp();

    expect(far.snapshots()).toHaveLength(5);
  });

  test('ten of the oldest go at once, and the rest the next time', () => {
    const names = plantDaily(24);

    const first = far.backUp();

    // Day 0 is the new one. Day n was the newest state until day n - 1, so day 11 was it ten days ago.
    expect(far.snapshots()).toEqual([first, ...names.slice(0, 14)].sort());
    const second = far.backUp();
    expect(far.snapshots()).toEqual([second, first, ...names.slice(0, 11)].sort());
    expect(far.work()).toEqual(['empty', 'lock']);
  });

  test('a clock that jumps ahead by years leaves the newest few, and the last that was found good', () => {
    plantDaily(12, { 9: `${NOW} ok` });
    const good = nameAt(NOW - 10 * DAY);
    far.clock(NOW + 20 * 365 * DAY);

    far.backUp();

    expect(far.snapshots()).toHaveLength(6);
    expect(far.snapshots()).toContain(good);
  });

  test('a clock that was years behind for one snapshot does not make the one before it old', () => {
    const before = far.plant(1, NOW - 2 * DAY);
    far.plant(2, NOW - 5 * 365 * DAY);
    for (let i = 0; i < 6; i++) far.plant(3 + i, NOW - DAY + i * 3600);

    far.backUp();

    expect(far.snapshots()).toContain(before);
  });

  test('of each volume that there still is, the last that was found good stays', () => {
    far.write('pvc-2_home_mqtt/db', 'text\n');
    const volumes = (ha: string, mqtt: string, gone: string) => ({
      [HA]: ha,
      'pvc-2_home_mqtt': mqtt,
      'pvc-3_a_gone': gone,
    });
    const [ok, bad] = [`${NOW} ok equal`, `${NOW} bad two files differ`];
    const words = [
      volumes(ok, ok, ok),
      volumes(ok, '', ''),
      volumes('', ok, ok),
      volumes(bad, bad, ''),
      ...Array.from({ length: 6 }, () => volumes('', '', '')),
    ];
    const names = words.map((word, i) => far.plant(i + 1, NOW - (100 - i) * DAY, word));

    far.backUp();

    expect(far.snapshots()).not.toContain(names[0]);
    expect(far.snapshots()).toContain(names[1]);
    expect(far.snapshots()).toContain(names[2]);
    expect(far.snapshots()).not.toContain(names[3]);
  });

  test('never touches what is not a snapshot of ours', () => {
    plantDaily(20);
    const elsewhere = mkdtempSync(join(far.home, 'elsewhere-'));
    writeFileSync(join(elsewhere, 'precious'), '');
    const old = nameAt(NOW - 900 * DAY);
    far.plant(0, NOW - 900 * DAY);
    renameSync(far.at('snapshots', old), join(elsewhere, 'snapshot'));
    const foreign = [nameAt(NOW - 800 * DAY), 'photos', '2019-01-01', `${nameAt(NOW - 700 * DAY)}-a`, ' ', '*', '-rf'];
    for (const name of foreign) {
      mkdirSync(far.at('snapshots', name, 'data'), { recursive: true });
      writeFileSync(far.at('snapshots', name, 'precious'), '');
    }
    symlinkSync(join(elsewhere, 'snapshot'), far.at('snapshots', old));
    symlinkSync(elsewhere, far.at('work/dead-x'));
    mkdirSync(far.at('work/other'));

    for (let i = 0; i < 2; i++) far.backUp();

    expect(far.snapshots()).toHaveLength(11 + 2 + foreign.length + 1);
    for (const name of foreign) expect(far.has('snapshots', name, 'precious')).toBe(true);
    expect(existsSync(join(elsewhere, 'precious'))).toBe(true);
    expect(existsSync(join(elsewhere, 'snapshot/data'))).toBe(true);
    expect(far.verb('list').stdout).not.toContain(old);
    expect(far.work()).toEqual(['dead-x', 'empty', 'lock', 'other']);
  });

  test('a file that a newer snapshot shares with one that goes stays whole', () => {
    far.clock(NOW - 100 * DAY);
    const first = far.backUp();
    for (let i = 0; i < 4; i++) far.backUp();
    far.clock(NOW);
    const last = far.backUp();

    expect(far.snapshots()).not.toContain(first);
    expect(far.read('snapshots', last, 'data', HA, 'file')).toBe('text\n');
  });

  test('one that is being sent is held for as long as that', () => {
    const name = far.backUp();
    far.program('rsync', `flock -n -x 'snapshots/${name}/snapshot' true; echo "$?"`);

    const { stdout } = far.verb(
      `send ${name} ${HA} --server --sender -lHogtpAXrSe.iLsfxCIvu --specials --numeric-ids . .`,
    );

    expect(stdout).toBe('1\n');
  });

  test('one that is being read stays until the next time', () => {
    const oldest = plantDaily(20).at(-1) ?? '';
    far.receive();
    const publish = `'${join(far.home, 'bin/rsh')}' far selfheal-backup-server --folder '${far.folder}' publish ${TOKEN} - </dev/null`;

    const { status } = spawnSync('flock', ['-s', far.at('snapshots', oldest, 'snapshot'), 'sh', '-c', publish], {
      env: { PATH: `${join(far.home, 'bin')}:${process.env.PATH}` },
    });

    expect(status).toBe(0);
    expect(far.snapshots()).toContain(oldest);
    expect(far.snapshots()).toHaveLength(21 - 8);
    far.backUp();
    expect(far.snapshots()).not.toContain(oldest);
  });
});
