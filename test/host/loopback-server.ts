/** A program that answers HTTP on a free port of the loopback, in a folder of its own, and is ended by its process id. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const DEADLINE_SECONDS = 30;

/** An address that nothing listens on. */
export async function freeAddress(): Promise<string> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const bound = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (bound === null || typeof bound === 'string')
    throw new Error(`loopback: expected a port, got ${JSON.stringify(bound)}`);
  return `127.0.0.1:${bound.port}`;
}

export class LoopbackServer {
  readonly folder = mkdtempSync(join(tmpdir(), 'server-'));
  private process: ChildProcess | undefined;
  /** When the program has ended and nothing of it writes any more. */
  ended: Promise<void> = Promise.resolve();

  constructor(readonly address: string) {}

  /** Starts it, and waits until a path is answered with success. */
  async start(command: readonly [string, ...string[]], ready: string): Promise<void> {
    const [program, ...words] = command;
    const log = openSync(this.log, 'a');
    const process = spawn(program, words, { cwd: this.folder, stdio: ['ignore', log, log] });
    closeSync(log);
    this.process = process;
    this.ended = new Promise((resolve) => process.once('close', () => resolve()));
    const deadline = performance.now() + DEADLINE_SECONDS * 1000;
    while (!(await this.answers(ready))) {
      const gone = process.exitCode !== null || process.signalCode !== null;
      if (gone || performance.now() > deadline) {
        const said = readFileSync(this.log, 'utf8').slice(-2000);
        await this.destroy();
        throw new Error(
          `${program} at ${this.address}: expected an answer to '${ready}' within ${DEADLINE_SECONDS} s, ${gone ? 'it ended' : 'got none'}: ${said}`,
        );
      }
      await sleep(50);
    }
  }

  async get(path: string): Promise<unknown> {
    const answer = await fetch(`http://${this.address}${path}`, { signal: AbortSignal.timeout(10_000) });
    if (!answer.ok) throw new Error(`http://${this.address}${path}: expected success, got ${answer.status}`);
    return answer.json();
  }

  async destroy(): Promise<void> {
    this.process?.kill('SIGKILL');
    await this.ended;
    rmSync(this.folder, { recursive: true, force: true });
  }

  private get log(): string {
    return join(this.folder, 'log');
  }

  private async answers(path: string): Promise<boolean> {
    try {
      return (await fetch(`http://${this.address}${path}`, { signal: AbortSignal.timeout(1000) })).ok;
    } catch {
      return false; // not yet
    }
  }
}
