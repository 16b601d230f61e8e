/** What the other machine says it has: the answer of `selfheal-backup-server list`, read strictly. */
import { show } from '../../cluster/parse/issue.js';

export interface Snapshot {
  readonly name: string;
  readonly number: number;
  /** Seconds since 1970, by the other machine's clock. */
  readonly taken: number;
  /** When the next one was taken: so long nothing but this was the state of the volumes. Null for the newest. */
  readonly until: number | null;
  readonly files: number;
  readonly bytes: number;
  readonly volumes: readonly Volume[];
}

export interface Volume {
  /** The folder's name. */
  readonly name: string;
  readonly files: number;
  readonly bytes: number;
  /** Files that changed while they were read; null where nobody looked. */
  readonly changing: number | null;
  readonly consistency: string;
  /** The last time that it was read back; null where it never was. */
  readonly verified: { readonly at: number; readonly equal: boolean } | null;
}

/** The snapshots, the newest first. @throws Error that names the line which is not as agreed. */
export function parseListing(text: string): readonly Snapshot[] {
  const snapshots = new Map<string, Omit<Snapshot, 'volumes'> & { volumes: Volume[] }>();
  for (const [index, line] of text.split('\n').entries()) {
    if (line === '') continue;
    const [kind = '', ...words] = line.split('\t');
    const refuse = (expected: string): never => {
      throw new Error(`list of the snapshots, line ${index + 1}: expected ${expected}, got ${show(line)}`);
    };
    const count = (word: string | undefined): number =>
      word !== undefined && /^\d{1,15}$/.test(word) ? Number(word) : refuse('whole numbers');
    const known = (word: string | undefined, unknown: string): number | null => (word === unknown ? null : count(word));

    if (kind === 'snapshot' && words.length === 6) {
      const [name = '', number, taken, until, files, bytes] = words;
      snapshots.set(name, {
        name,
        number: count(number),
        taken: count(taken),
        until: known(until, '-'),
        files: count(files),
        bytes: count(bytes),
        volumes: [],
      });
    } else if (kind === 'volume' && words.length === 8) {
      const [snapshot = '', name = '', files, bytes, changing, consistency = '', at, verdict = ''] = words;
      const verified = known(at, '-');
      if (!['ok', 'bad', '-'].includes(verdict)) refuse('"ok", "bad" or "-" at its end');
      const owner = snapshots.get(snapshot) ?? refuse('a snapshot before its volumes');
      owner.volumes.push({
        name,
        files: count(files),
        bytes: count(bytes),
        changing: known(changing, '?'),
        consistency,
        verified: verified === null ? null : { at: verified, equal: verdict === 'ok' },
      });
    } else refuse('"snapshot" with 6 words or "volume" with 8');
  }
  return [...snapshots.values()].sort((a, b) => b.number - a.number);
}
