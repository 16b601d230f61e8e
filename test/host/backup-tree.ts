/** Volumes as hard to copy as any, and what two folders must have in common to be the same, seen without rsync. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  closeSync,
  lchownSync,
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';

export const HARD = 'pvc-0b1c7a52-13f2-4b4e-9d55-27a1f2a3c001_home_home-assistant';
export const PLAIN = 'pvc-6f0e9a11-8d0c-4f7a-8a43-90b2c7d4e002_home_zigbee2mqtt';

/** Names that some shell, some list or some log takes for something else. */
const NAMES = [
  'two\nlines',
  'ends with a newline\n',
  'tab\tbetween',
  'back\\slash',
  '\\#012',
  '-rf',
  '--delete',
  ' blanks at both ends ',
  'größe 日本語.db',
  Buffer.from([0x6c, 0x61, 0x74, 0xff, 0xfe, 0x6e]),
  '*',
  '$(touch pwned)',
  'it\'s "quoted"',
  'a -> b',
  '%i %n',
  ':colon',
  '.hidden',
  'x'.repeat(255),
];

/** A volume whose every file is a reason of its own to copy it wrongly; one more, of the usual kind. */
export function plant(source: string): void {
  const at = (...names: readonly string[]) => join(source, HARD, ...names);
  mkdirSync(at());
  NAMES.forEach((name, index) => {
    const path = Buffer.concat([Buffer.from(`${at()}/`), Buffer.from(name)]);
    writeFileSync(path, `content ${index}`);
    utimesSync(path, 1_700_000_000 + index, 1_700_000_000.123456 + index);
  });
  writeFileSync(at('noise.db'), noise(300));
  writeFileSync(at('empty'), '');
  owners(at());
  for (const folder of ['nothing in it', 'deep/er/still nothing in it', 'linked'])
    mkdirSync(at(folder), { recursive: true });
  chmodSync(at('deep/er'), 0o700);
  sparse(at('sparse.img'));
  linkSync(at('noise.db'), at('linked/the same noise.db'));
  linkSync(at('noise.db'), at('-the same again'));
  symlinkSync('/etc/shadow', at('to a file outside'));
  symlinkSync('../../../../../../etc', at('to a folder outside'));
  symlinkSync(join('..', PLAIN), at('to another volume'));
  symlinkSync('nowhere\nat all', at('to nothing'));
  lchownSync(at('to nothing'), 4242, 4243);
  lutimesSync(at('to nothing'), 1_500_000_000, 1_500_000_000);
  must('mkfifo', '-m', '0620', at('pipe'));
  must('setfattr', '-n', 'user.comment', '-v', '0x00ff0a', at('noise.db'));
  must('setfattr', '-n', 'user.on.folder', '-v', 'yes', at('linked'));
  must('setfattr', '-n', 'security.capability', '-v', '0x0100000200040000000000000000000000000000', at('ping'));
  must('setfacl', '-m', 'u:4321:rw,g:4322:r,m::rw', at('secrets.yaml'));
  must('setfacl', '-m', 'd:u:4321:rwx,d:o::-', at('deep'));
  utimesSync(at('empty'), 0, 0);
  utimesSync(at('deep'), 4_200_000_000, 4_200_000_000);
  chownSync(at(), 1883, 1884);
  chmodSync(at(), 0o2775);
  plantPlain(join(source, PLAIN));
}

function owners(volume: string): void {
  for (const [name, mode, owner] of [
    ['secrets.yaml', 0o600, 1883],
    ['readable by nobody', 0o000, 1883],
    ['suid', 0o4755, 0],
    ['sgid', 0o2711, 999],
    ['ping', 0o755, 0],
    ['of the highest user', 0o640, 4_294_967_294],
  ] as const) {
    writeFileSync(join(volume, name), `of ${owner}`);
    chownSync(join(volume, name), owner, owner);
    chmodSync(join(volume, name), mode);
  }
  mkdirSync(join(volume, 'sticky'));
  chmodSync(join(volume, 'sticky'), 0o1777);
}

function plantPlain(volume: string): void {
  mkdirSync(volume);
  for (let index = 0; index < 30; index++) writeFileSync(join(volume, `state-${index}.json`), `{"n": ${index}}`);
}

/** 8 MiB of which 8 KiB are on the disk. */
function sparse(path: string): void {
  writeFileSync(path, '');
  truncateSync(path, 8 << 20);
  const file = openSync(path, 'r+');
  writeSync(file, noise(4), 0, 4096, 0);
  writeSync(file, noise(4), 0, 4096, 5 << 20);
  closeSync(file);
}

/** So many KiB that no program can make smaller. */
export const noise = (kibibytes: number): Buffer =>
  spawnSync('head', ['-c', `${kibibytes * 1024}`, '/dev/urandom'], { maxBuffer: 1 << 30 }).stdout;

/** Everything that a program can see of a folder and what is in it, but for inodes and the time of the last change. */
export function fingerprint(folder: string): readonly string[] {
  const links = new Map<number, string>();
  const lines: string[] = [];
  // A byte a character: a name need not be text.
  const walk = (name: string): void => {
    const path = Buffer.from(`${folder}/${name}`, 'latin1');
    const { mode, uid, gid, size, mtimeNs, ino, nlink, blocks } = lstatSync(path, { bigint: true });
    const kind = Number(mode) & 0o170000;
    const same =
      kind !== 0o040000 && nlink > 1n ? (links.get(Number(ino)) ?? links.set(Number(ino), name).get(Number(ino))) : '-';
    const holes = kind === 0o100000 && blocks * 512n < size / 2n ? 'sparse' : 'full';
    const content =
      kind === 0o100000
        ? createHash('sha256').update(readFileSync(path)).digest('hex')
        : kind === 0o120000
          ? JSON.stringify(readlinkSync(path, 'latin1'))
          : '-';
    const length = kind === 0o040000 ? '-' : size;
    lines.push(
      [JSON.stringify(name), mode.toString(8), uid, gid, length, mtimeNs, JSON.stringify(same), holes, content].join(
        ' ',
      ),
    );
    if (kind === 0o040000) for (const entry of readdirSync(path, 'latin1').sort()) walk(`${name}/${entry}`);
  };
  walk('.');
  return [...lines, ...attributes(folder)];
}

/** ACLs are attributes too, of the system's. */
function attributes(folder: string): readonly string[] {
  const { stdout } = spawnSync('getfattr', ['-R', '-P', '-h', '-d', '-m', '-', '-e', 'hex', '.'], {
    cwd: folder,
    encoding: 'latin1',
  });
  return stdout
    .split('\n\n')
    .filter((block) => block !== '')
    .map((block) => block.split('\n').sort().join(' '))
    .sort();
}

function must(...command: readonly string[]): void {
  const [program = '', ...words] = command;
  const { status, stderr } = spawnSync(program, words, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command.join(' ')}: expected status 0, got ${status}: ${stderr}`);
}
