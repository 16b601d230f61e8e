/** Waiting for what others do. */
import { setTimeout as delay } from 'node:timers/promises';

/** Asks until there is an answer; fails with `what`, and with what was last thrown. */
export async function until<T>(
  what: string,
  look: () => T | undefined | Promise<T | undefined>,
  seconds = 120,
): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  for (let last = 'nothing yet'; ; await delay(100)) {
    try {
      const found = await look();
      if (found !== undefined) return found;
      last = 'nothing yet';
    } catch (error) {
      last = error instanceof Error ? error.message : String(error);
    }
    if (Date.now() > deadline) throw new Error(`gave up after ${seconds} s: ${what}: ${last}`);
  }
}
