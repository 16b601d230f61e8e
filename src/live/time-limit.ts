/**
 * A signal that comes when the time is up, or with another one.
 *
 * Not AbortSignal.any of AbortSignal.timeout: Node 20 forgets the time of such a signal at the next garbage collection,
 * and whoever waits for it waits for ever.
 */
interface TimeLimit {
  readonly signal: AbortSignal;
  /** What it was for is done. */
  readonly end: () => void;
}

export function timeLimit(ms: number, earlier: AbortSignal): TimeLimit {
  const limit = new AbortController();
  const follow = (): void => limit.abort(earlier.reason);
  const timer = setTimeout(() => limit.abort(new DOMException('the time is up', 'TimeoutError')), ms);
  earlier.addEventListener('abort', follow);
  if (earlier.aborted) follow();
  return {
    signal: limit.signal,
    end: () => {
      clearTimeout(timer);
      earlier.removeEventListener('abort', follow);
    },
  };
}
