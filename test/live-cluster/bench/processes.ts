/** The processes of one bench. A keeper beside them ends all of them when the test's process ends, even by SIGKILL. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, closeSync, existsSync, mkdtempSync, openSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Part {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  readonly env?: Readonly<Record<string, string>>;
}

export interface Processes {
  /** A folder of the bench's own; gone after `close`. */
  readonly folder: string;
  readonly start: (part: Part) => void;
  /** Kills it and waits until it is gone. */
  readonly stop: (name: string) => Promise<void>;
  /** What ended although nobody stopped it, with the last lines of its log. */
  readonly lost: () => readonly string[];
  readonly log: (name: string) => string;
  readonly close: () => Promise<void>;
}

export function keepProcesses(): Processes {
  const folder = mkdtempSync(join(tmpdir(), 'selfheal-bench-'));
  const keeper = spawn('bash', [fileURLToPath(new URL('keeper.sh', import.meta.url)), folder], {
    detached: true,
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  keeper.unref();
  const kept = once(keeper, 'exit');
  // It is looked at only when everything is to end.
  kept.catch(() => undefined);
  const running = new Map<string, ChildProcess>();
  const logOf = (name: string): string => join(folder, `${name}.log`);
  const log = (name: string): string => (existsSync(logOf(name)) ? readFileSync(logOf(name), 'utf8') : '');

  return {
    folder,
    start: ({ name, command: [program, ...args], env }) => {
      if (running.has(name)) throw new Error(`bench part '${name}': expected it stopped, it runs`);
      const file = openSync(logOf(name), 'a');
      const child = spawn(program, args, {
        cwd: folder,
        // An interrupt at the terminal is for the test, not for what it stands on.
        detached: true,
        stdio: ['ignore', file, file],
        env: { PATH: process.env.PATH, HOME: folder, ...env, SELFHEAL_BENCH: folder },
      });
      closeSync(file);
      child.on('error', ({ message }) => appendFileSync(logOf(name), `${message}\n`));
      child.unref();
      running.set(name, child);
    },
    stop: async (name) => {
      const child = running.get(name);
      if (!child) throw new Error(`bench part '${name}': expected it running, got ${[...running.keys()].join(', ')}`);
      running.delete(name);
      if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
      child.ref();
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
    lost: () =>
      [...running]
        .filter(([, { pid, exitCode, signalCode }]) => pid === undefined || exitCode !== null || signalCode !== null)
        .map(([name]) => `${name} ended:\n${log(name).split('\n').slice(-12).join('\n')}`),
    log,
    close: async () => {
      running.clear();
      keeper.ref();
      keeper.stdin.end();
      const [status, signal] = await kept;
      if (status !== 0) {
        throw new Error(`bench '${folder}': expected everything to end, keeper ended with ${status ?? signal}`);
      }
    },
  };
}
