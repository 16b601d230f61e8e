/** What a snapshot is made of, when one is made, and that it gives back what was there. */
import {
  appendFileSync,
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../support/tools.js';
import { BACKUP_TOOLS, BackedUpNode } from './backed-up-node.js';
import { fingerprint, HARD, PLAIN } from './backup-tree.js';

describeWith(BACKUP_TOOLS, 'snapshots on a real sshd', () => {
  let node: BackedUpNode;

  beforeAll(async () => {
    node = await BackedUpNode.start();
  });
  afterAll(async () => {
    await node?.destroy();
  });

  const at = (...names: readonly string[]) => join(node.pod.source, ...names);

  /** The names in a stored volume whose file is not the very file of the snapshot before. */
  function ownFiles(snapshot: string, before: string, volume: string): readonly string[] {
    // A byte a character: a name need not be text.
    const look = (one: string, name: string) =>
      lstatSync(Buffer.from(node.site.stored(one, `${volume}/${name}`), 'latin1'), { throwIfNoEntry: false });
    return readdirSync(node.site.stored(snapshot, volume), { recursive: true, encoding: 'latin1' })
      .filter((name) => look(snapshot, name)?.isFile())
      .filter((name) => look(snapshot, name)?.ino !== look(before, name)?.ino)
      .sort();
  }

  test('does not follow a symlink out of the source: the far side holds its text', () => {
    const stored = node.site.stored(node.site.newest, `${HARD}/to a file outside`);

    expect(lstatSync(stored).isFile()).toBe(true);
    expect(readFileSync(stored, 'utf8')).toBe('/etc/shadow');
  });

  test('gives back the first backup equal in content, owners, modes, times, links, holes, attributes and ACLs', async () => {
    await node.expectLastGood();
  });

  test('makes no snapshot when nothing changed, and counts as a success', async () => {
    const before = node.site.snapshots();

    const { status, stdout } = await node.pod.run('backup.sh');

    expect(status).toBe(0);
    expect(stdout).toContain(`nothing changed since ${before.at(-1)}`);
    expect(node.site.snapshots()).toEqual(before);
  });

  test('stores a second time only what changed, and hard links for all the rest', async () => {
    const first = node.site.newest;
    appendFileSync(at(PLAIN, 'state-1.json'), ' ');
    chmodSync(at(PLAIN, 'state-2.json'), 0o600);
    rmSync(at(PLAIN, 'state-3.json'));
    renameSync(at(PLAIN, 'state-4.json'), at(PLAIN, 'renamed.json'));
    writeFileSync(at(PLAIN, 'new.json'), 'new');

    await node.backUp();

    const second = node.site.newest;
    expect(second).not.toBe(first);
    expect(ownFiles(second, first, PLAIN)).toEqual(['new.json', 'renamed.json', 'state-1.json', 'state-2.json']);
    expect(ownFiles(second, first, HARD)).toEqual([]);
    expect(node.site.facts(second)).toMatchObject({ base: first, number: '2', volumes: '2' });
    await node.expectLastGood();
  });

  test('leaves the older snapshot as it was', async () => {
    const [first = ''] = node.site.snapshots();

    const into = await node.restore(first, PLAIN);

    expect(readdirSync(into).sort()).toEqual(Array.from({ length: 30 }, (_, n) => `state-${n}.json`).sort());
    expect(readFileSync(join(into, 'state-1.json'), 'utf8')).toBe('{"n": 1}');
    expect(lstatSync(join(into, 'state-2.json')).mode & 0o777).toBe(0o644);
  });

  test('stores a file that was written to within the second of the last backup and kept its size', async () => {
    const path = at(PLAIN, 'database');
    writeFileSync(path, 'page one');
    utimesSync(path, 1_700_000_000.25, 1_700_000_000.25);
    await node.backUp();
    writeFileSync(path, 'page two');
    utimesSync(path, 1_700_000_000.75, 1_700_000_000.75);

    await node.backUp();

    await node.expectLastGood();
  });

  test('leaves out a volume that is excluded by namespace and claim', async () => {
    mkdirSync(at('pvc-77_media_films'));
    writeFileSync(at('pvc-77_media_films', 'film'), 'long');
    mkdirSync(at('pvc-78_media_songs'));
    writeFileSync(at('pvc-78_media_songs', 'song'), 'short');

    const { status } = await node.pod.run('backup.sh', { settings: { EXCLUDE: 'media/films' } });

    expect(status).toBe(0);
    expect(readdirSync(node.site.stored(node.site.newest, '')).sort()).toEqual(
      [HARD, PLAIN, 'pvc-78_media_songs'].sort(),
    );
    rmSync(at('pvc-77_media_films'), { recursive: true });
  });

  test('does not enter a volume folder that is a symlink', async () => {
    symlinkSync('/etc', at('pvc-79_home_elsewhere'));
    writeFileSync(at(PLAIN, 'changed'), 'yes');

    const { status } = await node.pod.run('backup.sh');

    expect(status).toBe(0);
    const stored = lstatSync(node.site.stored(node.site.newest, 'pvc-79_home_elsewhere'), { throwIfNoEntry: false });
    expect(stored?.isDirectory() ?? false).toBe(false);
    rmSync(at('pvc-79_home_elsewhere'));
  });

  test('restores a volume whose folder is gone on the node by its namespace and claim', async () => {
    const print = fingerprint(at(PLAIN));
    rmSync(at(PLAIN), { recursive: true });

    const into = await node.restore(node.site.newest, 'home/zigbee2mqtt');

    expect(fingerprint(into)).toEqual(print);
  });
});
