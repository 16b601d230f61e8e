/** The printed script on a machine of its own: real useradd, su and program, in a mount namespace that ends with it. */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { installScript } from '../../src/layers/backup/install-script.js';
import { BACKUP, mirror, whole } from '../layers/backup/backups.js';
import { describeWith } from '../support/tools.js';

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB0gLVPrFzc8w0Zz3yjPNQd2C3vQmMBfW3xGc0CJYb4k';
const canBeRoot = process.getuid?.() === 0 && spawnSync('unshare', ['--mount', 'true']).status === 0;
if (!canBeRoot) console.warn("SKIPPED 'the installation of the far side': no root, or no mount namespaces");

let home = '';
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'install-'));
  chmodSync(home, 0o755);
  for (const folder of ['local', 'varlib', 'copies']) mkdirSync(join(home, folder));
});
afterEach(() => rmSync(home, { recursive: true }));

const at = (path: string): string => join(home, path);
const scriptFor = (cluster: ReturnType<typeof whole>, to: object = {}): string => {
  const { backup } = cluster;
  if (backup === null) throw new Error('cluster: expected a backup, got none');
  const place = { ...backup.to, path: at('copies/attic'), ...to };
  return installScript(
    backup.form === 'mirror' ? { ...backup, to: place } : { ...backup, to: { ...backup.to, ...place } },
    KEY,
    ['192.0.2.7'],
  );
};

/** A machine with an /etc, /usr/local and /var/lib of its own. */
function install(script: string, umask = '022') {
  if (!existsSync(at('etc'))) {
    cpSync('/etc', at('etc'), { recursive: true, verbatimSymlinks: true });
    mkdirSync(at('etc/ssh'), { recursive: true });
    for (const name of readdirSync(at('etc/ssh'))) if (name.startsWith('ssh_host_')) rmSync(at(`etc/ssh/${name}`));
    writeFileSync(at('etc/ssh/ssh_host_ed25519_key.pub'), `${BACKUP.to.hostKey} root@keeper\n`);
  }
  writeFileSync(at('install.sh'), script);
  const machine = `mount --bind "$0/etc" /etc; mount --bind "$0/local" /usr/local; mount --bind "$0/varlib" /var/lib
    umask ${umask}; exec sh "$0/install.sh"`;
  return spawnSync('unshare', ['--mount', 'sh', '-ec', machine, home], { encoding: 'utf8', timeout: 60_000 });
}

const KEYS = 'varlib/keeper/.ssh/authorized_keys';
const text = (path: string): string => readFileSync(at(path), 'utf8');

