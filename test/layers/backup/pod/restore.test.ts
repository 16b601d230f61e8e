/** restore.sh under busybox with real rsync and the real far side; ssh is replaced by its forced command. */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { POD_SCRIPTS } from '../../../support/backup-pod.js';
import { BackupStore, volumeName } from '../../../support/backup-store.js';
import { describeWith } from '../../../support/tools.js';

const HA = volumeName('home/ha', 1);
const MQTT = volumeName('home/mqtt', 2);
const PARTIAL = '.selfheal-restore-partial';
const isRoot = process.getuid?.() === 0;
if (!isRoot) console.warn("SKIPPED what 'restore.sh' does as root: this is not root");

let pod: BackupStore;
beforeEach(() => {
  pod = new BackupStore();
  pod.volume(HA, 3);
  pod.volume(MQTT, 2);
});
afterEach(() => pod.end());

const into = (): string => pod.at('into');
const restore = (asked: Readonly<Record<string, string>> = {}, changed: Readonly<Record<string, string>> = {}) =>
  pod.restore({ VOLUME: 'home/ha', INTO: into(), APPLY: 'yes', ...asked }, changed);
/** The difference in everything that rsync can see, attributes, ACLs, hard links and contents. */
const differences = (from: string, to: string): string =>
  execFileSync('rsync', ['-rlptgoHAXSc', '--specials', '-n', '-i', '--delete', `${from}/`, `${to}/`], {
    encoding: 'utf8',
  });

