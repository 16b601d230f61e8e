/** Takes snapshots with the real rsync, in each shell that a far side may have. */
import {
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { describeInEachShell, FarSide, KEEP, READ, TOKEN } from './far-side.js';

const HA = 'pvc-1_home_ha';
const MQTT = 'pvc-2_home_mqtt';

describeInEachShell('snapshots', (shell) => {
  let far: FarSide;
  beforeEach(() => {
    far = new FarSide({ shell });
    far.write(`${HA}/config`, 'one\n');
    far.write(`${HA}/.storage/a b\tc\nd -> e`, 'two\n');
    far.write(`${HA}/\\#012é"$(x)*`, 'three\n');
    far.write(`${MQTT}/db`, 'four\n');
    mkdirSync(join(far.source, HA, 'locked'), { mode: 0o555 });
    symlinkSync('/etc/passwd', join(far.source, HA, 'link'));
    linkSync(join(far.source, HA, 'config'), join(far.source, HA, 'same'));
  });
  afterEach(() => far.remove());

  test('an empty place has none, and a plan says what it is compared with', () => {
    const { status, stdout, stderr } = far.plan();

    expect(status).toBe(0);
    expect(stderr).toMatch(/^@protocol 1\n@base -\n@files 0\n@bytes 0\n@free-bytes \d+\n/);
    expect(stderr).toMatch(/@free-inodes [\d-]+\n@reserve-bytes \d+\n@reserve-inodes [\d-]+\n$/);
    expect(stdout).toContain(`<f+++++++++ ${MQTT}/db\n`);
    expect(far.verb('list').stdout).toBe('');
    expect(far.work()).toEqual(['empty']);
  });

  test('what is received is no snapshot before it is published', () => {
    const { status, stderr } = far.receive();

    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(far.snapshots()).toEqual([]);
    expect(far.verb('list').stdout).toBe('');
    expect(far.newest()).toBe('-');
  });

  test('what is published has its counts, and each volume its consistency', () => {
    far.receive();
    const { status, stdout } = far.verb(`publish ${TOKEN} 10`, `volume 3 changing ${HA}\nvolume 0 hook gone\n`);

    expect(status).toBe(0);
    const [name = ''] = far.snapshots();
    const bytes = 4 + 4 + 6 + 5 + 4 + '/etc/passwd'.length;
    expect(stdout).toBe(`published ${name} 10 ${bytes}\n`);
    expect(far.read('snapshots', name, 'volumes')).toBe(`8 ${bytes - 5} 3 changing ${HA}\n2 5 ? unknown ${MQTT}\n`);
    expect(readdirSync(far.at('snapshots', name)).sort()).toEqual(
      ['data', 'manifest', 'snapshot', 'verified', 'volumes'].sort(),
    );
    expect(far.read('snapshots', name, 'snapshot')).toMatch(
      /^format 1\nnumber 1\ntaken \S+Z\nepoch \d+\nfiles 10\nbytes \d+\nvolumes 2\nbase -\nmanifest-sha256 [0-9a-f]{64}\n$/,
    );
    expect(far.work()).toEqual(['empty', 'lock']);
  });

  test('a symlink is kept as a file that leads nowhere', () => {
    const name = far.backUp();

    expect(statSync(far.at('snapshots', name, 'data', HA, 'link')).isFile()).toBe(true);
    expect(far.read('snapshots', name, 'data', HA, 'link')).toBe('/etc/passwd');
  });

  test('the second shares with the first every file that did not change, and never writes to it', () => {
    const first = far.backUp();
    far.write(`${MQTT}/db`, 'changed\n');
    const second = far.backUp();

    const inode = (name: string, path: string) => statSync(far.at('snapshots', name, 'data', path)).ino;
    expect(inode(second, `${HA}/config`)).toBe(inode(first, `${HA}/config`));
    expect(inode(second, `${HA}/link`)).toBe(inode(first, `${HA}/link`));
    expect(inode(second, `${MQTT}/db`)).not.toBe(inode(first, `${MQTT}/db`));
    expect(far.read('snapshots', first, 'data', MQTT, 'db')).toBe('four\n');
    expect(far.read('snapshots', second, 'data', MQTT, 'db')).toBe('changed\n');
    expect(far.read('snapshots', second, 'snapshot')).toContain(`number 2\n`);
    expect(far.read('snapshots', second, 'snapshot')).toContain(`base ${first}\n`);
    expect(readdirSync(far.at('snapshots', second))).toEqual(readdirSync(far.at('snapshots', first)));
  });

  test('where to link from is named in full: an rsync with security mends reads nothing through ".."', () => {
    const first = far.backUp();
    far.program(
      'rsync',
      `case "$*" in *--server*--link-dest=*..*) echo through .. >&2; exit 23 ;; *--server*) echo "$*" >&2 ;; esac
exec /usr/bin/rsync "$@"`,
    );
    far.write(`${HA}/config`, 'other text\n');
    expect(far.receive().status).toBe(0); // not published: what the next one may link from too

    const { status, stderr } = far.receive();

    expect(status, stderr).toBe(0);
    const folder = realpathSync(far.folder);
    expect(stderr).toContain(
      ` --link-dest=${folder}/snapshots/${first}/data --link-dest=${folder}/work/partial/data . work/incoming/data/`,
    );
  });

  test('a file that was written twice within a second, with a snapshot between, is not taken for the same', () => {
    utimesSync(join(far.source, MQTT, 'db'), 1e9, 1_000_000_000.25);
    far.backUp();
    far.write(`${MQTT}/db`, 'FOUR\n');
    utimesSync(join(far.source, MQTT, 'db'), 1e9, 1_000_000_000.75);
    const second = far.backUp();

    expect(far.read('snapshots', second, 'data', MQTT, 'db')).toBe('FOUR\n');
  });

  test('a plan of the same source finds no change, and settle none since it was read', () => {
    far.backUp();

    expect(far.plan().stdout).toBe('');
    expect(far.plan().stderr).toContain(`@volume 2 5 ${MQTT}\n`);

    far.receive();
    const settle = [...KEEP, '-n', '--delete', '--out-format=%i %n'];
    const quiet = far.rsync(`settle ${TOKEN}`, settle, `${far.source}/`, 'far:.');
    expect(quiet).toEqual({ status: 0, stdout: '', stderr: '' });
    far.write(`${MQTT}/db`, 'changed\n');
    expect(far.rsync(`settle ${TOKEN}`, settle, `${far.source}/`, 'far:.').stdout).toContain(`${MQTT}/db\n`);
  });

  test('a plan starts no program but stat and rsync, however many snapshots there are', () => {
    for (let i = 0; i < 3; i++) far.backUp();
    far.only(['stat', 'rsync'], shell);

    const { status, stderr } = far.plan();

    expect({ status, stderr: stderr.replace(/^@.*\n/gm, '') }).toEqual({ status: 0, stderr: '' });
  });

  test('a manifest built on the one before equals the one of a first snapshot', () => {
    far.backUp();
    far.write(`${MQTT}/db`, 'changed\n');
    far.write(`${MQTT}/new`, 'new\n');
    rmSync(join(far.source, HA, 'same'));
    // Beside what the base has under that name: another inode, and another checksum.
    far.write(`${HA}/\\#012é"$(x)*`, 'THREE\n');
    const second = far.backUp();
    const other = new FarSide({ shell });
    try {
      const copied = other.rsync(`receive ${TOKEN} - 0`, KEEP, `${far.source}/`, 'far:.');

      expect(copied.status).toBe(0);
      const scratch = other.read('work/incoming/manifest');
      expect(scratch.split('\n').length).toBeGreaterThan(10);
      expect(far.read('snapshots', second, 'manifest')).toBe(scratch);
    } finally {
      other.remove();
    }
  });

  test('a manifest that was tampered with is not built upon', () => {
    const first = far.backUp();
    const manifest = far.read('snapshots', first, 'manifest');
    writeFileSync(far.at('snapshots', first, 'manifest'), manifest.replace(/^[0-9a-f]{32}/m, '0'.repeat(32)));

    const { status, stderr } = far.receive();

    expect(status).toBe(0);
    expect(stderr).toContain('every file is read');
    expect(far.read('work/incoming/manifest')).toBe(manifest);
  });

  test('a volume comes back as it was, and its manifest says the same as what arrived', () => {
    // Sorts before "./", but after the volume's own name in the snapshot's manifest.
    mkdirSync(join(far.source, HA, '!first'));
    for (const folder of [HA, `${HA}/!first`]) utimesSync(join(far.source, folder), 1e9, 1e9);
    const name = far.backUp();
    const into = mkdtempSync(join(far.home, 'into-'));

    const { status } = far.rsync(`send ${name} ${HA}`, READ, 'far:.', `${into}/`);

    expect(status).toBe(0);
    const again = [...READ, '-n', '-c', '-i'];
    expect(far.rsync(`send ${name} ${HA}`, again, 'far:.', `${into}/`)).toEqual({
      status: 0,
      stdout: '',
      stderr: '',
    });
    const { stdout } = far.verb(`manifest ${name} ${HA}`);
    expect(stdout).toContain('\td\t./\n');
    expect(stdout).toContain('5bbf5a52328e7439ae6e719dfe712200\trw-r--r--\t');
    expect(stdout).toContain('\tf\t.storage/a b\tc\\#012d -> e\n');
    expect(stdout).toContain('\tf\t\\#134#012');
    expect(stdout).toContain('\tL\tlink -> /etc/passwd\n');
    expect(stdout).not.toContain(MQTT);
    expect(stdout.indexOf('\td\t!first/\n')).toBeLessThan(stdout.indexOf('\td\t./\n'));
    expect(stdout.trimEnd().split('\n')).toHaveLength(9);
  });
});
