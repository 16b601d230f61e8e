import { spawnSync } from 'node:child_process';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { BackupPod, POD_SCRIPTS } from '../../../support/backup-pod.js';
import { describeWith } from '../../../support/tools.js';

describeWith(['busybox', 'rsync', 'flock'], 'host.sh', () => {
  let pod: BackupPod;
  beforeEach(() => {
    pod = new BackupPod();
    pod.volume('pvc-1_home_ha', 3);
  });
  afterEach(() => pod.end());

  /** Runs these lines with the parts read in and the settings checked. */
  function run(lines: string, settings: Readonly<Record<string, string>> = {}) {
    const parts = ['finish', 'settings', 'host'].map((part) => `. ${join(POD_SCRIPTS, `${part}.sh`)}`).join('\n');
    const all = {
      PATH: pod.at('backup'),
      HOST: 'ultron',
      KNOWN_HOSTS: pod.at('known_hosts'),
      RUN_FOLDER: pod.at('run'),
      BANDWIDTH_LIMIT_KIB_PER_SECOND: '5000',
      ...settings,
    };
    const env = Object.fromEntries(Object.entries(all).map(([name, value]) => [`LOCAL_PATH_BACKUP_${name}`, value]));
    const text = `set -eu\n${parts}\ncheck_server_settings\ncheck_program_settings\nstart 20\n${lines}\nexit_by_finish() { finish 0 done; }\nexit_by_finish`;
    return spawnSync('busybox', ['sh', '-c', text], {
      env: { PATH: `${pod.at('bin')}:/usr/bin`, POD_HOME: pod.home, ...env },
      encoding: 'utf8',
    });
  }
  const printed = (lines: string, settings: Readonly<Record<string, string>> = {}): string =>
    run(lines, settings).stdout.split('\n')[0] ?? '';

  const SERVER = join(POD_SCRIPTS, '../server/selfheal-backup-server.sh');
  const PINNED = (known: string): string =>
    `-o BatchMode=yes -o StrictHostKeyChecking=yes -o UserKnownHostsFile=${known} -o GlobalKnownHostsFile=/dev/null` +
    ' -o UpdateHostKeys=no -o ConnectTimeout=30 -o ServerAliveInterval=15 -o ServerAliveCountMax=4';

  test('never asks ssh for anything but the pinned host key, and never for a password', () => {
    const known = pod.at('known_hosts');

    expect(printed('ssh_command')).toBe(`ssh -p 22 ${PINNED(known)}local-path-backup: done`);
    expect(printed('ssh_command', { KEY: '/ssh-key/id', PORT: '2222' })).toBe(
      `ssh -F none -p 2222 -i /ssh-key/id -o IdentitiesOnly=yes ${PINNED(known)}local-path-backup: done`,
    );
  });

  test("starts ssh through the host's linker", () => {
    const settings = {
      LINKER: '/host-lib/ld.so',
      LIBRARIES: '/host-lib:/host-usr/lib',
      RSYNC: '/u/rsync',
      SSH: '/u/ssh',
    };

    expect(printed('ssh_command', settings)).toMatch(
      /^\/host-lib\/ld\.so --library-path \/host-lib:\/host-usr\/lib \/u\/ssh -p 22 /,
    );
  });

  test('starts every rsync through it, with the limit', () => {
    pod.program('ld', '#!/bin/sh\nprintf "%s " "$@"\n');

    expect(
      printed('rsync_here 5 -a x y', { LINKER: pod.at('ld'), LIBRARIES: '/l', RSYNC: '/u/rsync', SSH: '/u/ssh' }),
    ).toContain('--library-path /l /u/rsync --bwlimit=5000 -a x y ');
  });

  test.each([
    [{ HOST: 'ultron' }, 'ultron'],
    [{ HOST: 'ultron', USER: 'keeper' }, 'keeper@ultron'],
    [{ HOST: '2001:db8::20', USER: 'keeper' }, 'keeper@[2001:db8::20]'],
    [{ HOST: '' }, 'here'],
  ])('names the machine of %j as rsync reads it', (settings, place) => {
    expect(printed('remote_place', settings)).toBe(`${place}local-path-backup: done`);
  });

  test('runs the server program right here where there is no other machine', () => {
    const settings = { HOST: '', SERVER };

    const list = run('server 10 list || printf "status %s\\n" $?', settings);
    const plan = run(
      `server_rsync 10 plan -rlptgo --specials -HAXSxz --numeric-ids -n --delete --out-format='%i %n' -- ${pod.at('storage')}/ "$(remote_place):."`,
      settings,
    );

    expect(list.stderr).toBe('');
    expect(list.stdout).toBe('local-path-backup: done\n');
    expect(plan.stderr).toContain('@protocol 1\n');
    expect(plan.stdout).toContain('+++++++++ pvc-1_home_ha/file-1\n');
    expect(pod.verbs).toEqual([]);
  });

  test('gives back the status and hands on the standard input of the server program', () => {
    pod.far('case "$*" in *" list") cat; exit 3 ;; esac');

    const { stdout } = run('server 10 list <"$LOCAL_PATH_BACKUP_KNOWN_HOSTS" || printf "status %s\\n" $?');

    expect(stdout).toBe('key\nstatus 3\nlocal-path-backup: done\n');
  });

  test('makes one connection for all, and ends it', async () => {
    const socket = createServer().listen(pod.at('run/ssh'));
    await new Promise((resolve) => socket.once('listening', resolve));

    const { stdout } = run('share_connection; server 10 list; close_connection', { USER: 'keeper' });

    socket.close();
    expect(stdout).toBe('local-path-backup: done\n');
    const calls = pod.read('ssh.log').trimEnd().split('\n');
    const shared = ` -o ControlMaster=auto -o ControlPath=${pod.at('run/ssh')} -o ControlPersist=30 `;
    expect(calls.filter((line) => line.includes(shared))).toHaveLength(2);
    expect(calls.at(-1)).toMatch(/ -O exit ultron$/);
  });

  test.each([
    [{ KNOWN_HOSTS: '' }, 'LOCAL_PATH_BACKUP_KNOWN_HOSTS'],
    [{ LINKER: '/ld.so' }, 'LOCAL_PATH_BACKUP_LIBRARIES'],
    [{ LINKER: '/ld.so', LIBRARIES: '/l' }, 'LOCAL_PATH_BACKUP_RSYNC'],
  ])('does not start without what %j needs', (settings, name) => {
    const { status, stderr } = run('ssh_command', settings);

    expect(status).toBe(1);
    expect(stderr).toContain(`${name}: expected`);
  });
});
