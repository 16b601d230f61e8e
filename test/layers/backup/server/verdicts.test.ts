/** What is read back next, what was found, and how a file that rotted on the far side is sent anew. */
import { spawnSync } from 'node:child_process';
import { rmSync, statSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DAY, describeInEachShell, FarSide, TOKEN } from './far-side.js';

const HA = 'pvc-1_home_ha';
const MQTT = 'pvc-2_home_mqtt';
const NOW = Date.UTC(2026, 10, 21, 2, 30, 4) / 1000;

describeInEachShell('verdicts', (shell) => {
  let far: FarSide;
  beforeEach(() => {
    far = new FarSide({ shell });
    far.clock(NOW);
    far.write(`${HA}/config`, 'one\n');
    far.write(`${MQTT}/db`, 'two, longer\n');
  });
  afterEach(() => far.remove());

  test('list shows dates, volumes, sizes and what was found, the newest first', () => {
    const first = far.backUp(`volume 0 hook ${HA}\n`);
    far.clock(NOW + DAY);
    const second = far.backUp();
    expect(far.verb(`verified ${first} ${HA} ok equal, 2 files`)).toEqual({ status: 0, stdout: '', stderr: '' });

    expect(far.verb('list').stdout).toBe(
      [
        ['snapshot', second, 2, NOW + DAY, '-', 4, 16],
        ['volume', second, HA, 2, 4, '?', 'unknown', '-', '-'],
        ['volume', second, MQTT, 2, 12, '?', 'unknown', '-', '-'],
        ['snapshot', first, 1, NOW, NOW + DAY, 4, 16],
        ['volume', first, HA, 2, 4, 0, 'hook', NOW + DAY, 'ok'],
        ['volume', first, MQTT, 2, 12, '?', 'unknown', '-', '-'],
      ]
        .map((line) => `${line.join('\t')}\n`)
        .join(''),
    );
    expect(far.read('snapshots', first, 'verified', HA)).toBe(`${NOW + DAY} ok equal, 2 files\n`);
  });

  test('picks what was never read back, then what was longest ago, in whichever snapshot', () => {
    const first = far.backUp();
    expect(far.verb('pick 1000').stdout).toBe(`${first} ${HA} 2 4\ntoo-large 0\n`);
    far.verb(`verified ${first} ${HA} ok`);
    expect(far.verb('pick 1000').stdout).toBe(`${first} ${MQTT} 2 12\ntoo-large 0\n`);
    far.clock(NOW + DAY);
    far.verb(`verified ${first} ${MQTT} ok`);
    const second = far.backUp();

    expect(far.verb('pick 1000').stdout).toBe(`${second} ${HA} 2 4\ntoo-large 0\n`);
  });

  test('picks nothing that does not fit, and says how many those are', () => {
    expect(far.verb('pick 1000').stdout).toBe('too-large 0\n');
    const name = far.backUp();
    far.verb(`verified ${name} ${HA} ok`);

    expect(far.verb('pick 11').stdout).toBe(`${name} ${HA} 2 4\ntoo-large 1\n`);
    expect(far.verb('pick 3').stdout).toBe('too-large 2\n');
  });

  test('keeps the state with which a snapshot was published', () => {
    expect(far.verb('newest').stdout).toBe('- -\n');
    const first = far.backUp();
    expect(far.verb('newest').stdout).toBe(`${first} -\n`);
    far.receive();
    const state = '0123456789abcdef0123456789abcdef';
    const { stdout } = far.verb(`publish ${TOKEN} - ${state}`);

    expect(far.verb('newest').stdout).toBe(`${stdout.split(' ')[1]} ${state}\n`);
  });

  test('a verdict on a snapshot or a volume that is not there is none', () => {
    const name = far.backUp();

    expect(far.verb(`verified 2020-01-01T00-00-00Z ${HA} ok`)).toMatchObject({ status: 2 });
    expect(far.verb(`verified ${name} pvc-3_a_b ok`)).toMatchObject({ status: 2 });
  });

  test('check says that a backup can be kept here', () => {
    const { status, stdout, stderr } = far.verb('check');

    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^program rsync {2}version \d.*\nnewest -\nfree-bytes \d+\n/);
    expect(stdout).toContain('keeps 14 snapshots, 30 days\n');
    expect(far.work()).toEqual(['empty']);
  });

  test('check refuses a file system that drops fractions of a second: nothing would ever be unchanged', () => {
    far.program('touch', 'PATH=/usr/bin:/bin exec touch -d @1 "$3"');

    const { status, stderr } = far.verb('check');

    expect(status).toBe(2);
    expect(stderr).toContain('expected a file system that keeps fractions of a second, got 1.0000000000 for 1.5');
  });

  test('prepare takes no folder with something else in it', () => {
    rmSync(far.at('work'), { recursive: true });
    writeFileSync(far.at('.photos'), '');

    const { status, stderr } = far.local('prepare');

    expect(status).toBe(2);
    expect(stderr).toContain(`folder '${far.folder}': expected an empty one, got .photos in it`);
    expect(far.has('work')).toBe(false);
  });

  test('a file that rotted is sent anew, with its volume, and the others are linked', () => {
    const inode = (name: string, path: string) => statSync(far.at('snapshots', name, 'data', path)).ino;
    const first = far.backUp();
    const second = far.backUp();
    // The same size and time, as rot has it.
    rot(far.at('snapshots', second, 'data', HA, 'config'));
    expect(far.plan().stdout).toBe('');
    far.verb(`verified ${first} ${HA} bad config differs`);
    // rsync with security mends does not read a file through the symlink that its volume is then: it may only link.
    far.program(
      'rsync',
      'case "$*" in *--link-dest=*--whole-file* | *--whole-file*--link-dest=*) ;; *--link-dest=*/work/view*) exit 23 ;; esac\nexec /usr/bin/rsync "$@"',
    );

    expect(far.verb('newest').stdout).toBe(`${second} -\n`);
    expect(far.plan()).toMatchObject({
      stdout: '',
      stderr: expect.stringMatching(new RegExp(`^@suspect ${HA}$`, 'm')),
    });
    const third = far.backUp();

    expect(far.read('snapshots', third, 'data', HA, 'config')).toBe('one\n');
    expect(far.read('snapshots', third, 'snapshot')).toContain(`\nunlinked ${HA}\n`);
    expect(far.verb(`manifest ${third} ${HA}`).stdout).toContain('5bbf5a52328e7439ae6e719dfe712200\t');
    expect(inode(third, `${MQTT}/db`)).toBe(inode(second, `${MQTT}/db`));
    expect(far.verb('pick 1000').stdout).toBe(`${third} ${HA} 2 4\ntoo-large 0\n`);

    // Enough of it: the next night links again.
    expect(far.plan().stderr).not.toContain('@suspect');
    const fourth = far.backUp();
    expect(inode(fourth, `${HA}/config`)).toBe(inode(third, `${HA}/config`));
    expect(far.work()).toEqual(['empty', 'lock']);
  });

  test('what an interrupted run linked before the rot was found is not taken from there', () => {
    const first = far.backUp();
    far.receive();
    rot(far.at('snapshots', first, 'data', HA, 'config'));
    far.verb(`verified ${first} ${HA} bad config differs`);

    const second = far.backUp();

    expect(far.read('snapshots', second, 'data', HA, 'config')).toBe('one\n');
  });

  test('a newer one that found the same files equal ends the doubt', () => {
    const first = far.backUp();
    const second = far.backUp();
    far.verb(`verified ${first} ${HA} bad`);
    expect(far.plan().stderr).toContain('@suspect');
    far.verb(`verified ${second} ${HA} ok`);

    expect(far.plan().stderr).not.toContain('@suspect');
  });

  test('the verdict that counts is the newest', () => {
    const first = far.backUp();
    far.verb(`verified ${first} ${HA} bad`);
    const second = far.backUp();
    far.verb(`verified ${second} ${HA} ok`);
    far.write(`${MQTT}/new`, 'new\n');
    const third = far.backUp();

    expect(far.read('snapshots', second, 'snapshot')).toContain(`unlinked ${HA}\n`);
    expect(far.read('snapshots', third, 'snapshot')).not.toContain('unlinked');
  });
});

/** Other bytes in the same inode, with the same size and the same time to the nanosecond. */
function rot(path: string): void {
  // The old times are kept elsewhere: another file beside it would change its folder's.
  const script = 'was=$(mktemp) && touch -r "$1" "$was" && printf "ONE\\n" >"$1" && touch -r "$was" "$1" && rm "$was"';
  expect(spawnSync('sh', ['-c', script, 'sh', path]).status).toBe(0);
}
