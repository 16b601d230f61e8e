/** Runs the real script under Alpine's shell with stubs for what it finds on the host. */
import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { describeWith } from '../../../support/tools.js';

const SCRIPTS = fileURLToPath(new URL('../../../../src/layers/backup/scripts/pod', import.meta.url));
const SCRIPT = join(SCRIPTS, 'mirror.sh');
const REQUIRED = [
  'SOURCE',
  'USER',
  'HOST',
  'PORT',
  'PATH',
  'BANDWIDTH_LIMIT_KIB_PER_SECOND',
  'TIMEOUT_SECONDS',
  'LINKER',
  'LIBRARIES',
  'RSYNC',
  'SSH',
  'KEY',
  'KNOWN_HOSTS',
];

let home = '';
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'backup-'));
  for (const folder of ['bin', 'storage', 'storage/pvc-1_home_ha', 'storage/pvc-2_home_mqtt']) mkdirSync(at(folder));
  for (const file of ['rsync', 'ssh']) program(file, 'exit 99');
  for (const file of ['id', 'known_hosts']) writeFileSync(at(file), 'key\n');
  linker('exit 0');
});
afterEach(() => rmSync(home, { recursive: true }));

const at = (name: string): string => join(home, name);

function program(name: string, body: string): void {
  writeFileSync(at(name), `#!/bin/sh\n${body}\n`);
  chmodSync(at(name), 0o755);
}

function inStorage(make: (path: string) => void): void {
  mkdirSync(at('storage'));
  make(at('storage/pvc-1'));
}

/** The dynamic linker gets the whole command line of rsync. */
const linker = (body: string) => program('ld', `printf '%s\\n' "$@" >'${at('argv')}'\n${body}`);

const argv = (): string[] | undefined =>
  existsSync(at('argv')) ? readFileSync(at('argv'), 'utf8').trimEnd().split('\n') : undefined;

function settings(changed: Readonly<Record<string, string | undefined>> = {}): Record<string, string> {
  const all = {
    SOURCE: at('storage'),
    USER: 'victor',
    HOST: '10.0.1.11',
    PORT: '22',
    PATH: '/backup/local-path',
    BANDWIDTH_LIMIT_KIB_PER_SECOND: '5000',
    TIMEOUT_SECONDS: '30',
    LINKER: at('ld'),
    LIBRARIES: '/host-lib:/host-usr/lib/x',
    RSYNC: at('rsync'),
    SSH: at('ssh'),
    KEY: at('id'),
    KNOWN_HOSTS: at('known_hosts'),
    ...changed,
  };
  return Object.fromEntries(
    Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [[`LOCAL_PATH_BACKUP_${name}`, value]])),
  );
}

