/** Runs the watchdog's detector, which is awk, as a child process. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** The fastest first; any of them gives the same. */
const CANDIDATES: readonly (readonly string[])[] = [['mawk'], ['gawk'], ['awk'], ['original-awk'], ['busybox', 'awk']];

/** One byte is one character everywhere, and a fraction has a point. */
const IN_C_LOCALE = ['/usr/bin/env', 'LC_ALL=C'];

/** A command line that runs awk. */
export type Awk = readonly string[];

export function tryFindAwk(candidates = CANDIDATES): Awk | undefined {
  return candidates
    .map((candidate) => [...IN_C_LOCALE, ...candidate])
    .find(([env = '', ...args]) => spawnSync(env, [...args, 'BEGIN { exit 0 }'], { stdio: 'ignore' }).status === 0);
}

interface Detector {
  /** Resolves when there is room for more. */
  readonly write: (input: string) => Promise<void>;
  /** @throws where the detector did not end well. */
  readonly end: () => Promise<void>;
}

/** @param onLine takes each line that the detector prints. */
export function startDetector(
  awk: Awk,
  programs: readonly string[],
  settings: Readonly<Record<string, string | number>>,
  onLine: (line: string) => void,
): Detector {
  const [command = '', ...args] = [
    ...awk,
    ...Object.entries(settings).flatMap(([name, value]) => ['-v', `${name}=${value}`]),
    ...programs.flatMap((program) => ['-f', program]),
  ];
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  const complaints: string[] = [];
  const closed = once(child, 'close');
  const lines = createInterface({ input: child.stdout.setEncoding('latin1'), crlfDelay: Number.POSITIVE_INFINITY });
  lines.on('line', onLine);
  const read = once(lines, 'close');
  child.stderr.setEncoding('latin1').on('data', (text: string) => complaints.push(text));
  child.stdin.on('error', () => {}); // It ended early; `end` says why.

  return {
    async write(input) {
      if (!child.stdin.write(input, 'latin1') && !child.stdin.destroyed) {
        await Promise.race([once(child.stdin, 'drain'), closed]);
      }
    },
    async end() {
      child.stdin.end();
      const [status] = await closed;
      await read;
      if (status !== 0 || complaints.length > 0)
        throw new Error(`detector '${awk.at(-1)}': expected status 0, got ${status}: ${complaints.join('').trim()}`);
    },
  };
}
