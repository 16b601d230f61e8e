/** Somebody who has the node's very key and none of our scripts: what is published stays what it is, and nothing else opens. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { describeWith } from '../support/tools.js';
import { BACKUP_TOOLS, BackedUpNode } from './backed-up-node.js';
import { ACCOUNT, SERVER } from './backup-site.js';
import { fingerprint, PLAIN } from './backup-tree.js';

const TOKEN = '0b1c7a52-13f2-4b4e-9d55-27a1f2a3c0de';
/** What the pod's own rsync asks for. */
const SEND_TREE = '--server -lHogtpAXrxSze.iLsfxCIvu --specials --numeric-ids --stats';
const TAKE_TREE = '--server --sender -lHogtpAXrSe.iLsfxCIvu --specials --numeric-ids';

describeWith([...BACKUP_TOOLS, 'ssh', 'scp', 'sftp'], 'a client with the key and bad intentions', () => {
  let node: BackedUpNode;
  let loot: string;
  let published: readonly string[];
  let before: readonly string[];

  beforeAll(async () => {
    node = await BackedUpNode.start();
    writeFileSync(join(node.pod.source, PLAIN, 'state-1.json'), 'of the second night');
    await node.backUp();
    published = node.site.snapshots();
    writeFileSync(join(node.site.home, 'account/private'), 'not for the node');
    loot = mkdtempSync(join(tmpdir(), 'loot-'));
    before = standing();
  });
  afterAll(async () => {
    await node.expectLastGood();
    await node?.destroy();
    rmSync(loot, { recursive: true });
  });
  afterEach(() => {
    expect(standing()).toEqual(before);
    expect(readdirSync(loot)).toEqual([]);
  });

  /** All that may not change: what was published, and what lies around the folder. */
  const standing = () => [
    ...published.flatMap((name) => fingerprint(join(node.site.path, 'snapshots', name))),
    ...fingerprint(join(node.site.home, 'account')),
    node.site.text('authorized'),
    readdirSync(node.site.path).join(' '),
  ];

  const options = () => [
    ...['-F', 'none', '-i', join(node.site.home, 'near'), '-o', 'IdentitiesOnly=yes', '-o', 'BatchMode=yes'],
    ...['-o', 'StrictHostKeyChecking=yes', '-o', `UserKnownHostsFile=${node.pod.root}/scripts/known_hosts`],
  ];
  const place = `${ACCOUNT.name}@${SERVER}`;
  const ssh = (...words: readonly string[]) =>
    node.site.lan.run('node', 'timeout', '10', 'ssh', ...options(), ...words);
  // All questions over one connection: what is refused is refused by the program.
  const shared = () => [
    '-o',
    'ControlMaster=auto',
    '-o',
    `ControlPath=${node.site.home}/shared`,
    '-o',
    'ControlPersist=20',
  ];
  const ask = (words: string) => ssh(...shared(), place, `selfheal-backup-server --folder ${node.site.path} ${words}`);
  const [older = () => '', newest = () => ''] = [() => node.site.snapshots()[0] ?? '', () => node.site.newest];

  describe('that wants more than the program', () => {
    test.each([
      ['a command', ['id']],
      ['a shell', []],
      ['a shell with a terminal', ['-tt']],
      ['a shell under the name of the program', ['selfheal-backup-server; id']],
      ['a shell by substitution', ['selfheal-backup-server $(id>&2)']],
      ['a shell by back quotes', ['selfheal-backup-server `id>&2`']],
      ['a second line', ['selfheal-backup-server list\nid']],
      ['a variable', ['FOLDER=/ selfheal-backup-server list']],
    ])('gets no answer to %s', (_, words) => {
      const flags = words.filter((word) => word.startsWith('-t'));

      const { status, stdout, stderr } = ssh(...flags, place, ...words.filter((word) => !word.startsWith('-t')));

      expect(status).not.toBe(0);
      expect(stdout + stderr).not.toContain('uid=');
      expect(stdout).not.toContain('$ ');
    });

    test('gets no files by sftp', () => {
      const { status } = node.site.lan.run(
        'node',
        'sftp',
        ...options(),
        `${place}:${node.site.home}/account/private`,
        loot,
      );

      expect(status).not.toBe(0);
    });

    test.each([['-O'], ['-s']])('gets and puts no files by scp %s', (form) => {
      const take = node.site.lan.run(
        'node',
        'scp',
        form,
        ...options(),
        `${place}:${node.site.home}/account/private`,
        loot,
      );
      const put = node.site.lan.run('node', 'scp', form, ...options(), '/etc/passwd', `${place}:${node.site.path}/`);

      expect([take.status, put.status]).not.toContain(0);
    });

    test('gets no way to another port of that machine', () => {
      const { status, stderr } = ssh('-W', '127.0.0.1:22', place);

      expect(status).not.toBe(0);
      expect(stderr).toContain('administratively prohibited');
    });

    test('gets no port there that leads back to it', () => {
      const { stderr } = ssh('-o', 'ExitOnForwardFailure=yes', '-R', '7777:127.0.0.1:22', place, 'x');

      expect(stderr).toContain('remote port forwarding failed');
    });

    test('is not let in from another address', () => {
      const { status, stderr } = node.site.lan.run('server', 'timeout', '10', 'ssh', ...options(), place, 'x');

      expect(status).toBe(255);
      expect(stderr).toContain('Permission denied');
    });
  });

  describe('that asks the program', () => {
    test.each([
      ['delete 2026-11-21T02-30-04Z'],
      ['remove'],
      ['retention'],
      ['prune'],
      ['bury snapshots x'],
      ['sweep snapshots'],
      ['prepare'],
      ['restore home/home-assistant latest /tmp/taken apply'],
      ['--snapshots 3 list'],
      ['--days 1 list'],
      ['--reserve-percent 1 list'],
      ['--folder / list'],
    ])('is refused: %s', (words) => {
      const { status, stdout, stderr } = ask(words);

      expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
      expect(stderr).toMatch(/^selfheal-backup-server: /m);
    });

    test('is not shown another folder', () => {
      const { status, stdout } = ssh(place, `selfheal-backup-server --folder ${node.site.home}/account list`);

      expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    });

    test.each([
      ['the parent', () => `send ${newest()} .. ${TAKE_TREE} . .`],
      ['a path', () => `send ${newest()} ${PLAIN}/../.. ${TAKE_TREE} . .`],
      ['a name that is a path', () => `send ../work ${PLAIN} ${TAKE_TREE} . .`],
      ['a path of its own', () => `send ${newest()} ${PLAIN} ${TAKE_TREE} . /etc`],
      ['files removed at their source', () => `send ${newest()} ${PLAIN} --remove-source-files ${TAKE_TREE} . .`],
      [
        'files removed at their source, later',
        () => `send ${newest()} ${PLAIN} ${TAKE_TREE} --remove-source-files . .`,
      ],
      ['a list of files', () => `send ${newest()} ${PLAIN} ${TAKE_TREE} --files-from=/etc/passwd . .`],
      ['links followed', () => `send ${newest()} ${PLAIN} ${TAKE_TREE.replace('-lH', '-lLH')} . .`],
      ['to write where it may read', () => `send ${newest()} ${PLAIN} ${SEND_TREE} . .`],
      ['the list of the parent', () => `manifest ${newest()} ..`],
      ['a snapshot that is a path', () => `verified ../../account private ok`],
      ['a volume that is a path', () => `verified ${newest()} ../snapshot ok`],
      ['two lines in a note', () => `verified ${newest()} ${PLAIN} ok\nid`],
    ])('is refused %s', (_, words) => {
      const { status, stdout, stderr } = ask(words());

      expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
      expect(stderr).toMatch(/^selfheal-backup-server: /m);
    });

    test.each([
      ...[
        '--delete',
        '--delete-after',
        '--inplace',
        '--append',
        '--write-devices',
        '--remove-source-files',
        '--existing',
      ],
      ...['--partial-dir=/tmp', '--temp-dir=/tmp', '--backup', '--backup-dir=../../snapshots', '--link-dest=/etc'],
      ...['--copy-dest=/etc', '--compare-dest=/etc', '--files-from=/etc/passwd', '--log-file=/tmp/x', '--daemon'],
      ...['--config=/tmp/x', '--rsh=sh', '--rsync-path=sh', '--copy-links', '--keep-dirlinks', '--copy-unsafe-links'],
      ...['--no-implied-dirs', '--relative', '--super', '--chmod=a+rwx', '--chown=root', '--devices', '--copy-devices'],
      ...[
        '--early-input=/etc/passwd',
        '--usermap=0:0',
        '--only-write-batch=x',
        '--write-batch=x',
        '-K',
        '-L',
        '--fake-super',
      ],
      ...[
        '--trust-sender',
        '--munge-links',
        '--iconv=.',
        '--temp-dir',
        '--max-alloc=0',
        '--mkpath',
        '--delete-missing-args',
      ],
    ])('is refused rsync with %s', (option) => {
      const { status, stdout, stderr } = ask(`receive ${TOKEN} ${newest()} 0 ${SEND_TREE} ${option} . .`);

      expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
      expect(stderr).toMatch(/^selfheal-backup-server: rsync: /m);
    });

    test.each([['. ..'], ['. ../../snapshots'], ['. /'], ['. . .'], ['. ./../x'], ['/ .'], ['.'], ['']])(
      'is refused rsync into the paths "%s"',
      (paths) => {
        const { status, stdout } = ask(`receive ${TOKEN} ${newest()} 0 ${SEND_TREE} ${paths}`);

        expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
      },
    );

    test('cannot publish what it did not send', () => {
      const { status, stderr } = ask(`publish ${TOKEN} -`);

      expect(status).toBe(3);
      expect(stderr).toContain(TOKEN);
    });

    test('cannot build on an older snapshot than the newest', () => {
      const { status } = ask(`receive ${TOKEN} ${older()} 0 ${SEND_TREE} . .`);

      expect(status).toBe(3);
    });
  });

  describe('that sends a tree made for harm', () => {
    let tree: string;

    beforeEach(() => {
      tree = mkdtempSync(join(tmpdir(), 'tree-'));
    });
    afterEach(() => {
      rmSync(tree, { recursive: true });
    });

    /** Our own call of rsync, with whatever else a client likes. */
    function send(words: readonly string[], from = `${tree}/`) {
      const receive = `selfheal-backup-server --folder ${node.site.path} receive ${TOKEN} ${newest()} 0`;
      const shell = ['ssh', ...options()].join(' ');
      const form = ['-rlptgo', '--specials', '-HAXSx', '--numeric-ids', '-e', shell, `--rsync-path=${receive}`];
      return node.site.lan.run('node', 'rsync', ...form, ...words, from, `${place}:.`);
    }
    const incoming = (...names: readonly string[]) => join(node.site.path, 'work/incoming/data', ...names);

    test('writes through no symlink: what it sends as one arrives as a plain file', () => {
      symlinkSync(join(node.site.path, 'snapshots'), join(tree, 'way out'));
      mkdirSync(join(tree, 'pvc-1_a_b'));
      symlinkSync('../../../../snapshots', join(tree, 'pvc-1_a_b/way out'));

      expect(send([]).status).toBe(0);
      expect(readFileSync(incoming('way out'), 'utf8')).toBe(join(node.site.path, 'snapshots'));
      rmSync(join(tree, 'pvc-1_a_b/way out'));
      mkdirSync(join(tree, 'pvc-1_a_b/way out'));
      writeFileSync(join(tree, 'pvc-1_a_b/way out/planted'), 'x');
      expect(send([]).status).toBe(0);

      expect(readFileSync(incoming('pvc-1_a_b/way out/planted'), 'utf8')).toBe('x');
    });

    test('changes no file of a snapshot by another content, mode or attribute under the same name, size and time', () => {
      mkdirSync(join(tree, PLAIN));
      for (const index of [2, 3, 4]) {
        const name = `state-${index}.json`;
        const from = join(node.pod.source, PLAIN, name);
        node.site.lan.run('node', 'cp', '-a', from, join(tree, PLAIN, name));
      }
      const at = (index: number) => join(tree, PLAIN, `state-${index}.json`);
      node.site.lan.run('node', 'chmod', '777', at(2));
      node.site.lan.run('node', 'setfattr', '-n', 'user.harm', '-v', 'done', at(3));
      node.site.lan.run('node', 'sh', '-c', 'printf "{\\"n\\": X}" >"$1" && touch -r "$2" "$1"', 'sh', at(4), at(2));

      expect(send([]).status).toBe(0);
    });

    test('cannot say what a file was that it is not: attributes of the store itself are not taken', () => {
      mkdirSync(join(tree, 'pvc-1_a_b'));
      writeFileSync(join(tree, 'pvc-1_a_b/file'), 'x');
      node.site.lan.run(
        'node',
        'setfattr',
        '-n',
        'user.rsync.%stat',
        '-v',
        '104755 0,0 0:0',
        join(tree, 'pvc-1_a_b/file'),
      );

      expect(send([]).status).toBe(0);

      const { stdout } = node.site.lan.run('node', 'getfattr', '-d', '-m', '-', incoming('pvc-1_a_b/file'));
      expect(stdout).not.toContain('104755 0,0 0:0');
    });

    test('pushes out nothing by sending many snapshots', async () => {
      node.site.authorize({ snapshots: 3, days: 30 });
      const [first] = node.site.snapshots();
      mkdirSync(join(tree, 'pvc-1_a_b'));
      for (let index = 0; index < 6; index++) {
        writeFileSync(join(tree, 'pvc-1_a_b/file'), `${index}`);
        expect(send([]).status).toBe(0);
        expect(ask(`publish ${TOKEN} -`).status).toBe(0);
      }

      expect(node.site.snapshots()).toHaveLength(8);
      expect(node.site.snapshots()[0]).toBe(first);
      for (const name of node.site.snapshots().slice(2))
        rmSync(join(node.site.path, 'snapshots', name), { recursive: true });
      node.site.authorize();
    });
  });
});
