/** The verb as a child process, with this machine's rsync and a real far side in a folder. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { BACKUP, WHOLE } from '../layers/backup/backups.js';
import { BackupStore, volumeName } from '../support/backup-store.js';
import { MINIMAL_SPEC } from '../support/clusters.js';
import { PROGRAM } from '../support/program.js';
import { describeWith } from '../support/tools.js';

const HA = volumeName('home/ha', 1);
const isRoot = process.getuid?.() === 0;
if (!isRoot) console.warn("SKIPPED what 'selfheal restore --apply' does as root: this is not root");

let home = '';
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'restore-verb-'));
});
afterEach(() => rmSync(home, { recursive: true }));

const describeClusters = (...backups: readonly object[]): void => {
  spawnSync('mkdir', [join(home, 'clusters')]);
  for (const [index, backup] of backups.entries()) {
    const name = index === 0 ? 'attic' : `attic-${index}`;
    writeFileSync(join(home, `clusters/${name}.json`), JSON.stringify({ ...MINIMAL_SPEC, name, backup }));
  }
};
const run = (verb: string, args: readonly string[], path = process.env.PATH, temporary = home) =>
  spawnSync(process.execPath, [PROGRAM, verb, ...args], {
    cwd: home,
    env: { PATH: path, HOME: home, TMPDIR: temporary },
    encoding: 'utf8',
    timeout: 120_000,
  });
const restore = (...args: readonly string[]) => run('restore', args);

describeWith(['rsync', 'flock', 'busybox'], 'selfheal restore --local', () => {
  let store: BackupStore;
  const local = (...args: readonly string[]) => restore('--local', store.at('backup'), ...args);
  beforeEach(() => {
    store = new BackupStore();
  });
  afterEach(() => store.end());

  const filled = (): string => {
    store.volume(HA, 3);
    store.volume(volumeName('home/mqtt', 2), 1);
    return store.snapshot();
  };

  test('ends with 1 where there is nothing', () => {
    expect(local()).toMatchObject({ status: 1, stdout: '', stderr: 'no snapshots\n' });
  });

  test('ends with 2 where there is no folder of backups', () => {
    const { status, stdout, stderr } = restore('--local', join(home, 'none'));

    expect(stderr).toContain(`folder '${join(home, 'none')}': expected a folder, got none`);
    expect(stderr).not.toContain('@refused');
    expect(stdout).toBe('');
    expect(status).toBe(2);
  });

  test('ends with 2 where there is no shell to run it', () => {
    const { status, stderr } = run('restore', ['--local', store.at('backup')], '');

    expect(stderr).toContain('restore.sh: expected env and sh in PATH, got none');
    expect(status).toBe(2);
  });

  test('ends with 2 where there is no folder for what it notes', () => {
    const none = join(home, 'none');

    const { status, stderr } = run('restore', ['--local', store.at('backup')], process.env.PATH, none);

    expect(stderr).toBe(`selfheal restore: TMPDIR: expected a folder that can be written to, got "${none}"\n`);
    expect(status).toBe(2);
  });

  test('lists what there is, as a table and as data', () => {
    const name = filled();

    const table = local();
    const data = local('-o', 'json', '--volume', 'home/ha');

    expect(table).toMatchObject({ status: 0, stderr: '' });
    expect(table.stdout).toMatch(new RegExp(`^${name} +home/ha +4 +30 B +never +quiet$`, 'm'));
    expect(JSON.parse(data.stdout)).toMatchObject([
      { name, volumes: [{ name: HA, claim: 'home/ha', verified: null }] },
    ]);
  });

  test('ends with 1 where something is known to be bad, and says so', () => {
    const name = filled();
    spawnSync(store.server, ['--folder', store.at('backup'), 'verified', name, HA, 'bad']);

    const { status, stdout, stderr } = local();

    expect(stdout).toContain('NOT EQUAL');
    expect(stderr).toContain('1 NOT EQUAL to what was backed up');
    expect(status).toBe(1);
  });

  test('says what there is instead of a volume that it does not find', () => {
    const name = filled();
    const into = ['--into', join(home, 'back')];

    const listed = local('--volume', 'home/haa');
    const planned = local('--volume', 'home/haa', ...into);
    const older = local('--volume', 'home/ha', '--snapshot', '2020-01-01T00-00-00Z', ...into);
    spawnSync(store.server, ['--folder', store.at('backup'), 'verified', name, HA, 'bad']);
    const bad = local('--volume', 'home/ha', ...into);

    expect(listed).toMatchObject({ status: 1, stdout: '' });
    expect(listed.stderr).toBe('no snapshot has volume "home/haa"; did you mean "home/ha"?\n');
    expect(planned.stderr).toContain(
      `volume 'home/haa': expected one of 'latest' that is not known to be bad (${HA} ${volumeName('home/mqtt', 2)}), got none`,
    );
    expect(older.stderr).toContain(
      "expected one of '2020-01-01T00-00-00Z' that is not known to be bad (there is none)",
    );
    expect(bad.stderr).toContain(`(${volumeName('home/mqtt', 2)}), got none of that name`);
    expect([planned, older, bad].map(({ status }) => status)).toEqual([2, 2, 2]);
  });

  test('plans, writes nothing, and leaves nothing behind', () => {
    filled();

    const { status, stdout, stderr } = local('--volume', 'home/ha', '--into', 'back');

    expect(stdout).toContain(`into       ${join(home, 'back')}: does not exist yet, will be made`);
    expect(stderr).toBe('--apply restores it\n');
    expect(status).toBe(0);
    expect(readdirSync(home)).toEqual([]);
  });

  (isRoot ? test : test.skip)('restores with --apply, and refuses to do it twice', () => {
    filled();

    const first = local('--volume', 'home/ha', '--into', 'back', '--apply');
    const second = local('--volume', 'home/ha', '--into', 'back', '--apply');

    expect(first).toMatchObject({ status: 0, stderr: '' });
    expect(readdirSync(join(home, 'back'))).toEqual(['file-1', 'file-2', 'file-3']);
    expect(second.stderr).toContain('expected an empty folder, got one with 3 entries');
    expect(second.status).toBe(2);
    expect(readdirSync(home)).toEqual(['back']);
  });
});

describe('selfheal restore of a description', () => {
  test.each([
    ['no backup in it', [null], [], 'expected a description with a backup, got none'],
    [
      'two backups',
      [BACKUP, BACKUP],
      [],
      '--cluster: expected one with a backup in clusters (attic-1, attic), got nothing',
    ],
    ['another cluster', [BACKUP, BACKUP], ['--cluster', 'attik'], 'got "attik"; did you mean "attic"?'],
    [
      'a key with blanks in its path',
      [BACKUP],
      ['--key', 'a b'],
      '--key: expected a path without blanks, quotes and patterns, got ',
    ],
    ['no second place', [BACKUP], ['--offsite'], '--offsite: expected a backup with a second place'],
    ['a mirror', [{ ...BACKUP, form: 'mirror' }], [], 'expected a backup of form snapshots, got a mirror'],
    [
      'no such node',
      [BACKUP],
      ['--volume', 'home/ha', '--job', '--node', 'lam', '--into', '/srv/x'],
      '--node: expected one of attic (lamp), got "lam"; did you mean "lamp"?',
    ],
  ])('ends with 2: %s', (_, backups, args, message) => {
    describeClusters(...backups.map((backup) => backup ?? { form: 'none' }));
    if (backups[0] === null) writeFileSync(join(home, 'clusters/attic.json'), JSON.stringify(MINIMAL_SPEC));

    const { status, stdout, stderr } = restore(...args);

    expect(stderr).toContain(message);
    expect(stdout).toBe('');
    expect(status).toBe(2);
  });

  test('gives ssh the host, the port, and nothing but the pinned key', () => {
    describeClusters(WHOLE);
    writeFileSync(
      join(home, 'ssh'),
      `#!/bin/sh\necho "$@" >>'${home}/asked'\nfor word; do case $word in UserKnownHostsFile=*) cat "\${word#*=}" >>'${home}/asked' ;; esac; done\nexit 255\n`,
      { mode: 0o755 },
    );
    writeFileSync(join(home, 'id'), 'key\n');

    const { status, stderr } = run('restore', ['--offsite', '--key', 'id'], `${home}:${process.env.PATH}`);
    const asked = spawnSync('cat', [join(home, 'asked')], { encoding: 'utf8' }).stdout;

    expect(asked).toContain(
      `-p 2222 -i ${home}/id -o IdentitiesOnly=yes -o BatchMode=yes -o StrictHostKeyChecking=yes`,
    );
    expect(asked).toContain('attic@vault.example selfheal-backup-server --folder /vault list');
    expect(asked).toContain(`[vault.example]:2222 ${BACKUP.to.hostKey}`);
    expect(stderr).toContain('no SSH connection to vault.example, or the host key is not the pinned one');
    expect(status).toBe(2);
  });

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'says that it was stopped by %s, and leaves nothing',
    async (signal) => {
      describeClusters(WHOLE);
      writeFileSync(join(home, 'ssh'), '#!/bin/sh\necho $$ >"$HOME/asked"\nexec sleep 30\n', { mode: 0o755 });
      const child = spawn(process.execPath, [PROGRAM, 'restore'], {
        cwd: home,
        env: { PATH: `${home}:${process.env.PATH}`, HOME: home, TMPDIR: home },
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      const said = textOf(child.stderr);
      await vi.waitFor(() => expect(readFileSync(join(home, 'asked'), 'utf8')).not.toBe(''), 60_000);

      child.kill(signal);
      const [status] = await once(child, 'close');

      expect(await said).toContain(`failed: stopped by ${signal}`);
      expect(status).toBe(2);
      expect(readdirSync(home).sort()).toEqual(['asked', 'clusters', 'ssh']);
      expect(() => process.kill(Number(readFileSync(join(home, 'asked'), 'utf8')), 0)).toThrow('ESRCH');
    },
  );

  test('--job prints manifests that kubectl takes, and how to run them', () => {
    describeClusters(WHOLE);

    const { status, stdout, stderr } = restore(
      '--volume',
      'home/ha',
      '--job',
      '--node',
      'lamp',
      '--claim',
      'home/ha',
      '--apply',
    );
    const documents = parseAllDocuments(stdout).map((document) => document.toJS());

    expect(status).toBe(0);
    expect(documents.map(({ kind, metadata }) => `${kind} ${metadata.namespace}/${metadata.name}`)).toEqual([
      'ConfigMap home/selfheal-restore-files',
      'NetworkPolicy home/selfheal-restore',
      'Job home/selfheal-restore',
    ]);
    expect(stderr).toContain('kubectl -n home logs -f job/selfheal-restore');
    expect(stderr).toContain('needs Secret home/copy-key with the key private-key');
    expect(existsSync(join(home, 'dist'))).toBe(false);
  });
});

describe('selfheal backup-server', () => {
  const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB0gLVPrFzc8w0Zz3yjPNQd2C3vQmMBfW3xGc0CJYb4k';
  const server = (...args: readonly string[]) => run('backup-server', args, '');
  beforeEach(() => {
    writeFileSync(join(home, 'id.pub'), `${KEY} me\n`);
    describeClusters(WHOLE);
  });

  test.each([
    [[], '--key: expected the file of a public key, got nothing'],
    [['--key', 'none.pub'], '--key: expected the file of a public key, got "none.pub", which cannot be read'],
    [['--key', 'clusters/attic.json'], '--key "clusters/attic.json": expected one public key'],
    [
      ['--key', 'id.pub', '--from', 'nas.lan'],
      '--from: expected IP addresses or networks joined by ",", or "anywhere", got "nas.lan"',
    ],
    [['--key', 'id.pub', '--from', '10.0.0.1"'], '--from: expected IP addresses'],
    [['--key', 'id.pub', '--from', 'fe80::1%eth0'], 'got "fe80::1%eth0"'],
    [['--key', 'id.pub', '--from', '10.0.0.0/8,10.0.0.1/24'], 'got "10.0.0.1/24"'],
    [['--key', 'id.pub', '--from', '10.0.0.0/33'], 'got "10.0.0.0/33"'],
    [['--key', 'id.pub', '--from', '2001:db8::1/64'], 'got "2001:db8::1/64"'],
  ])('%j ends with 2', (args, message) => {
    const { status, stdout, stderr } = server(...args);

    expect(stderr).toContain(message);
    expect(stdout).toBe('');
    expect(status).toBe(2);
  });

  test('prints the line for this place, or for the second', () => {
    const near = server('--key', 'id.pub', '--line');
    const far = server('--key', 'id.pub', '--line', '--offsite');
    const limited = server(
      '--key',
      'id.pub',
      '--line',
      '--offsite',
      '--from',
      '203.0.113.5,10.1.0.0/16,2001:db8::/64,::/0',
    );

    expect(near).toMatchObject({ status: 0, stderr: '' });
    expect(near.stdout).toMatch(
      /^restrict,from="192\.0\.2\.7",command="[^"]+ --folder \/copies\/attic [^"]+" ssh-ed25519 \S+ selfheal:nightly\n$/,
    );
    expect(far.stdout).toMatch(/^restrict,command="[^"]+ --folder \/vault /);
    expect(far.stderr).toContain('the key may come from anywhere; --from ADDRESS limits that');
    expect(limited.stdout).toMatch(/^restrict,from="203\.0\.113\.5,10\.1\.0\.0\/16,2001:db8::\/64,::\/0",command=/);
  });

  test('prints a script that sh reads, and writes nothing', () => {
    const { status, stdout } = server('--key', 'id.pub');

    expect(status).toBe(0);
    expect(stdout).toMatch(/^#!\/bin\/sh\nSELFHEAL_INSTALL_FORM=snapshots\n/);
    expect(spawnSync('sh', ['-n'], { input: stdout }).status).toBe(0);
    expect(readdirSync(home).sort()).toEqual(['clusters', 'id.pub']);
  });
});
