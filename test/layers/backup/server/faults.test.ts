/** What the far side does when a run is cut off, comes late, comes twice, or finds no room. */
import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { describeWith } from '../../../support/tools.js';
import { DAY, FarSide, KEEP, nameAt, TOKEN, TOOLS } from './far-side.js';

const VOLUME = 'pvc-1_home_ha';
const NOW = Date.UTC(2026, 10, 21, 2, 30) / 1000;
const OTHER = 'ffffffff-89ab-cdef-0123-456789abcdef';

describeWith(TOOLS, 'faults', () => {
  let far: FarSide;
  beforeEach(() => {
    far = new FarSide();
    for (let i = 0; i < 20; i++) far.write(`${VOLUME}/f${i}`, `${i}`.repeat(100_000));
  });
  afterEach(() => far.remove());

  const data = (...path: string[]) => far.at('work/incoming/data', VOLUME, ...path);
  const incoming = (): readonly string[] => (existsSync(data()) ? readdirSync(data()).filter((f) => f[0] === 'f') : []);

  /** A client that is killed with some files sent and some not; returns the inodes of those that were, whole. */
  async function interrupt(base: string): Promise<ReadonlyMap<string, number>> {
    const before = incoming().length;
    const client = far.start(
      `receive ${TOKEN} ${base} 0`,
      [...KEEP, '--no-z', '--bwlimit=400'],
      `${far.source}/`,
      'far:.',
    );
    const gone = once(client, 'exit');
    for (let i = 0; i < 1200 && incoming().length <= before + 1; i++) await sleep(25);
    client.kill('SIGKILL');
    await gone;
    // The far side hears of it when its pipe is closed; its lock is free then.
    await once(spawn('flock', ['-w', '20', far.at('work/lock'), 'true']), 'exit');
    // The one that was cut may be there with its beginning, and is written anew.
    const isWhole = (file: string) => statSync(data(file)).size === statSync(join(far.source, VOLUME, file)).size;
    return new Map(
      incoming()
        .filter(isWhole)
        .map((file) => [file, statSync(data(file)).ino]),
    );
  }

  test('an interrupted run is no snapshot, and what it sent is not sent again', async () => {
    const inodes = await interrupt('-');
    expect(inodes.size).toBeGreaterThan(0);
    expect(inodes.size).toBeLessThan(20);
    expect(far.verb('list').stdout).toBe('');
    expect(far.verb(`publish ${TOKEN} -`)).toMatchObject({ status: 3, stdout: '' });
    expect(far.plan().stderr).toMatch(/^@partial-bytes \d{5,}$/m);

    const { stdout } = far.receive({ options: ['--stats', '--no-h'] });
    const name = far.verb(`publish ${TOKEN} -`).stdout.split(' ')[1] ?? '';

    expect(Number(/Number of regular files transferred: (\d+)/.exec(stdout)?.[1])).toBeLessThanOrEqual(
      20 - inodes.size,
    );
    for (const [file, inode] of inodes)
      expect(statSync(far.at('snapshots', name, 'data', VOLUME, file)).ino).toBe(inode);
    expect(far.work()).toEqual(['empty', 'lock']);
  });

  test('what was sent of one large file is not sent again', async () => {
    far.write(`${VOLUME}/a-large`, randomBytes(4_000_000));
    const client = far.start(`receive ${TOKEN} - 0`, [...KEEP, '--no-z', '--bwlimit=2000'], `${far.source}/`, 'far:.');
    const gone = once(client, 'exit');
    const sent = () => readdirSync(data()).reduce((most, file) => Math.max(most, statSync(data(file)).size), 0);
    for (let i = 0; i < 1200 && !(existsSync(data()) && sent() > 2_000_000); i++) await sleep(25);
    client.kill('SIGKILL');
    await gone;
    await once(spawn('flock', ['-w', '20', far.at('work/lock'), 'true']), 'exit');

    const { stdout } = far.receive({ options: ['--stats', '--no-h', '--no-W'] });
    const name = far.verb(`publish ${TOKEN} -`).stdout.split(' ')[1] ?? '';

    // Of 7 MB with the other files.
    expect(Number(/Literal data: (\d+)/.exec(stdout)?.[1])).toBeLessThan(6_000_000);
    const there = readFileSync(far.at('snapshots', name, 'data', VOLUME, 'a-large'));
    expect(there.equals(readFileSync(join(far.source, VOLUME, 'a-large')))).toBe(true);
  });

  test('two interrupted runs leave what both of them sent', async () => {
    const first = await interrupt('-');
    const second = await interrupt('-');
    far.receive();
    const name = far.verb(`publish ${TOKEN} -`).stdout.split(' ')[1] ?? '';

    expect(first.size).toBeGreaterThan(0);
    for (const [file, inode] of [...first, ...second])
      expect(statSync(far.at('snapshots', name, 'data', VOLUME, file)).ino).toBe(inode);
  });

  test('an interrupted run never touches the snapshot that it builds on', async () => {
    const name = far.backUp();
    const before = contents(name);
    for (let i = 0; i < 20; i++) far.write(`${VOLUME}/f${i}`, `${i + 1}`.repeat(100_000));

    await interrupt(name);

    expect(contents(name)).toEqual(before);
    expect(far.newest()).toBe(name);
  });

  const contents = (name: string) =>
    readdirSync(far.at('snapshots', name, 'data', VOLUME)).map((file) =>
      far.read('snapshots', name, 'data', VOLUME, file),
    );

  test('what was left before a reboot is not used: it may never have reached the disk', () => {
    far.receive();
    const inode = statSync(data('f1')).ino;
    writeFileSync(far.at('work/incoming/boot'), 'another boot\n');

    far.receive();

    expect(far.work()).toEqual(['empty', 'incoming', 'lock']);
    expect(statSync(data('f2')).nlink).toBe(1);
    expect(inode).toBeGreaterThan(0);
  });

  test('nothing is published under another token, nor twice', () => {
    far.receive();

    expect(far.verb(`publish ${OTHER} -`)).toMatchObject({ status: 3, stdout: '' });
    expect(far.verb(`publish ${TOKEN} -`).status).toBe(0);
    expect(far.verb(`publish ${TOKEN} -`)).toMatchObject({ status: 3, stdout: '' });
    expect(far.snapshots()).toHaveLength(1);
  });

  test('nothing is published with another count than the sender has', () => {
    far.receive();

    const { status, stdout, stderr } = far.verb(`publish ${TOKEN} 20`);

    expect({ status, stdout }).toEqual({ status: 5, stdout: '' });
    expect(stderr).toBe(
      `@refused 5\nselfheal-backup-server: incoming '${TOKEN}': expected 20 files, as the sender counted, got 21; nothing was published\n`,
    );
    expect(far.snapshots()).toEqual([]);
  });

  test('a run that another has overtaken is refused', () => {
    far.backUp();

    const { status, stderr } = far.receive({ base: '-' });

    expect(status).not.toBe(0);
    expect(stderr).toContain("@refused 3\nselfheal-backup-server: base '-': expected the newest snapshot");
    expect(far.has('work/incoming')).toBe(false);
  });

  test('two runs at once: the second waits 90 seconds for the first, and is refused', async () => {
    const waited = join(far.home, 'scratch/waited');
    writeFileSync(waited, '');
    far.verb(`publish ${TOKEN} -`);
    chmodSync(waited, 0o666);
    far.program(
      'flock',
      `[ "$1" != -w ] || { printf '%s' "$2" >'${waited}'; shift 2; set -- -w 0.2 "$@"; }\nexec /usr/bin/flock "$@"`,
    );
    // Without a shell around it, so that ending it ends what holds the lock.
    const holder = spawn('/usr/bin/flock', ['-o', far.at('work/lock'), 'sh', '-c', 'echo held; read -r line']);
    try {
      await once(holder.stdout, 'data');

      const { stderr } = far.receive({ base: '-' });

      expect(stderr).toContain(
        `@refused 3\nselfheal-backup-server: lock '${far.folder}/work/lock': expected free within 90 s`,
      );
      expect(readFileSync(waited, 'utf8')).toBe('90');
      expect(far.has('work/incoming')).toBe(false);
    } finally {
      const gone = once(holder, 'exit');
      holder.stdin.end();
      await gone;
    }
  });

  /** What stat says of the disk: blocks of 1 KiB, of which so many are free. */
  const disk = (free: string, inodes = '1000 1000') =>
    far.program('stat', `printf '%s %s %s %s\\n' "${free}" 1024 1000 "${inodes}"`);

  test('a plan says how much room there is and how much is to stay free', () => {
    disk('300', '500 2000');

    expect(far.plan().stderr).toContain(
      '@free-bytes 307200\n@free-inodes 500\n@reserve-bytes 102400\n@reserve-inodes 200\n',
    );
  });

  test('a file system without a number of inodes has a reserve of bytes alone', () => {
    disk('300', '0 0');

    expect(far.plan().stderr).toContain('@free-inodes -\n@reserve-bytes 102400\n@reserve-inodes -\n');
    expect(far.receive().status).toBe(0);
  });

  test.each([
    ['bytes', '300', '1000 1000', 204_801],
    ['bytes, whatever a client says it needs', '99', '1000 1000', 0],
    ['inodes', '300', '99 1000', 0],
  ])('does not begin where there is no room: %s', (_what, free, inodes, bytes) => {
    disk(free, inodes);

    const { status, stderr } = far.receive({ base: '-', bytes });

    expect(status).not.toBe(0);
    expect(stderr).toContain(`@refused 4\nselfheal-backup-server: folder '${far.folder}': expected `);
    expect(far.work()).toEqual(['empty', 'lock']);
  });

  test('takes what just fits', () => {
    disk('300');

    expect(far.receive({ bytes: 204_800 }).status).toBe(0);
  });

  test.each([
    ['bytes', '49', '300', '1000', '1000'],
    ['inodes', '300', '300', '49', '1000'],
  ])('stops when somebody else uses up the %s meanwhile, and keeps what it has', (_what, less, free, few, inodes) => {
    const begun = (then: string, otherwise: string) => `$(test -d '${data()}' && echo ${then} || echo ${otherwise})`;
    disk(begun(less, free), `${begun(few, inodes)} 1000`);

    const { status, stderr } = far.receive({ base: '-', options: ['--no-z', '--bwlimit=400'] });

    expect(status).not.toBe(0);
    expect(stderr).toContain('expected half of the reserve of 102400 bytes to stay free, got less; stopped');
    expect(far.verb('list').stdout).toBe('');
    expect(far.verb(`publish ${TOKEN} -`).status).toBe(3);
    disk('300');
    expect(far.receive().status).toBe(0);
  });

  test('a folder that was not prepared is left alone: its disk may not be mounted', () => {
    rmSync(far.folder, { recursive: true });
    mkdirSync(far.folder);

    for (const words of ['list', `publish ${TOKEN} -`, 'check', 'newest']) {
      const { status, stderr } = far.verb(words);

      expect(status).toBe(2);
      expect(stderr).toContain('expected snapshots in it (is its disk mounted? was it prepared?), got none');
    }
    expect(far.plan().stderr).toContain('@refused 2');
    expect(far.receive({ base: '-' }).stderr).toContain('@refused 2');
    expect(readdirSync(far.folder)).toEqual([]);
  });

  test.each(['snapshots', 'work', 'work/empty'])('a %s that leads elsewhere is not followed', (inner) => {
    renameSync(far.at(inner), join(far.home, 'elsewhere'));
    symlinkSync(join(far.home, 'elsewhere'), far.at(inner));

    expect(far.verb('list')).toMatchObject({ status: 2, stdout: '' });
    expect(far.receive({ base: '-' }).stderr).toContain(`@refused 2\nselfheal-backup-server: folder '${far.folder}'`);
  });

  test('a snapshot is on the disk before it has its name, and its name before the client hears of it', () => {
    far.receive();
    const log = join(far.home, 'scratch/log');
    writeFileSync(log, '');
    chmodSync(log, 0o666);
    far.program('sync', `ls snapshots | wc -l >>'${log}'`);

    const { stdout } = far.verb(`publish ${TOKEN} -`);

    expect(stdout).toMatch(/^published /);
    expect(readFileSync(log, 'utf8')).toBe('0\n1\n');
  });

  test('nothing is published that the disk does not take, nor where any other step fails: that may be tried again', () => {
    far.receive();
    for (const step of ['sync', 'awk', 'sha256sum', 'sort', 'tr', 'head']) {
      far.program(step, 'exit 1');

      const { status, stdout, stderr } = far.verb(`publish ${TOKEN} -`);

      expect({ step, status, stdout }).toEqual({ step, status: 5, stdout: '' });
      expect(stderr).toMatch(
        /^@refused 5\nselfheal-backup-server: [^\n]*(expected|unexpected place \(status 1\))[^\n]*\n$/,
      );
      expect(far.snapshots()).toEqual([]);
      rmSync(join(far.home, 'bin', step));
    }
    expect(far.verb(`publish ${TOKEN} -`).status).toBe(0);
  });

  describe('nothing is received for good', () => {
    /** The far side's rsync, of whose manifest lines a program sees all. */
    const manifestThrough = (filter: string) =>
      far.program(
        'rsync',
        `case "$*" in *-dlptgo*) /usr/bin/env -S PATH=/usr/bin:/bin rsync "$@" | ${filter} ;; *) exec "$(PATH=/usr/bin:/bin command -v rsync)" "$@" ;; esac`,
      );
    const refused = (words: RegExp) => {
      const { status, stderr } = far.receive();

      expect(status).not.toBe(0);
      expect(stderr).toContain('@refused 5\n');
      expect(stderr).toMatch(words);
      expect(far.verb(`publish ${TOKEN} -`)).toMatchObject({ status: 3, stdout: '' });
    };

    test('when a file is missing in the manifest', () => {
      far.backUp();
      far.write(`${VOLUME}/f7`, 'changed\n');
      manifestThrough("grep -v '/f7$'");

      refused(/manifest: expected 2 lines of sums, got 1\n/);
    });

    test('when a file has no checksum', () => {
      manifestThrough("sed 's/^[0-9a-f]*/-/'");

      refused(/manifest: expected one of what was received, got an error/);
    });

    test('when a file that did not change is missing in the manifest of the snapshot before', () => {
      const name = far.backUp();
      const short = far.read('snapshots', name, 'manifest').replace(/^.*\/f7\n/m, '');
      writeFileSync(far.at('snapshots', name, 'manifest'), short);
      const sum = createHash('sha256').update(short).digest('hex');
      const facts = far.read('snapshots', name, 'snapshot').replace(/(manifest-sha256) .*/, `$1 ${sum}`);
      writeFileSync(far.at('snapshots', name, 'snapshot'), facts);

      refused(/manifest: expected one of what was received, got an error/);
    });
  });

  test('what is kept is for the account alone', () => {
    const name = far.backUp();

    for (const path of [`snapshots/${name}`, `snapshots/${name}/manifest`, `snapshots/${name}/snapshot`, 'work/lock'])
      expect(statSync(far.at(path)).mode & 0o077, path).toBe(0);
  });

  test('a snapshot whose own file is damaged is neither built upon nor removed, and hides no other', () => {
    const damaged = far.plant(2, NOW - 500 * DAY);
    writeFileSync(far.at('snapshots', damaged, 'snapshot'), 'format 1\nepoch 1\n');
    const good = far.plant(1, NOW - 501 * DAY);

    expect(far.newest()).toBe(good);
    expect(far.verb('list')).toMatchObject({
      status: 0,
      stderr: expect.stringContaining(`'${damaged}': expected number`),
    });
    for (let i = 0; i < 4; i++) far.plant(3 + i, NOW - (400 - i) * DAY);
    const { status } = far.receive();
    expect(status).toBe(0);
    expect(far.verb(`publish ${TOKEN} -`).status).toBe(0);
    expect(far.snapshots()).toContain(damaged);
  });

  test('a clock that is years ahead, and is set back, changes names but not the order', () => {
    far.clock(Date.UTC(2031, 0, 1) / 1000);
    const first = far.backUp();
    far.clock(Date.UTC(2026, 0, 1) / 1000);
    const second = far.backUp();
    const third = far.backUp();

    expect([first, second, third]).toEqual(['2031-01-01T00-00-00Z', '2026-01-01T00-00-00Z', '2026-01-01T00-00-00Z-2']);
    expect(far.newest()).toBe(third);
    const order = [...far.verb('list').stdout.matchAll(/^snapshot\t(\S+)\t(\d)/gm)].map(([, name, number]) => [
      name,
      number,
    ]);
    expect(order).toEqual([
      [third, '3'],
      [second, '2'],
      [first, '1'],
    ]);
    expect(nameAt(0)).toBe('1970-01-01T00-00-00Z');
  });

  test('a clock that tells no time publishes nothing', () => {
    far.receive();
    far.program('date', 'echo whenever');

    const { status, stderr } = far.verb(`publish ${TOKEN} -`);

    expect(status).toBe(2);
    expect(stderr).toContain('clock: expected a time of day from date, got "whenever whenever"');
    expect(far.snapshots()).toEqual([]);
  });
});