describeWith(['busybox', 'rsync', 'flock'], 'restore.sh refuses', () => {
  beforeEach(() => {
    pod.snapshot();
  });

  const refused = async (
    status: number,
    message: string,
    asked: Readonly<Record<string, string>> = {},
    changed: Readonly<Record<string, string>> = {},
  ) => {
    const before = existsSync(into()) ? readdirSync(into()) : undefined;

    const ended = await restore(asked, changed);

    expect(ended.stderr).toContain(message);
    expect(ended.status).toBe(status);
    expect(existsSync(into()) ? readdirSync(into()) : undefined).toEqual(before);
  };

  test.each([
    ['', 'INTO: expected an absolute path below /'],
    ['relative', 'INTO: expected an absolute path below /'],
    ['/', 'INTO: expected an absolute path below /'],
    ['/tmp/x/', "without '/' at its end"],
    ['/tmp/../etc/x', 'INTO: expected a plain path'],
    ['/tmp/a\nb', 'INTO: expected a plain path'],
  ])('the target %j', (INTO, message) => refused(1, message, { INTO }));

  test.each([
    ['VOLUME', 'home/ha; rm -rf /', 'one word'],
    ['VOLUME', "a'b", 'one word'],
    ['VOLUME', '-x', 'one word'],
    ['SNAPSHOT', '*', 'one word'],
    ['APPLY', 'true', 'yes or no'],
    ['TIMEOUT_SECONDS', '0', 'a whole number from 1'],
  ])('the setting %s=%j', (name, value, message) => refused(1, `${name}: expected ${message}`, { [name]: value }));

  test('a folder with anything in it', async () => {
    pod.write('into/kept', 'mine');

    await refused(2, 'expected an empty folder, got one with 1 entries');
    expect(pod.read('into/kept')).toBe('mine');
  });

  test('a hidden file in the folder', async () => {
    pod.write('into/.kept', 'mine');

    await refused(2, 'expected an empty folder');
  });

  test('a symbolic link, also to an empty folder', async () => {
    pod.folder('elsewhere');
    symlinkSync(pod.at('elsewhere'), into());

    await refused(2, 'got a symbolic link');
    expect(readdirSync(pod.at('elsewhere'))).toEqual([]);
  });

  test('a file, and a folder that is two levels from being there', async () => {
    pod.write('file', '');

    await refused(2, 'expected a folder, got something else', { INTO: pod.at('file') });
    await refused(2, 'expected it or the folder above it to be there', { INTO: pod.at('not/there') });
  });

  test('the folder of an earlier try that leads elsewhere', async () => {
    pod.folder('into');
    pod.folder('elsewhere');
    symlinkSync(pod.at('elsewhere'), pod.at(`into/${PARTIAL}`));

    await refused(2, `expected no '${PARTIAL}' in it`);
    expect(readdirSync(pod.at('elsewhere'))).toEqual([]);
  });

  test.each(['nfs4', 'cifs', 'fuse.sshfs'])('a file system of type %s', async (type) => {
    pod.mounts(`22 21 0:50 / ${pod.home} rw - ${type} nas:/x rw`);

    await refused(2, `got a network file system (${type})`);
  });

  test('a mount with a blank in its name that is a network file system', async () => {
    pod.folder('my disk');
    pod.mounts(`22 21 0:50 / ${pod.home}/my\\040disk rw - nfs nas:/x rw`);

    await refused(2, 'got a network file system (nfs)', { INTO: pod.at('my disk/into') });
  });

  test('a place within the backups, on the machine that has them', async () => {
    await refused(
      2,
      'expected a place outside of the backups',
      { INTO: pod.at('backup/into') },
      {
        HOST: '',
        SERVER: pod.at('far-direct'),
        PATH: pod.at('backup'),
      },
    );
  });

  test('a volume that no snapshot has, and one that only another snapshot has', async () => {
    await refused(2, "volume 'home/hb': expected one of 'latest' that is not known to be bad (", { VOLUME: 'home/hb' });
    await refused(2, "expected one of '2020-01-01T00-00-00Z' that is not known to be bad (there is none)", {
      SNAPSHOT: '2020-01-01T00-00-00Z',
    });
  });

  test('a claim that two folders of the snapshot have', async () => {
    pod.volume(volumeName('home/ha', 9), 1);
    pod.snapshot();

    await refused(2, `got several; name the folder: `);
  });

  test('a claim that was made anew, whose latest folder may be the empty one', async () => {
    const old = pod.snapshots.at(-1);
    const anew = volumeName('home/ha', 9);
    renameSync(pod.at(`storage/${HA}`), pod.at('gone'));
    pod.volume(anew, 1);
    const latest = pod.snapshot();

    await refused(2, `got several; name the folder: `);
    await refused(2, `${HA} (4 files, `);
    await refused(2, ` bytes in ${old})`);
    await refused(2, `${anew} (2 files, `);
    expect(await restore({ SNAPSHOT: latest, APPLY: 'no' })).toMatchObject({ status: 0 });
    expect(await restore({ VOLUME: HA, APPLY: 'no' })).toMatchObject({ status: 0 });
  });

  test('a target without room', async () => {
    pod.far(
      `case "$*" in *' list') printf 'snapshot\tx\t1\t1\t-\t1\t1\nvolume\tx\t${HA}\t1\t999999999999999\t0\tquiet\t-\t-\n'; exit ;; esac`,
    );

    await refused(2, 'expected room for 999999999999999 bytes with a tenth of the disk (');
  });

  test('to go on without an answer of the other machine', async () => {
    pod.far('exit 255');

    await refused(4, 'no SSH connection to ultron, or the host key is not the pinned one; nothing was written');
  });
});

describeWith(['busybox', 'rsync', 'flock'], 'restore.sh as a plan', () => {
  test('is the default, and writes nothing', async () => {
    const name = pod.snapshot();

    const { status, stdout, stderr } = await restore({ APPLY: 'no' });

    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(stdout).toContain(`volume     ${HA}\n`);
    expect(stdout).toContain(`snapshot   ${name} (UTC), the newest\n`);
    expect(stdout).toContain('size       4 files, ');
    expect(stdout).toContain('never read back so far; while it was copied: quiet, files changed: 0');
    expect(stdout).toContain(`${into()}: does not exist yet, will be made`);
    expect(stdout).toContain('plan only: nothing was written');
    expect(existsSync(into())).toBe(false);
    expect(pod.verbs).toEqual(['list']);
  });

  test('without a volume prints the list alone', async () => {
    const name = pod.snapshot();

    const { status, stdout } = await pod.restore({});

    expect(status).toBe(0);
    expect(stdout.split('\n')[0]).toMatch(new RegExp(`^snapshot\t${name}\t1\t\\d+\t-\t7\t\\d+$`));
  });

  test('takes the newest snapshot that has the volume and is not known to be bad', async () => {
    const good = pod.snapshot();
    pod.write(`storage/${HA}/file-1`, 'changed');
    const bad = pod.snapshot();
    execFileSync(pod.server, ['--folder', pod.at('backup'), 'verified', bad, HA, 'bad', 'why']);
    pod.remove(`storage/${HA}`);
    pod.snapshot();

    const latest = await restore({ APPLY: 'no' });
    const named = await restore({ APPLY: 'no', SNAPSHOT: bad });

    expect(latest.stdout).toContain(`snapshot   ${good} (UTC), unchanged until `);
    expect(named.stdout).toContain('READ BACK AND NOT EQUAL on ');
  });
});

