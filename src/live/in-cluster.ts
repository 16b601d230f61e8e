/**
 * The cluster in which this program runs, as the ServiceAccount of its pod.
 *
 * It brings nothing along: neither the Kubernetes client nor cdk8s, so that a small program can be made of it.
 */
import { readFileSync } from 'node:fs';
import { Agent } from 'node:https';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import type { Duration } from '../cluster/duration.js';
import { show } from '../cluster/parse/issue.js';
import { OperatorError } from '../errors.js';
import type { Connection, Target } from './access.js';
import { CredentialsError } from './credentials-error.js';

interface InClusterOptions {
  /** Of the process: the kubelet says in it where the API server is. */
  readonly environment: Readonly<Record<string, string | undefined>>;

  /** The longest that one question may take, its repetitions included. */
  readonly timeout: Duration;

  /** Where the kubelet puts the token and the authority. @default the place that every pod has */
  readonly folder?: string;
}

const FOLDER = '/var/run/secrets/kubernetes.io/serviceaccount';

/** Asks nothing. @throws OperatorError where this is no pod. */
export function inCluster({ environment, timeout, folder = FOLDER }: InClusterOptions): Target {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = environment;
  if (!host || !port) {
    throw new OperatorError(
      `KUBERNETES_SERVICE_HOST and _PORT: expected the API server's address, got ${show(host)} and ${show(port)}`,
      ['these are there in a pod alone; elsewhere name a context'],
    );
  }
  const server = `https://${host.includes(':') ? `[${host}]` : host}:${port}`;

  async function open(): Promise<Connection> {
    const secureContext = createSecureContext({ ca: read(folder, 'ca.crt') });
    return {
      // For each question: the kubelet puts a new token there long before the old one ends.
      headers: () => ({ Authorization: `Bearer ${read(folder, 'token')}` }),
      agent: new Agent({ keepAlive: true, secureContext }),
    };
  }

  return { context: 'in-cluster', access: { server, open }, timeout };
}

function read(folder: string, name: string): string {
  const file = join(folder, name);
  const expected = `'${file}': expected what the kubelet puts there, got`;
  let text: string;
  try {
    text = readFileSync(file, 'utf8').trim();
  } catch (cause) {
    throw new CredentialsError(`${expected} nothing to read`, { cause });
  }
  // Without a token everybody is somebody, with few rights; without an authority any public one would do.
  if (text === '') throw new CredentialsError(`${expected} an empty file`);
  return text;
}
