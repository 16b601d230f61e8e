/** What a program says that was started, from its beginning to its end. */
import type { ChildProcessWithoutNullStreams } from 'node:child_process';

export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface Heard {
  readonly ended: Promise<Outcome>;
  /** On standard error, so far. */
  readonly said: () => string;
}

/** Not synchronous: what stands before the API server may live in this process. */
export function hear(child: ChildProcessWithoutNullStreams): Heard {
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (part) => {
    stdout += part;
  });
  child.stderr.on('data', (part) => {
    stderr += part;
  });
  const ended = new Promise<Outcome>((resolve) => {
    child.on('close', (status) => resolve({ status, stdout, stderr }));
  });
  return { ended, said: () => stderr };
}
