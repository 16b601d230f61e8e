/**
 * The backup for real: the script in a root like the pod's, with the pod's one capability, this machine's rsync and ssh
 * through this machine's dynamic linker, to a real sshd on a loopback port with a user of its own.
 */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { describeWith } from '../support/tools.js';

const SCRIPT = fileURLToPath(new URL('../../src/layers/backup/scripts/backup.sh', import.meta.url));
const ARM = process.arch === 'arm64';
const TRIPLET = ARM ? 'aarch64-linux-gnu' : 'x86_64-linux-gnu';
const LINKER = ARM ? '/host-lib/ld-linux-aarch64.so.1' : '/host-lib/ld-linux-x86-64.so.2';
const LIBRARIES = `/host-lib:/host-usr/lib/${TRIPLET}`;
const KEEPER = 64_999;
const VOLUME = 'storage/pvc-1_home_ha';

/** Mounts what the pod mounts, then gives up every power but the ones named. */
const POD = `
  mount --bind "$1" "$1" && cd "$1" && shift
  mount --bind /usr host-usr && mount -o remount,bind,ro host-usr
  mount --bind /lib/${TRIPLET} host-lib && mount -o remount,bind,ro host-lib
  mount --bind storage storage && mount -o remount,bind,ro storage
  mount --bind /dev/null dev/null && mount --bind /proc proc
  mount -o remount,bind,ro .
  exec chroot . ${LINKER} --library-path ${LIBRARIES} /host-usr/bin/setpriv \\
    --inh-caps=-all --bounding-set="$1" --no-new-privs /scripts/backup.sh`;

let root = '';
let far = '';
let port = 0;
let sshd: ChildProcess | undefined;

beforeEach(async () => {
  [root, far, port] = [mkdtempSync(join(tmpdir(), 'pod-')), mkdtempSync(join(tmpdir(), 'far-')), await freePort()];
  for (const name of ['near', 'server', 'other']) keygen(join(far, name));
  makePod();
  sshd = await startServer();
});
afterEach(() => {
  sshd?.kill();
  for (const folder of [root, far]) rmSync(folder, { recursive: true });
});

const keygen = (path: string) => execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', path]);

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      const free = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(free));
    });
    server.on('error', reject);
  });

function makePod(): void {
  for (const folder of ['bin', 'etc', 'dev', 'proc', 'host-usr', 'host-lib', 'ssh-key', 'scripts', VOLUME])
    mkdirSync(join(root, folder), { recursive: true });
  copyFileSync(
    execFileSync('sh', ['-c', 'command -v busybox'], { encoding: 'utf8' }).trim(),
    join(root, 'bin/busybox'),
  );
  for (const applet of ['sh', 'timeout']) symlinkSync('busybox', join(root, 'bin', applet));
  writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\n');
  writeFileSync(join(root, 'dev/null'), '');
  copyFileSync(SCRIPT, join(root, 'scripts/backup.sh'));
  chmodSync(join(root, 'scripts/backup.sh'), 0o555);
  pin('server');
  copyFileSync(join(far, 'near'), join(root, 'ssh-key/id'));
  chmodSync(join(root, 'ssh-key/id'), 0o400);
  put('secrets.yaml', 'token');
}

/** A file that only its owner, who is not root, may read. */
function put(name: string, content: string | Buffer): void {
  const path = join(root, VOLUME, name);
  writeFileSync(path, content);
  chownSync(path, 1883, 1883);
  chmodSync(path, 0o600);
}

const pin = (key: string) =>
  writeFileSync(
    join(root, 'scripts/known_hosts'),
    `[127.0.0.1]:${port} ${readFileSync(join(far, `${key}.pub`), 'utf8')}`,
  );

/** An sshd that knows one user of its own, in a mount namespace in which nobody else exists. */
async function startServer(): Promise<ChildProcess> {
  const file = (name: string, content: string): string => {
    writeFileSync(join(far, name), content);
    return join(far, name);
  };
  const passwd = file(
    'passwd',
    `root:x:0:0::/root:/bin/sh\nsshd:x:65533:65534::/run/sshd:/bin/false\nkeeper:x:${KEEPER}:${KEEPER}::${far}:/bin/sh\n`,
  );
  const authorized = file('authorized', `restrict ${readFileSync(join(far, 'near.pub'), 'utf8')}`);
  const config = file(
    'config',
    `ListenAddress 127.0.0.1:${port}\nHostKey ${far}/server\nAuthorizedKeysFile ${authorized}\nPidFile none\n` +
      'UsePAM no\nStrictModes no\nPasswordAuthentication no\nKbdInteractiveAuthentication no\n',
  );
  mkdirSync(join(far, 'backup'));
  chownSync(join(far, 'backup'), KEEPER, KEEPER);
  chmodSync(far, 0o755);
  mkdirSync('/run/sshd', { recursive: true });
  const script = 'mount --bind "$1" /etc/passwd && exec /usr/sbin/sshd -D -e -f "$2"';
  const server = spawn('unshare', ['--mount', 'sh', '-c', script, 'sh', passwd, config], { stdio: 'ignore' });
  await listening();
  return server;
}

