/** A client with the key and no good will: what it can ask for, word by word and with an rsync of its own. */
import { existsSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { describeWith } from '../../../support/tools.js';
import { describeInEachShell, FarSide, KEEP, READ, TOKEN, TOOLS } from './far-side.js';

const HA = 'pvc-1_home_ha';
const RECEIVE = '--server -lHogtpAXrxSze.iLsfxCIvu --specials --numeric-ids . .';
const DRY = RECEIVE.replace('-l', '-nl');
const SEND = '--server --sender -lHogtpAXrSe.iLsfxCIvu --specials --numeric-ids . .';

describeInEachShell('a hostile client', (shell) => {
  let far: FarSide;
  let name = '';
  // Once for all: whatever is refused leaves everything as it was.
  beforeAll(() => {
    far = new FarSide({ shell });
    far.write(`${HA}/file`, 'text\n');
    name = far.backUp();
  });
  afterAll(() => far.remove());

  /** What stands on the disk: nothing that a client asks for may change it. */
  const everything = (): readonly string[] =>
    readdirSync(far.home, { recursive: true, encoding: 'utf8' })
      .filter((path) => !path.startsWith('source'))
      .sort();

  test.each([
    ['a plain command', 'rm -rf /'],
    ['a shell', ''],
    ['rsync itself', `rsync ${SEND.replace('. .', '. /')}`],
    ['two commands', 'selfheal-backup-server list; touch pwned'],
    ['a substitution', 'selfheal-backup-server $(touch pwned)'],
    ['backquotes', 'selfheal-backup-server `touch pwned`'],
    ['a second line', 'selfheal-backup-server list\ntouch pwned'],
    ['a redirection', 'selfheal-backup-server list >pwned'],
    ['quotes', 'selfheal-backup-server "list"'],
    ['a backslash', 'selfheal-backup-server li\\st'],
    ['patterns', 'selfheal-backup-server manifest * *'],
    ['letters beyond ASCII', 'selfheal-backup-server lïst'],
    ['a program of another name', '/bin/sh-selfheal-backup-server list'],
    ['no verb', 'selfheal-backup-server'],
    ['a verb that deletes', `selfheal-backup-server delete NAME`],
    ['the verb of who is logged in', 'selfheal-backup-server prepare'],
    ['a restore, which is for who is logged in', 'selfheal-backup-server restore home/ha latest /tmp/x apply'],
    ['a part of the program', 'selfheal-backup-server retention'],
    ['a function of the program', 'selfheal-backup-server bury snapshots x'],
    ["somebody else's folder", 'selfheal-backup-server --folder /home/other list'],
    ['a folder above', 'selfheal-backup-server --folder FOLDER/.. list'],
    ['the same folder in other words', 'selfheal-backup-server --folder FOLDER/ list'],
    ['its own count of snapshots', 'selfheal-backup-server --snapshots 3 list'],
    ['its own days', 'selfheal-backup-server --folder FOLDER --days 1 list'],
    ['its own reserve', 'selfheal-backup-server --reserve-percent 1 list'],
    ['too few words', 'selfheal-backup-server manifest NAME'],
    ['too many words', `selfheal-backup-server list ${TOKEN}`],
    ['a name with a way out', `selfheal-backup-server manifest ../work ${HA}`],
    ['a name of no snapshot', `selfheal-backup-server manifest 2026-11-21T02-30-04Z-a ${HA}`],
    ['a volume with a way out', 'selfheal-backup-server manifest NAME ../../..'],
    ['a volume that is a path', `selfheal-backup-server manifest NAME ${HA}/file`],
    ['a volume that is an option', 'selfheal-backup-server manifest NAME -x'],
    ['a volume that is the folder itself', 'selfheal-backup-server manifest NAME .'],
    ['a verdict of its own', `selfheal-backup-server verified NAME ${HA} perfect`],
    ['a verdict on what is elsewhere', 'selfheal-backup-server verified NAME ../manifest ok'],
    ['a long story', `selfheal-backup-server verified NAME ${HA} ok ${'a'.repeat(301)}`],
    ['a size that is a sum', 'selfheal-backup-server pick 1+1'],
    ['a size beyond all numbers', 'selfheal-backup-server pick 99999999999999999999'],
    ['a token that is a path', `selfheal-backup-server publish ../../../../../etc/passwd/00000000000 -`],
    ['a short token', 'selfheal-backup-server publish 0123 -'],
    ['a count that is none', `selfheal-backup-server publish ${TOKEN} many`],
    ['a state that is none', `selfheal-backup-server publish ${TOKEN} - 0123`],
    ['a base with a way out', `selfheal-backup-server receive ${TOKEN} ../.. 0 ${RECEIVE}`],
    ['data outside', `selfheal-backup-server send NAME ../../.. ${SEND}`],
    ['data outside by its path', `selfheal-backup-server send NAME ${HA} ${SEND.replace('. .', '. /etc/')}`],
  ])('is refused %s', (_what, command) => {
    const before = everything();

    const { status, stdout, stderr } = far.ask(command.replaceAll('NAME', name).replaceAll('FOLDER', far.folder));

    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(/^@refused 1\nselfheal-backup-server: [^\n]*expected [^\n]*\n$/);
    expect(everything()).toEqual(before);
    expect(existsSync('pwned')).toBe(false);
  });

  test.each([
    ['receive', '--inplace'],
    ['receive', '--append'],
    ['receive', '--remove-source-files'],
    ['receive', '--delete'],
    ['receive', '--delete-during'],
    ['receive', '--delete-excluded'],
    ['receive', '--link-dest=/etc'],
    ['receive', '--compare-dest=..'],
    ['receive', '--copy-dest=..'],
    ['receive', '--backup-dir=/tmp'],
    ['receive', '--temp-dir=/tmp'],
    ['receive', '--partial-dir=/tmp'],
    ['receive', '--log-file=/tmp/x'],
    ['receive', '--log-format=%n'],
    ['receive', '--fake-super'],
    ['receive', '--super'],
    ['receive', '--no-fake-super'],
    ['receive', '--usermap=*:root'],
    ['receive', '--chmod=777'],
    ['receive', '--copy-as=root'],
    ['receive', '--files-from=/etc/passwd'],
    ['receive', '--daemon'],
    ['receive', '--config=/tmp/x'],
    ['receive', '--rsync-path=x'],
    ['receive', '--timeout=x'],
    ['receive', '--bwlimit=../x'],
    ['receive', '--compress-choice=/x'],
    ['receive', '--keep-dirlinks'],
    ['receive', '--sender'],
    ['receive', '--write-devices'],
    ['receive', '--trust-sender'],
    ['receive', '-x'],
    ['receive', '-M--fake-super'],
    ['receive', '--'],
    ['receive', 'file'],
    ['send', '--remove-source-files'],
    ['send', '--copy-links'],
    ['send', '--delete'],
    ['send', '--files-from=/etc/passwd'],
    ['plan', '--inplace'],
    ['plan', '--remove-source-files'],
    ['settle', '--link-dest=..'],
  ])('is refused the option of %s: %s', (verb, option) => {
    const before = everything();
    const words = {
      receive: `receive ${TOKEN} ${name} 0 ${RECEIVE}`,
      send: `send ${name} ${HA} ${SEND}`,
      plan: `plan ${DRY}`,
      settle: `settle ${TOKEN} ${DRY}`,
    }[verb];
    expect(words).toBeDefined();

    const { status, stdout, stderr } = far.verb(`${words}`.replace('--specials', `${option} --specials`));

    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    // What has letters of patterns or of maps does not even come so far.
    expect(stderr).toMatch(/@refused 1\nselfheal-backup-server: (rsync|command): expected /);
    expect(everything()).toEqual(before);
  });

  test.each([
    ['a letter that is missing', RECEIVE.replace('X', '')],
    ['a letter that is not for backups: -L follows symlinks', RECEIVE.replace('z', 'zL')],
    ['a letter that is not for backups: -K follows symlinks', RECEIVE.replace('z', 'zK')],
    ['a letter that is not for backups: -b', RECEIVE.replace('z', 'zb')],
    ['a letter that is not for backups: -D makes devices', RECEIVE.replace('z', 'zD')],
    ['a letter that is not for backups: -u', RECEIVE.replace('z', 'zu')],
    ['a letter twice: -xx means something else', RECEIVE.replace('z', 'zx')],
    ['arguments that come later (-s)', RECEIVE.replace('z', 'zs')],
    ['a dry run that was not asked for', DRY],
    ['no letters', RECEIVE.replace(/-l\S+ /, '')],
    ['letters without capabilities', RECEIVE.replace('e.iLsfxCIvu', '')],
    ['capabilities with a path', RECEIVE.replace('e.iLsfxCIvu', 'e./etc')],
    ['a path', RECEIVE.replace('. .', '. /etc/')],
    ['a path above', RECEIVE.replace('. .', '. ..')],
    ['two paths', RECEIVE.replace('. .', '. . .')],
    ['no path', RECEIVE.replace(' . .', ' .')],
    ['to send, not to receive', RECEIVE.replace('--server', '--server --sender')],
    ['no half of a server', RECEIVE.replace('--server ', '')],
    ['owners by name', RECEIVE.replace(' --numeric-ids', '')],
  ])('is refused %s', (_what, words) => {
    const before = everything();

    const { status, stdout, stderr } = far.verb(`receive ${TOKEN} ${name} 0 ${words}`);

    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(/^@refused 1\nselfheal-backup-server: rsync: expected /);
    expect(everything()).toEqual(before);
  });

  test('is refused a plan that is no dry run', () => {
    expect(far.verb(`plan ${RECEIVE}`).stderr).toContain('rsync: expected the letter n');
    expect(far.verb(`settle ${TOKEN} ${RECEIVE}`).stderr).toContain('rsync: expected the letter n');
  });

  test('cannot say of one volume what it was not told to say', () => {
    far.receive();

    const { status, stderr } = far.verb(`publish ${TOKEN} -`, `volume 1 fine ${HA}\n`);

    expect(status).toBe(1);
    expect(stderr).toContain('expected quiet, hook, changing or unknown');
    expect(far.snapshots()).toEqual([name]);
  });
});

describeWith(TOOLS, 'a hostile client with its own rsync', () => {
  let far: FarSide;
  let name = '';
  beforeEach(() => {
    far = new FarSide({ options: ['--snapshots', '3'] });
    far.write(`${HA}/file`, 'text\n');
    name = far.backUp();
  });
  afterEach(() => far.remove());

  test('cannot write through a symlink that it sent before', () => {
    const outside = join(far.home, 'scratch');
    symlinkSync(outside, join(far.source, 'way'));
    far.backUp();
    mkdirSync(join(far.source, '../other/way'), { recursive: true });
    writeFileSync(join(far.source, '../other/way/in'), 'in\n');

    far.rsync(`receive ${TOKEN} ${far.newest()} 0`, KEEP, `${join(far.source, '../other')}/`, 'far:.');

    expect(readdirSync(outside)).toEqual([]);
  });

  test('cannot read through a symlink that it sent before', () => {
    symlinkSync('/etc', join(far.source, HA, 'way'));
    symlinkSync('/etc', join(far.source, 'pvc-9_x_y'));
    const second = far.backUp();

    expect(far.verb(`send ${second} pvc-9_x_y ${SEND}`)).toMatchObject({ status: 2, stdout: '' });
    const { status } = far.rsync(`send ${second} ${HA}`, READ, 'far:.', `${far.home}/scratch/`);

    expect(status).toBe(0);
    expect(readdirSync(join(far.home, 'scratch'))).toEqual(['file', 'way']);
    expect(existsSync(join(far.home, 'scratch/way/passwd'))).toBe(true);
  });

  test('cannot change or empty a snapshot by what it sends next', () => {
    const before = far.read('snapshots', name, 'manifest');
    far.write(`${HA}/file`, 'TEXT\n');
    far.receive();
    far.verb(`publish ${TOKEN} -`);

    expect(far.read('snapshots', name, 'data', HA, 'file')).toBe('text\n');
    expect(far.verb(`manifest ${name} ${HA}`).stdout).toContain(before.split('\n').at(-2)?.split('\t')[0] ?? 'none');
  });

  test('cannot push out what is younger than the days by many snapshots', () => {
    for (let i = 0; i < 4; i++) far.backUp();

    expect(far.snapshots()).toContain(name);
  });

  test('cannot leave a program on the disk that runs as the account', () => {
    far.write(`${HA}/setuid`, '#!/bin/sh\n');

    const { status } = far.receive({ options: ['--chmod=F4777'] });

    expect(status).toBe(0);
    expect(statSync(far.at('work/incoming/data', HA, 'setuid')).mode & 0o7000).toBe(0);
  });
});