describeWith(['unshare', 'useradd', 'su', 'rsync', 'flock'], 'the installation of the far side', () => {
  const as = canBeRoot ? test : test.skip;

  as('makes the account, the folder, the program and the line, and the check is content', () => {
    const { status, stdout, stderr } = install(scriptFor(whole()));

    expect(stderr).toBe('');
    expect(stdout).toContain("account 'keeper': made, home folder /var/lib/keeper");
    expect(stdout).toContain('host key: is the one in the description; ready');
    expect(status).toBe(0);
    expect(statSync(at('copies/attic')).mode & 0o777).toBe(0o700);
    expect(readdirSync(at('copies/attic')).sort()).toEqual(['snapshots', 'work']);
    expect(statSync(at('local/bin/selfheal-backup-server')).mode & 0o777).toBe(0o755);
    expect(text('local/lib/selfheal/restore/restore.sh')).toBe(
      readFileSync('src/layers/backup/scripts/pod/restore.sh', 'utf8'),
    );
    expect(text(KEYS)).toMatch(
      /^restrict,from="192\.0\.2\.7",command="\/usr\/local\/bin\/selfheal-backup-server .*" ssh-ed25519 .* selfheal:nightly\n$/,
    );
    expect(statSync(at(KEYS)).uid).toBe(statSync(at('copies/attic')).uid);
  });

  as('checks with what the line says, not with the defaults', () => {
    const cluster = whole();
    const { backup } = cluster;
    if (backup?.form !== 'snapshots') throw new Error('cluster: expected a backup with snapshots');
    const described = { ...backup, keep: { ...backup.keep, snapshots: 5 } };

    const { stdout } = install(scriptFor({ ...cluster, backup: described }));

    expect(text(KEYS)).toContain('--snapshots 5 ');
    expect(stdout).toContain('keeps 5 snapshots, ');
  });

  as('serves the account also where root makes everything for itself alone', () => {
    const { status, stderr } = install(scriptFor(whole()), '077');

    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(statSync(at('local/lib/selfheal/restore')).mode & 0o777).toBe(0o755);
  });

  as('does nothing as somebody else than root', () => {
    // Another user for real: whatever the script thinks of it, it could not do anything here.
    const { status, stderr } = spawnSync('sh', ['-s'], {
      input: scriptFor(whole()),
      encoding: 'utf8',
      uid: 65_534,
      gid: 65_534,
    });

    expect(stderr).toContain('account: expected root, got ');
    expect(status).toBe(2);
    expect(existsSync(at('copies/attic'))).toBe(false);
  });

  as('changes nothing the second time', () => {
    install(scriptFor(whole()));
    const before = [text(KEYS), statSync(at('local/bin/selfheal-backup-server')).mtimeMs];

    const { status, stdout } = install(scriptFor(whole()));

    expect(status).toBe(0);
    expect(stdout).not.toMatch(/: (made|allowed)/);
    expect(stdout).toContain('program: 0 files written');
    expect([text(KEYS), statSync(at('local/bin/selfheal-backup-server')).mtimeMs]).toEqual(before);
  });

  as('adds its line below those of others, also behind a last line without an end', () => {
    install(scriptFor(whole()));
    writeFileSync(at(KEYS), 'ssh-ed25519 AAAAother somebody');

    const { status } = install(scriptFor(whole()));

    expect(status).toBe(0);
    expect(text(KEYS).split('\n')).toEqual(['ssh-ed25519 AAAAother somebody', expect.stringMatching(/^restrict,/), '']);
  });

  as('refuses a key that is there with other options, and shows the line', () => {
    install(scriptFor(whole()));
    const keys = `${KEY} open to all\n`;
    writeFileSync(at(KEYS), keys);

    const { status, stderr } = install(scriptFor(whole()));

    expect(stderr).toContain('got another line with this key; put there instead: restrict,from=');
    expect(status).toBe(2);
    expect(text(KEYS)).toBe(keys);
  });

  as('does not follow the account out of its home', () => {
    install(scriptFor(whole()));
    writeFileSync(at('owned-by-root'), 'kept\n', { mode: 0o600 });
    rmSync(at(KEYS));
    symlinkSync(at('owned-by-root'), at(KEYS));

    const { status } = install(scriptFor(whole()));

    expect(status).toBe(4);
    expect(text('owned-by-root')).toBe('kept\n');
  });

  as('does not take a folder that belongs to somebody else, nor one that is a link', () => {
    mkdirSync(at('copies/attic'));
    const foreign = install(scriptFor(whole()));
    rmSync(at('copies/attic'), { recursive: true });
    symlinkSync(at('copies'), at('copies/attic'));
    const link = install(scriptFor(whole()));

    expect(foreign.stderr).toContain(
      "expected it to belong to 'keeper', got 'root'; if it is the right one: chown keeper",
    );
    expect(foreign.status).toBe(2);
    expect(link.stderr).toContain('expected a folder, got a symbolic link');
    expect(link.status).toBe(2);
  });

  as('refuses root as the account, and a home folder within the backups', () => {
    const root = install(scriptFor(whole(), { user: 'root' }));
    const home_ = install(scriptFor(whole(), { path: '/var/lib' }));

    expect(root.stderr).toContain('expected one that is not root');
    expect(root.status).toBe(2);
    expect(home_.stderr).toContain("home folder '/var/lib/keeper': expected outside of '/var/lib'");
    expect(home_.status).toBe(2);
  });

  as('says when the machine has another host key than the description', () => {
    const { status, stderr } = install(scriptFor(whole(), { hostKey: KEY }));

    expect(stderr).toContain(`host key: expected ${KEY}, got others`);
    expect(status).toBe(3);
  });

  as('of a mirror has no program, and a line that only writes', () => {
    const { status, stdout } = install(scriptFor(mirror()));

    expect(stdout).toContain('host key: is the one in the description; ready');
    expect(status).toBe(0);
    expect(readdirSync(at('local'))).toEqual([]);
    expect(text(KEYS)).toContain('exec rrsync -wo -no-del ');
  });
});
