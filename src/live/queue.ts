/** Runs no more than so many tasks at a time, in the order in which they came. */
type Queue = <T>(task: () => Promise<T>) => Promise<T>;

export function createQueue(atOnce: number): Queue {
  const waiting: (() => void)[] = [];
  let running = 0;

  return async (task) => {
    if (running >= atOnce) await new Promise<void>((start) => waiting.push(start));
    else running += 1;
    try {
      return await task();
    } finally {
      const next = waiting.shift();
      // Who waited takes over the place: it never becomes free for somebody who comes later.
      if (next) next();
      else running -= 1;
    }
  };
}
