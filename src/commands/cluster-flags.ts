/** The flags that say which live cluster a verb asks, and the connection that they make. */
import { homedir } from 'node:os';
import { join } from 'node:path';
import { type Duration, tryReadDuration } from '../cluster/duration.js';
import { show } from '../cluster/parse/issue.js';
import { OperatorError } from '../errors.js';
import type { ConnectOptions, KubeApi } from '../live/kube-api.js';
import type { Io } from './command.js';

/** To be spread into the flags of a verb. */
export const CLUSTER_FLAGS = {
  context: { type: 'string' },
  kubeconfig: { type: 'string' },
  timeout: { type: 'string' },
} as const;

export const CLUSTER_FLAGS_HELP = `  --context NAME     the context of the kubeconfig; always named, never the current one
  --kubeconfig FILE  where it stands (default: $KUBECONFIG, else ~/.kube/config)
  --timeout T        the longest that one question may take (default: 30s)`;

export interface ClusterFlags {
  readonly context?: string | undefined;
  readonly kubeconfig?: string | undefined;
  readonly timeout?: string | undefined;
}

/** For a verb that asks a cluster with --live only: without it, a flag that says which would be passed over without a word. */
export function refuseWithoutLive(flags: Readonly<Record<string, string | undefined>>): void {
  const stray = Object.keys(flags).find((name) => flags[name] !== undefined);
  if (stray !== undefined)
    throw new OperatorError(`--${stray}: expected --live with it, got it alone`, [
      'without --live no cluster is asked',
    ]);
}

/** Asks nothing yet. @throws OperatorError when the flags or the kubeconfig do not name a cluster. */
export async function connectTo(flags: ClusterFlags, io: Io): Promise<KubeApi> {
  const options = connectOptions(flags, io);
  // Loaded here: a verb that asks no cluster does not pay for it.
  const { connect } = await import('../live/connect.js');
  return connect(options);
}

/** @throws OperatorError when the flags do not name a context. */
export function connectOptions({ context, kubeconfig, timeout }: ClusterFlags, io: Io): ConnectOptions {
  if (context === undefined)
    throw new OperatorError('--context: expected the name of a context, got none', ['kubectl config get-contexts']);
  const files = kubeconfig ?? (io.environment.KUBECONFIG || join(homedir(), '.kube', 'config'));
  return { context, kubeconfig: files, timeout: readTimeout(timeout), environment: io.environment };
}

/** @throws OperatorError for what is no time, or less than a second. */
export function readTimeout(text = '30s'): Duration {
  const read = tryReadDuration(text);
  if (read === undefined || read.seconds < 1)
    throw new OperatorError(`--timeout: expected a time such as 30s or 2min, got ${show(text)}`);
  return read;
}