function run(changed: Readonly<Record<string, string | undefined>> = {}) {
  const busybox = spawnSync('sh', ['-c', 'command -v busybox'], { encoding: 'utf8' }).stdout.trim();
  if (!existsSync(at('bin/timeout'))) symlinkSync(busybox, at('bin/timeout'));
  const { status, stdout, stderr } = spawnSync(busybox, ['sh', SCRIPT], {
    env: { PATH: at('bin'), HOME: home, LOCAL_PATH_BACKUP_SCRIPTS: SCRIPTS, ...settings(changed) },
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

describeWith(['busybox'], 'mirror.sh under busybox', () => {
  describe('settings', () => {
    test.each(REQUIRED)('copies nothing without LOCAL_PATH_BACKUP_%s', (name) => {
      const unset = run({ [name]: undefined });
      const empty = run({ [name]: '' });

      for (const { status, stderr } of [unset, empty]) {
        expect(status).toBe(1);
        expect(stderr).toContain(`LOCAL_PATH_BACKUP_${name}: expected`);
      }
      expect(argv()).toBeUndefined();
    });

    test.each([
      ['BANDWIDTH_LIMIT_KIB_PER_SECOND', '0', 'a whole number from 1'], // rsync takes it for "no limit"
      ['BANDWIDTH_LIMIT_KIB_PER_SECOND', '05', 'a whole number from 1'],
      ['BANDWIDTH_LIMIT_KIB_PER_SECOND', '5m', 'a whole number from 1'],
      ['PORT', '22;true', 'a whole number from 1'],
      ['TIMEOUT_SECONDS', '-1', 'a whole number from 1'],
      ['SOURCE', '/', 'an absolute path below /'],
      ['SOURCE', '//', 'an absolute path below /'],
      ['SOURCE', 'storage', 'an absolute path below /'],
      ['PATH', '/', 'an absolute path below /'],
      ['PATH', 'backup', 'an absolute path below /'],
      ['PATH', '/two words', 'one word'],
      ['KEY', '/ssh-key/my id', 'one word'],
      ['SSH', "/host'usr/ssh", 'one word'],
      ['USER', '-oProxyCommand=x', 'one word'],
    ])('refuses %s=%j', (name, value, expected) => {
      const { status, stderr } = run({ [name]: value });

      expect(status).toBe(1);
      expect(stderr).toBe(`local-path-backup: LOCAL_PATH_BACKUP_${name}: expected ${expected}, got "${value}"\n`);
      expect(argv()).toBeUndefined();
    });
  });

  describe('source', () => {
    test.each<[string, () => void]>([
      ['is missing', () => {}],
      ['is a file', () => writeFileSync(at('storage'), '')],
      ['is empty, like a disk that is not mounted', () => mkdirSync(at('storage'))],
      ['is a fresh disk', () => mkdirSync(at('storage/lost+found'), { recursive: true })],
      ['is another folder', () => mkdirSync(at('storage/bin'), { recursive: true })],
      ['has a file where volumes should be', () => inStorage((path) => writeFileSync(path, ''))],
      ['has only links', () => inStorage((path) => symlinkSync('/etc', path))],
    ])('is refused when it %s, and nothing is copied', (_, arrange) => {
      rmSync(at('storage'), { recursive: true });
      arrange();

      const { status, stderr } = run();

      expect(status).toBe(2);
      expect(stderr).toContain('expected folders of volumes (*pvc-*), got none; nothing was copied');
      expect(argv()).toBeUndefined();
    });
  });

  describe('programs and keys', () => {
    test.each(['ld', 'rsync', 'ssh'])('copies nothing when %s is not on the node', (name) => {
      rmSync(at(name));

      const { status, stderr } = run();

      expect(status).toBe(2);
      expect(stderr).toContain(`program '${at(name)}': expected on the node`);
      expect(argv()).toBeUndefined();
    });

    test.each(['id', 'known_hosts'])('copies nothing when %s is missing or empty', (name) => {
      writeFileSync(at(name), '');
      const empty = run();
      rmSync(at(name));
      const missing = run();

      expect([empty.status, missing.status]).toEqual([2, 2]);
      expect(missing.stderr).toContain(`file '${at(name)}': expected a key, got nothing`);
      expect(argv()).toBeUndefined();
    });
  });

  describe('copy', () => {
    test('never deletes on the other machine', () => {
      run();

      expect(argv()?.filter((word) => word.includes('del'))).toEqual([]);
    });

    test('is exactly this command', () => {
      run();

      expect(argv()).toEqual([
        '--library-path',
        '/host-lib:/host-usr/lib/x',
        at('rsync'),
        '--bwlimit=5000',
        '-az',
        '--stats',
        '--timeout=300',
        '-e',
        `${at('ld')} --library-path /host-lib:/host-usr/lib/x ${at('ssh')} -F none -p 22 -i ${at('id')}` +
          ' -o IdentitiesOnly=yes -o BatchMode=yes -o StrictHostKeyChecking=yes' +
          ` -o UserKnownHostsFile=${at('known_hosts')} -o GlobalKnownHostsFile=/dev/null -o UpdateHostKeys=no` +
          ' -o ConnectTimeout=30 -o ServerAliveInterval=15 -o ServerAliveCountMax=4',
        '--',
        `${at('storage')}/`,
        'victor@10.0.1.11:/backup/local-path/',
      ]);
    });

    test('writes an IPv6 address as rsync reads it', () => {
      run({ HOST: '2001:db8::20', PORT: '2222' });

      expect(argv()?.at(-1)).toBe('victor@[2001:db8::20]:/backup/local-path/');
    });

    test('ends with one line that says what was done', () => {
      linker("printf 'Number of files: 6,016\\n'");

      const { status, stdout, stderr } = run();

      expect(status).toBe(0);
      expect(stderr).toBe('');
      expect(stdout).toMatch(
        /^Number of files: 6,016\nlocal-path-backup: copied 2 volume\(s\) to victor@10\.0\.1\.11:\/backup\/local-path\/ in \d s\n$/,
      );
    });

    test('counts as done when files were deleted while they were read', () => {
      linker('exit 24');

      const { status, stdout } = run();

      expect(status).toBe(0);
      expect(stdout).toContain('some files were deleted while they were read');
    });

    test.each([
      [255, 'no SSH connection (rsync status 255), or the host key is not the pinned one'],
      [23, 'rsync status 23'],
      [12, 'no SSH connection (rsync status 12), or the host key is not the pinned one'],
      [30, 'rsync status 30'],
      [20, 'stopped, at the latest after 30 s (status 20)'],
    ])('fails when rsync ends with %i', (rsync, reason) => {
      linker(`exit ${rsync}`);

      const { status, stdout, stderr } = run();

      expect(status).toBe(4);
      expect(stdout).toBe('');
      expect(stderr).toContain('failed 2 volume(s) to victor@10.0.1.11:/backup/local-path/');
      expect(stderr).toContain(reason);
    });

    test('is stopped when it takes longer than it may', () => {
      linker('exec /bin/sleep 60');

      const { status, stderr } = run({ TIMEOUT_SECONDS: '1' });

      expect(status).toBe(4);
      expect(stderr).toContain('stopped, at the latest after 1 s');
    });

    test('is stopped at once when its pod is', async () => {
      linker('exec /bin/sleep 60');
      const child = start();
      await until(() => argv() !== undefined);
      const began = performance.now();

      child.kill('SIGTERM');
      const status = await new Promise((resolve) => child.on('exit', resolve));

      expect(status).toBe(4);
      expect(performance.now() - began).toBeLessThan(5_000);
    });
  });
});

function start() {
  return spawn('busybox', ['sh', SCRIPT], {
    env: { PATH: `${at('bin')}:${process.env.PATH}`, HOME: home, LOCAL_PATH_BACKUP_SCRIPTS: SCRIPTS, ...settings() },
    stdio: 'ignore',
  });
}

async function until(holds: () => boolean): Promise<void> {
  for (let attempt = 0; attempt < 500 && !holds(); attempt++) await new Promise((resolve) => setTimeout(resolve, 10));
}
