import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { authorizedKeysLine, type KeyPlace, readPublicKey } from '../../../src/layers/backup/authorized-keys.js';
import { describeWith } from '../../support/tools.js';
import { BACKUP, mirror, whole } from './backups.js';

const KEY = BACKUP.to.hostKey;

function placeOf({ backup }: ReturnType<typeof whole>): KeyPlace {
  if (backup === null) throw new Error('cluster: expected a backup, got none');
  return backup;
}

describe('the public key', () => {
  test.each([
    [
      'a private key',
      `-----BEGIN OPENSSH ${'PRIVATE'} KEY-----\nb3BlbnNzaC1r\n`,
      'got a private key, which stays where it is',
    ],
    ['nothing', '', 'got 1 line(s) of something else (not shown)'],
    ['two keys', `${KEY}\n${KEY}\n`, 'got 2 line(s)'],
    ['options before it', `no-pty ${KEY}`, 'got 1 line(s)'],
    ['a type that is not known', KEY.replace('ed25519', 'dss'), 'got 1 line(s)'],
  ])('is not %s', (_, text, message) => {
    expect(() => readPublicKey(text)).toThrow(message);
    expect(() => readPublicKey(text)).not.toThrow(/b3BlbnNzaC1r|AAAAC3/);
  });

  test('is read without its comment', () => {
    expect(readPublicKey(`${KEY} me@laptop "quoted"\n`)).toBe(KEY);
  });
});

describe('the line of authorized_keys', () => {
  test('allows one command from one place and nothing else', () => {
    expect(authorizedKeysLine(placeOf(whole()), KEY, ['192.0.2.7'])).toBe(
      `restrict,from="192.0.2.7",command="/usr/local/bin/selfheal-backup-server --folder /copies/attic --snapshots 14 --days 30 --reserve-percent 10" ${KEY} selfheal:nightly`,
    );
  });

  test('may come from everywhere only when that is asked for', () => {
    expect(authorizedKeysLine(placeOf(whole()), KEY, [])).toMatch(/^restrict,command="/);
  });

  test('keeps days that are no whole ones rather longer', () => {
    const place = placeOf(whole({ keep: { snapshots: 5, within: '36h' } }));

    expect(authorizedKeysLine(place, KEY, [])).toContain(' --snapshots 5 --days 2 ');
  });

  test('of a folder with quotes, dollars and commas is one word for sshd and for the shell', () => {
    const path = `/a"b/$(touch\tgone)'c,d`;
    const place = placeOf(whole());
    const line = authorizedKeysLine({ ...place, to: { ...place.to, path } } as KeyPlace, KEY, []);
    // As sshd reads it: up to the first double quote that has no backslash before it.
    const command = /command="((?:\\"|[^"])*)"/.exec(line)?.[1]?.replaceAll('\\"', '"') ?? '';
    const words = execFileSync('sh', ['-c', command.replace(/^\S+/, `printf '%s\\n'`)], { encoding: 'utf8' });

    expect(words.split('\n').slice(0, 2)).toEqual(['--folder', path]);
  });
});

describeWith(['rsync', 'rrsync'], 'the line of the mirror', () => {
  let home = '';
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'mirror-key-'));
    for (const folder of ['source', 'copy']) mkdirSync(join(home, folder));
    writeFileSync(join(home, 'source/new'), 'new');
    writeFileSync(join(home, 'copy/old'), 'old');
  });
  afterEach(() => rmSync(home, { recursive: true }));

  /** rsync as mirror.sh starts it, with ssh replaced by what sshd does with a forced command. */
  function rsync(...args: readonly string[]) {
    const place = placeOf(mirror());
    const line = authorizedKeysLine({ ...place, to: { ...place.to, path: join(home, 'copy') } } as KeyPlace, KEY, []);
    const command = /command="((?:\\"|[^"])*)"/.exec(line)?.[1]?.replaceAll('\\"', '"') ?? '';
    writeFileSync(join(home, 'command'), command);
    writeFileSync(
      join(home, 'ssh'),
      `#!/bin/sh\nshift\nSSH_ORIGINAL_COMMAND="$*" exec sh -c "$(cat '${home}/command')"\n`,
    );
    chmodSync(join(home, 'ssh'), 0o755);
    return spawnSync('rsync', ['-e', join(home, 'ssh'), ...args], { encoding: 'utf8' });
  }

  test('refuses to read, and to delete', () => {
    expect(rsync('-a', `far:${home}/copy/`, `${home}/source/`).status).not.toBe(0);
    expect(rsync('-az', '--delete', `${home}/source/`, `far:${home}/copy/`).status).not.toBe(0);
    expect(readdirSync(join(home, 'copy'))).toEqual(['old']);
    expect(readdirSync(join(home, 'source'))).toEqual(['new']);
  });

  test('refuses another command, and another folder', () => {
    const other = join(home, 'elsewhere');
    mkdirSync(other);

    rsync('-az', `${home}/source/`, `far:${other}/`);

    expect(readdirSync(other)).toEqual([]);
    expect(spawnSync('sh', ['-c', `exec '${home}/ssh' far rm -rf '${home}/copy'`]).status).not.toBe(0);
    expect(readFileSync(join(home, 'copy/old'), 'utf8')).toBe('old');
  });

  test('takes the copy that the pod makes', () => {
    const { status, stderr } = rsync(
      '-az',
      '--stats',
      '--bwlimit=5000',
      '--timeout=300',
      '--',
      `${home}/source/`,
      `far:${home}/copy/`,
    );

    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(readdirSync(join(home, 'copy')).sort()).toEqual(['new', 'old']);
  });
});