async function listening(): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false));
      socket.on('connect', () => socket.destroy());
    });
    if (open) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`sshd on port ${port}: expected to answer within 5 s, got nothing`);
}

function run(changed: Readonly<Record<string, string | number>> = {}, powers = '-all,+dac_read_search') {
  const settings = {
    SOURCE: '/storage',
    USER: 'keeper',
    HOST: '127.0.0.1',
    PORT: port,
    PATH: join(far, 'backup'),
    BANDWIDTH_LIMIT_KIB_PER_SECOND: 5000,
    TIMEOUT_SECONDS: 30,
    LINKER,
    LIBRARIES,
    RSYNC: '/host-usr/bin/rsync',
    SSH: '/host-usr/bin/ssh',
    KEY: '/ssh-key/id',
    KNOWN_HOSTS: '/scripts/known_hosts',
    ...changed,
  };
  const env = Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [`LOCAL_PATH_BACKUP_${name}`, String(value)]),
  );
  const { status, stdout, stderr } = spawnSync('unshare', ['--mount', 'sh', '-ec', POD, 'sh', root, powers], {
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/root', ...env },
    encoding: 'utf8',
    timeout: 60_000,
  });
  return { status, stdout, stderr };
}

const copied = (name: string): string => join(far, 'backup/pvc-1_home_ha', name);

describeWith(['busybox', 'rsync', 'sshd', 'unshare', 'setpriv'], 'local-path-backup to a real sshd', () => {
  test('copies nothing to a machine whose key is not the pinned one', () => {
    pin('other');

    const { status, stderr } = run();

    expect(status).toBe(4);
    expect(stderr).toContain('Host key verification failed');
    expect(stderr).toContain('or the host key is not the pinned one');
    expect(existsSync(copied('secrets.yaml'))).toBe(false);
  });

  test('copies nothing with a key that a group may read, as fsGroup would make it', () => {
    chmodSync(join(root, 'ssh-key/id'), 0o440);

    const { status, stderr } = run();

    expect(status).toBe(4);
    expect(stderr).toContain('UNPROTECTED PRIVATE KEY FILE');
    expect(existsSync(copied('secrets.yaml'))).toBe(false);
  });

  test('does not wait for a password when its key is not accepted', () => {
    rmSync(join(root, 'ssh-key/id'));
    copyFileSync(join(far, 'other'), join(root, 'ssh-key/id'));
    chmodSync(join(root, 'ssh-key/id'), 0o400);

    const { status, stderr } = run();

    expect(status).toBe(4);
    expect(stderr).toContain('Permission denied (publickey)');
  });

  test('fails cleanly when nobody answers', () => {
    const { status, stderr } = run({ PORT: 1 });

    expect(status).toBe(4);
    expect(stderr).toContain('Connection refused');
  });

  test('cannot read the files of others without the one power that the pod has', () => {
    const { status, stderr } = run({}, '-all');

    expect(status).toBe(4);
    expect(stderr).toContain('Permission denied (13)');
    expect(existsSync(copied('secrets.yaml'))).toBe(false);
  });

  test('copies files that only their owner may read, on a root that cannot be written', () => {
    const { status, stdout, stderr } = run();

    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(stdout).toMatch(/local-path-backup: copied 1 volume\(s\) to keeper@127\.0\.0\.1:.*\/backup\/ in \d+ s\n$/);
    expect(readFileSync(copied('secrets.yaml'), 'utf8')).toBe('token');
    expect(statSync(copied('secrets.yaml')).mode & 0o777).toBe(0o600);
  });

  test('transfers nothing the second time', () => {
    run();

    const { status, stdout } = run();

    expect(status).toBe(0);
    expect(stdout).toContain('Number of regular files transferred: 0');
  });

  test('keeps in the copy what was deleted on the node', () => {
    put('old.db', 'kept');
    run();
    rmSync(join(root, VOLUME, 'old.db'));

    const { status } = run();

    expect(status).toBe(0);
    expect(readFileSync(copied('old.db'), 'utf8')).toBe('kept');
  });

  test('stays below its bandwidth limit', () => {
    put('noise', execFileSync('head', ['-c', String(2048 * 1024), '/dev/urandom'], { maxBuffer: 4 * 1024 * 1024 }));
    const start = performance.now();

    const { status } = run({ BANDWIDTH_LIMIT_KIB_PER_SECOND: 512 });

    expect(status).toBe(0);
    expect(performance.now() - start).toBeGreaterThan(3_000);
  });

  test('stops when its time is over, and leaves no half file in the copy', () => {
    put('noise', execFileSync('head', ['-c', String(2048 * 1024), '/dev/urandom'], { maxBuffer: 4 * 1024 * 1024 }));

    const { status, stderr } = run({ BANDWIDTH_LIMIT_KIB_PER_SECOND: 100, TIMEOUT_SECONDS: 2 });

    expect(status).toBe(4);
    expect(stderr).toContain('stopped, at the latest after 2 s');
    expect(existsSync(copied('noise'))).toBe(false);
  });
});
