/** Waiting for what others do. */
import { setTimeout as delay } from 'node:timers/promises';

/**
 * Asks until there is an answer; fails with `what`, and with what was last thrown. The longer it takes, the less often it
 * asks: a look is often a kubectl, and takes a tenth of a second of a core that others wait for.
 */
export async function until<T>(
  what: string,
  look: () => T | undefined | Promise<T | undefined>,
  seconds = 120,
): Promise<T> {
  const start = Date.now();
  for (let last = 'nothing yet'; ; await delay(Math.min(1000, 100 + (Date.now() - start) / 10))) {
    try {
      const found = await look();
      if (found !== undefined) return found;
      last = 'nothing yet';
    } catch (error) {
      last = error instanceof Error ? error.message : String(error);
    }
    if (Date.now() - start > seconds * 1000) throw new Error(`gave up after ${seconds} s: ${what}: ${last}`);
  }
}
