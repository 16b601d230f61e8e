/**
 * The line that lets the backup's key in on the other machine, for this one use and from this one place.
 *
 * sshd hands the command to the login shell of the account, and in the file only a double quote has to be escaped.
 */
import type { Backup, BackupCopy } from '../../cluster/backup.js';
import { show } from '../../cluster/parse/issue.js';
import { shellWord } from '../shell-word.js';
import { OFFICIAL } from './server-program.js';

/** Where the key may go: the place of the backup, or its second place. */
export type KeyPlace =
  | ({ readonly form: 'snapshots' } & Pick<BackupCopy, 'name' | 'to' | 'keep'>)
  | ({ readonly form: 'mirror' } & Pick<Extract<Backup, { form: 'mirror' }>, 'name' | 'to'>);

const TYPES = 'ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(?:256|384|521)|sk-ssh-ed25519@openssh\\.com';
const PUBLIC_KEY = new RegExp(`^((?:${TYPES}) AAAA[A-Za-z0-9+/]{40,}={0,2})(?:[ \\t]+[^\\n]*)?$`);

/**
 * The type and the text of the key in an `id.pub`; its comment is left out.
 *
 * @throws Error that never shows what it read: it may be the private key.
 */
export function readPublicKey(text: string): string {
  const key = PUBLIC_KEY.exec(text.trim())?.[1];
  if (key !== undefined) return key;
  const found = text.includes('PRIVATE KEY')
    ? 'a private key, which stays where it is'
    : `${text.trim().split('\n').length} line(s) of something else (not shown)`;
  throw new Error(`expected one public key, e.g. "ssh-ed25519 AAAA… comment", got ${found}`);
}

/** `from` are the addresses that the key is used from; without any, it may come from everywhere. */
export function authorizedKeysLine(place: KeyPlace, publicKey: string, from: readonly string[]): string {
  const comesFrom = from.length === 0 ? [] : [`from=${quoted(from.join(','))}`];
  const options = ['restrict', ...comesFrom, `command=${quoted(forcedCommand(place))}`];
  return `${options.join(',')} ${publicKey} selfheal:${place.name}`;
}

function forcedCommand(place: KeyPlace): string {
  const folder = shellWord(place.to.path);
  // The copy of the seed names its folder in full, and rrsync knows only names below its own: so the name is taken off.
  if (place.form === 'mirror')
    return `SSH_ORIGINAL_COMMAND="\${SSH_ORIGINAL_COMMAND%${shellWord(`${place.to.path}/`)}}./" exec rrsync -wo -no-del ${folder}`;
  return `${OFFICIAL.program} --folder ${folder} ${keepOptions(place)}`;
}

/** What the program over there keeps and leaves free. */
export function keepOptions({ keep, to }: Extract<KeyPlace, { form: 'snapshots' }>): string {
  const days = Math.ceil(keep.within.seconds / 86_400);
  return `--snapshots ${keep.snapshots} --days ${days} --reserve-percent ${to.reservePercent}`;
}

function quoted(text: string): string {
  if (/[\n\r]/.test(text)) throw new Error(`authorized_keys: expected one line, got ${show(text)}`);
  return `"${text.replaceAll('"', '\\"')}"`;
}
