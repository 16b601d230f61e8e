/** `selfheal backup-server`: what prepares the machine that receives the backups. */
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { show } from '../cluster/parse/issue.js';
import { OperatorError } from '../errors.js';
import { authorizedKeysLine, type KeyPlace, readPublicKey } from '../layers/backup/authorized-keys.js';
import { installScript } from '../layers/backup/install-script.js';
import type { Command, Io } from './command.js';
import { findBackup, offsiteOf } from './described-backup.js';
import { readFlags } from './flags.js';

const FLAGS = {
  key: { type: 'string' },
  line: { type: 'boolean' },
  from: { type: 'string' },
  offsite: { type: 'boolean' },
  cluster: { type: 'string' },
  clusters: { type: 'string' },
} as const;

export const backupServer: Command = {
  help: `Usage: selfheal backup-server --key FILE [--line] [--from ADDRESS[,ADDRESS]] [place]

Prints a shell script for the machine that receives the backups. Run there as root, it makes the account and the folder
of the description where there are none, installs the program that keeps the backups, allows the key for this one use,
and checks all of it. It deletes nothing, and running it again changes nothing. It prints; nothing is written here.

  --key FILE          the public key of the backup, e.g. id_ed25519.pub
  --line              print only the key's line for authorized_keys
  --from ADDRESSES    addresses or networks that the key may come from, or "anywhere"
                      (default: the node's address; --offsite: anywhere)
  --offsite           for the second place of the backup
  --cluster NAME      of this description, where several have a backup
  --clusters FOLDER   where the descriptions are (default: src/clusters if there is one, else clusters)

Exit status: 0 printed, 2 wrong input or usage.

  # prepare it, from here
  selfheal backup-server --key id_ed25519.pub
  # only the line
  selfheal backup-server --key id_ed25519.pub --line`,

  async run(args, io) {
    const { key, line = false, from, offsite = false, cluster, clusters } = readFlags(args, FLAGS);
    if (key === undefined)
      throw new OperatorError('--key: expected the file of a public key, got nothing', [
        "make one: ssh-keygen -t ed25519 -N '' -C local-path-backup -f id_ed25519",
      ]);
    const publicKey = readKey(key);
    const found = await findBackup({ cluster, clusters }, io);
    const place: KeyPlace = offsite ? { form: 'snapshots', ...offsiteOf(found) } : found.backup;
    const addresses = from === undefined ? (offsite ? [] : [found.backup.from.address]) : readAddresses(from);
    if (line) io.out(authorizedKeysLine(place, publicKey, addresses));
    else for (const text of installScript(place, publicKey, addresses).trimEnd().split('\n')) io.out(text);
    narrate(place, addresses, line, io);
    return 0;
  },
};

function narrate({ to }: KeyPlace, addresses: readonly string[], line: boolean, io: Io): void {
  if (addresses.length === 0) io.err('the key may come from anywhere; --from ADDRESS limits that');
  if (!line) io.err(`put it into a file, copy that to ${to.host}, read it, and run it there: sudo sh FILE`);
}

function readKey(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new OperatorError(`--key: expected the file of a public key, got ${show(file)}, which cannot be read`, [], {
      cause: error,
    });
  }
  try {
    return readPublicKey(text);
  } catch (error) {
    throw new OperatorError(`--key ${show(file)}: ${error instanceof Error ? error.message : ''}`, [], {
      cause: error,
    });
  }
}

function readAddresses(text: string): readonly string[] {
  if (text === 'anywhere') return [];
  const addresses = text.split(',');
  const wrong = addresses.find((address) => !isSource(address));
  if (wrong !== undefined)
    throw new OperatorError(
      `--from: expected IP addresses or networks joined by ",", or "anywhere", got ${show(wrong)}`,
    );
  return addresses;
}

/** An address, or a network with no bit behind its prefix: sshd calls one with such a bit wrong, and lets nobody in. */
function isSource(text: string): boolean {
  const [address = '', prefix, ...more] = text.split('/');
  const family = isIP(address);
  if (family === 0 || address.includes('%') || more.length > 0) return false;
  if (prefix === undefined) return true;
  const bits = family === 4 ? bitsOf(address.split('.'), 10, 8) : bitsOf(ipv6Groups(address), 16, 16);
  return /^\d{1,3}$/.test(prefix) && Number(prefix) <= bits.length && !bits.slice(Number(prefix)).includes('1');
}

const bitsOf = (groups: readonly string[], radix: number, width: number): string =>
  groups.map((group) => Number.parseInt(group, radix).toString(2).padStart(width, '0')).join('');

/** A URL writes an IPv6 address in one way: hexadecimal, with at most one "::". */
function ipv6Groups(address: string): readonly string[] {
  const [before = [], after = []] = new URL(`http://[${address}]`).hostname
    .slice(1, -1)
    .split('::')
    .map((half) => half.split(':').filter((group) => group !== ''));
  return [...before, ...Array<string>(8 - before.length - after.length).fill('0'), ...after];
}