describeWith(['busybox', 'rsync', 'flock', 'setfattr', 'setfacl'], 'restore.sh --apply', () => {
  const as = isRoot ? test : test.skip;

  /** Everything that is easily lost. */
  const odd = (): void => {
    const volume = pod.at(`storage/${HA}`);
    execFileSync('sh', [
      '-euc',
      `
      cd "$1"
      mkdir 'a b' empty; printf x >'a b/x'; touch "$(printf 'new\\nline\\ttab')" .hidden '!first' "$(printf 'latin\\351')"
      chown 1000:1001 file-1; chmod 4751 file-1; ln file-1 hard; ln -s /etc/passwd link; ln -s nowhere/at-all dangling
      mkfifo pipe; truncate -s 3M sparse; printf end >>sparse; head -c 300000 /dev/urandom >random
      setfattr -n user.note -v kept file-2; setfacl -m u:77:rw file-3; setfacl -d -m g:78:rx 'a b'
      touch -d 2001-02-03T04:05:06 file-2; chown 999:998 .; chmod 2770 .; touch -d 2011-01-01 .`,
      'sh',
      volume,
    ]);
  };

  as(
    'gives everything back that rsync can see: owners, modes, links, holes, attributes, ACLs, times, odd names',
    async () => {
      odd();
      pod.snapshot();

      const { status, stdout, stderr } = await restore();

      expect(stderr).toBe('');
      expect(status).toBe(0);
      expect(stdout).toContain(`restored ${HA} of `);
      expect(stdout).toContain('equal to the manifest');
      expect(differences(pod.at(`storage/${HA}`), into())).toBe('');
      expect(lstatSync(pod.at('into/sparse')).blocks).toBeLessThan(100);
      expect(readdirSync(into())).not.toContain(PARTIAL);
    },
  );

  as(
    'gives back an older snapshot, by the name of the folder, into an empty folder with a blank in its name',
    async () => {
      const old = pod.snapshot();
      pod.write(`storage/${HA}/file-1`, 'newer');
      pod.snapshot();
      pod.folder('my place');
      pod.folder('my place/lost+found');

      const { status } = await restore({ VOLUME: HA, SNAPSHOT: old, INTO: pod.at('my place') });

      expect(status).toBe(0);
      expect(pod.read('my place/file-1')).toBe('x'.repeat(10));
      expect(readdirSync(pod.at('my place')).sort()).toEqual(['file-1', 'file-2', 'file-3', 'lost+found']);
    },
  );

  as('finds the volume of MicroK8s, whose folders have another form', async () => {
    pod.volume('home-ha-pvc-00000000-0000-0000-0000-0000000000aa', 1);
    pod.remove(`storage/${HA}`);
    pod.snapshot();

    const { status } = await restore();

    expect(status).toBe(0);
    expect(readdirSync(into())).toEqual(['file-1']);
  });

  as('restores on the machine with the backups, without ssh', async () => {
    pod.snapshot();

    const { status } = await restore({}, { HOST: '', SERVER: pod.at('far-direct') });

    expect(status).toBe(0);
    expect(differences(pod.at(`storage/${HA}`), into())).toBe('');
    expect(pod.read('ssh.log')).toBe('');
  });

  as('puts nothing in place when a byte of the backup is another one, and says which file it is', async () => {
    const name = pod.snapshot();
    const file = pod.at(`backup/snapshots/${name}/data/${HA}/file-2`);
    const { atime, mtime } = lstatSync(file);
    writeFileSync(file, 'xxxxxxxxxy');
    utimesSync(file, atime, mtime);

    const { status, stderr } = await restore();

    expect(status).toBe(4);
    expect(stderr).toContain('1 entries are not as the manifest says: "file-2"');
    expect(readdirSync(into())).toEqual([PARTIAL]);
  });

  as('reads a damaged file again from a good snapshot, though its size and time are the same', async () => {
    const name = pod.snapshot();
    const file = pod.at(`backup/snapshots/${name}/data/${HA}/file-2`);
    const { atime, mtime } = lstatSync(file);
    const good = readFileSync(file);
    const write = (content: string | Buffer) => {
      writeFileSync(file, content);
      utimesSync(file, atime, mtime);
    };
    write('xxxxxxxxxy');
    const bad = await restore();
    write(good);

    const { status } = await restore();

    expect(bad.status).toBe(4);
    expect(status).toBe(0);
    expect(differences(pod.at(`storage/${HA}`), into())).toBe('');
  });

  as('puts nothing in place when a file is gone from the backup, or one was added', async () => {
    const name = pod.snapshot();
    pod.remove(`backup/snapshots/${name}/data/${HA}/file-2`);
    pod.write(`backup/snapshots/${name}/data/${HA}/added`, '');

    const { status, stderr } = await restore();

    expect(status).toBe(4);
    expect(stderr).toMatch(/are not as the manifest says: .*"(added|file-2|\.\/)"/);
    expect(readdirSync(into())).toEqual([PARTIAL]);
  });

  as('goes on after a run that was cut off while it read', async () => {
    odd();
    pod.snapshot();
    pod.far(`case "$*" in *' send '*) exit 12 ;; esac`);
    const cut = await restore();
    pod.write(`into/${PARTIAL}/data/stray`, 'of another time');
    pod.far();

    const { status } = await restore();

    expect(cut.status).toBe(4);
    expect(status).toBe(0);
    expect(differences(pod.at(`storage/${HA}`), into())).toBe('');
  });

  as('never writes over a name that appears while it works, and goes on when it is taken away', async () => {
    odd();
    const name = pod.snapshot();
    pod.far(`case "$*" in *' manifest '*) echo mine >'${into()}/file-2' ;; esac`);

    const { status, stderr } = await restore();
    pod.far();
    const moving = pod.read(`into/${PARTIAL}/moving`);
    const between = readdirSync(into());
    const kept = pod.read('into/file-2');
    const other = await restore({ VOLUME: 'home/mqtt' });
    pod.remove('into/file-2');
    const second = await restore();

    expect(status).toBe(4);
    expect(stderr).toContain('nothing was written over');
    expect(kept).toBe('mine\n');
    expect(moving).toBe(`${name} ${HA}\n`);
    expect(between).toContain('file-1');
    expect(other.stderr).toContain('expected an empty folder');
    expect(second).toMatchObject({ status: 0, stderr: '' });
    expect(differences(pod.at(`storage/${HA}`), into())).toBe('');
  });

  as('refuses to work as anybody else than root', () => {
    pod.snapshot();
    pod.write('list', execFileSync(pod.server, ['--folder', pod.at('backup'), 'list'], { encoding: 'utf8' }));
    pod.program('far-list', `#!/bin/sh\ncat '${pod.at('list')}'\n`);
    chmodSync(pod.home, 0o777);
    const env = Object.entries({
      BACKUP_SCRIPTS: POD_SCRIPTS,
      BACKUP_SERVER: pod.at('far-list'),
      BACKUP_PATH: pod.at('backup'),
      BACKUP_RUN_FOLDER: pod.at('run-of-nobody'),
      BACKUP_BANDWIDTH_LIMIT_KIB_PER_SECOND: '1000',
      RESTORE_VOLUME: 'home/ha',
      RESTORE_INTO: into(),
    }).map(([setting, value]) => [`LOCAL_PATH_${setting}`, value]);
    const asNobody = (apply: string) =>
      spawnSync('busybox', ['sh', `${POD_SCRIPTS}/restore.sh`], {
        uid: 65_534,
        env: { PATH: process.env.PATH, ...Object.fromEntries(env), LOCAL_PATH_RESTORE_APPLY: apply },
        encoding: 'utf8',
      });

    const plan = asNobody('no');
    const { status, stderr } = asNobody('yes');

    expect(plan.stdout).toContain('needed     root, because files get their owners back');
    expect(stderr).toContain('expected root, because files get their owners back, got');
    expect(status).toBe(2);
    expect(existsSync(into())).toBe(false);
  });
});

test('the store of these tests is real', () => {
  mkdirSync(pod.at('x'));
  expect(spawnSync(pod.server, ['--folder', pod.at('x'), 'list']).status).toBe(2);
});
