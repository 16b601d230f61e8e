/** The kernel log, which this machine shares with every machine in it: one suite at a time writes there. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const LOG = '/dev/kmsg';
const LOCK = join(tmpdir(), 'selfheal-kernel-log.lock');

/** Longer than any line of ours, so that a ring of 2 MiB turns over with a few thousand of them. */
const FILLER = `filler ${'.'.repeat(800)}`;

export class KernelLog {
  private sequence = 0;

  private constructor(private readonly lock: ChildProcess) {}

  /** Waits until no other suite has it. */
  static async take(): Promise<KernelLog> {
    const lock = spawn('flock', [LOCK, 'sh', '-c', 'echo locked; exec cat'], { stdio: ['pipe', 'pipe', 'inherit'] });
    await new Promise((resolve, reject) => {
      lock.stdout.once('data', resolve);
      lock.once('exit', (status) =>
        reject(new Error(`lock '${LOCK}': expected to get it, flock ended with ${status}`)),
      );
    });
    return new KernelLog(lock);
  }

  release(): void {
    this.quiet();
    this.lock.stdin?.end();
  }

  /** As after a boot: nothing in the ring that a detector would know. */
  quiet(): void {
    const stalls = () => spawnSync('dmesg', { encoding: 'utf8', maxBuffer: 1 << 28 }).stdout.includes('INFO: rcu_');
    for (let round = 0; stalls(); round++) {
      if (round > 100)
        throw new Error(`'${LOG}': expected ${round} rounds of filler to push all stalls out, they did not`);
      for (let line = 0; line < 500; line++) this.write(FILLER);
    }
  }

  write(line: string): void {
    appendFileSync(LOG, `<4>${line}\n`);
  }

  /** Reports of expedited stalls; without a number each is a grace period of its own. */
  stalls(count: number, gracePeriod?: number): void {
    for (let stall = 0; stall < count; stall++) {
      this.sequence += 1;
      const number = gracePeriod ?? 1_000_000 + this.sequence;
      this.write(
        `rcu: INFO: rcu_preempt detected expedited stalls on CPUs/tasks: { P1 } ${21 + stall * 63} jiffies s: ${number} root: 0x0/.`,
      );
    }
  }
}
