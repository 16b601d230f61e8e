/** Runs restore.sh on this machine, with this machine's own rsync and ssh. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { show } from '../cluster/parse/issue.js';
import { OperatorError } from '../errors.js';
import { scriptPaths } from '../layers/script.js';
import type { Io } from './command.js';

const PROGRAM = 'restore.sh';

export interface RestorePlace {
  /** By their names without `LOCAL_PATH_BACKUP_`. */
  readonly settings: Readonly<Record<string, string | number>>;
  /** The pinned host key; null where nothing is reached over the network. */
  readonly knownHosts: string | null;
}

/**
 * `asked` are the settings of the restore itself. What it says is passed on as it comes.
 *
 * @throws OperatorError where it does not end with 0.
 */
export async function runRestoreScript(
  { settings, knownHosts }: RestorePlace,
  asked: Readonly<Record<string, string>>,
  { out, err, takeSignals }: Pick<Io, 'out' | 'err' | 'takeSignals'>,
): Promise<void> {
  const path = scriptPaths('backup', 'pod', PROGRAM).find((found) => found.endsWith(`/${PROGRAM}`)) ?? '';
  // Only the list, the pinned key and the connection's socket; what is restored never lies here.
  const folder = makeFolder();
  try {
    if (knownHosts !== null) writeFileSync(join(folder, 'known_hosts'), knownHosts);
    const all = {
      SCRIPTS: dirname(path),
      RUN_FOLDER: folder,
      KNOWN_HOSTS: knownHosts === null ? '' : join(folder, 'known_hosts'),
      LINKER: '',
      TERMINATION_LOG: join(folder, 'none'),
      ...settings,
    };
    const status = await runLines(
      [
        'env',
        ...Object.entries(all).map(([name, value]) => `LOCAL_PATH_BACKUP_${name}=${value}`),
        ...Object.entries(asked).map(([name, value]) => `LOCAL_PATH_RESTORE_${name}=${value}`),
        'sh',
        path,
      ],
      out,
      // Lines with an @ are the other program's word to a script.
      (line) => (line.startsWith('@') ? undefined : err(line)),
      takeSignals,
    );
    if (status !== 0) throw new OperatorError(`${PROGRAM}: expected status 0, got ${status ?? 'a signal'}; see above`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function makeFolder(): string {
  try {
    return mkdtempSync(join(tmpdir(), 'selfheal-restore-'));
  } catch (error) {
    throw new OperatorError(`TMPDIR: expected a folder that can be written to, got ${show(tmpdir())}`, [], {
      cause: error,
    });
  }
}

async function runLines(
  [command = '', ...args]: readonly string[],
  out: (line: string) => void,
  err: (line: string) => void,
  takeSignals: Io['takeSignals'],
): Promise<number | null> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  // It ends by itself, says how far it came, and only then goes what lies in the folder.
  const release = takeSignals((signal) => child.kill(signal));
  const read = [
    { stream: child.stdout, take: out },
    { stream: child.stderr, take: err },
  ].map(({ stream, take }) => {
    const lines = createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY });
    lines.on('line', take);
    return once(lines, 'close');
  });
  try {
    const [status]: unknown[] = await once(child, 'close');
    await Promise.all(read);
    return typeof status === 'number' ? status : null;
  } catch (error) {
    throw new OperatorError(`${PROGRAM}: expected env and sh in PATH, got none`, [], { cause: error });
  } finally {
    release();
  }
}
