/** Who we are to an API server, and the way to it: what the kubeconfig says, as options of a request. */
import { type OutgoingHttpHeaders, Agent as PlainAgent } from 'node:http';
import { Agent, type RequestOptions } from 'node:https';
import { createSecureContext } from 'node:tls';
import type { Duration } from '../cluster/duration.js';
import { CredentialsError } from './credentials-error.js';
import { runPlugIn } from './exec-plug-in.js';
import type { Chosen } from './kubeconfig.js';

/** A cluster that can be asked. */
export interface Target {
  /** What messages call it: as the kubeconfig names it. */
  readonly context: string;
  readonly access: Access;
  /** The longest that one question may take, its repetitions included. */
  readonly timeout: Duration;
}

export interface Access {
  readonly server: string;
  /** Asked for once, and again when the server no longer accepts what was got. */
  readonly open: () => Promise<Connection>;
}

export interface Connection {
  /** Asked for each request. @throws CredentialsError when they are not to be had any more */
  readonly headers: () => OutgoingHttpHeaders;
  readonly agent: RequestOptions['agent'];
}

/** Of the time that a question has: so that the message is about the plug-in and not about the server. */
const PLUG_INS_SHARE = 0.5;

type Environment = Readonly<Record<string, string | undefined>>;

export function accessOf(
  { config, cluster, user, impersonatedGroups }: Chosen,
  environment: Environment,
  timeoutMs: number,
): Access {
  const plain = cluster.server.startsWith('http:');
  // client-node runs a plug-in without a time limit and shows what it printed; its own answer to `exec` is not used.
  const { exec, ...withoutPlugIn } = user;
  config.users = [withoutPlugIn];
  // It refuses plain HTTP, which `kubectl proxy` speaks, unless it is told not to verify what there is not.
  config.clusters = [{ ...cluster, skipTLSVerify: cluster.skipTLSVerify || plain }];

  async function open(): Promise<Connection> {
    const options: RequestOptions = {};
    const found = exec ? await runPlugIn(exec, environment, timeoutMs * PLUG_INS_SHARE) : {};
    if (found.cert !== undefined) Object.assign(options, { cert: found.cert, key: found.key });
    try {
      await config.applyToHTTPSOptions(options);
    } catch (error) {
      throw new CredentialsError('the kubeconfig gives no credentials: a file is missing or a provider failed', {
        cause: error,
      });
    }
    const { ca, cert, key, servername, agent } = options;
    const given: OutgoingHttpHeaders = { ...(options.headers as OutgoingHttpHeaders) }; // client-node's is never a list.
    const authorization = found.token === undefined ? given.Authorization : `Bearer ${found.token}`;
    const all: OutgoingHttpHeaders = {
      ...given,
      // A file with a token ends with a line's end, which no header may have.
      ...(authorization === undefined ? {} : { Authorization: String(authorization).trim() }),
      ...(impersonatedGroups.length > 0 ? { 'Impersonate-Group': [...impersonatedGroups] } : {}),
    };
    const headers = (): OutgoingHttpHeaders => all;
    // A proxy's agent is client-node's; it makes a connection for each request unless it is told to keep them.
    if (cluster.proxyUrl && agent) return { headers, agent: Object.assign(agent, { keepAlive: true }) };
    if (plain) return { headers, agent: new PlainAgent({ keepAlive: true }) };
    // One for all connections: otherwise each reads the certificates anew.
    const secureContext = createSecureContext({ ca, cert, key });
    const tls = { secureContext, servername, rejectUnauthorized: !cluster.skipTLSVerify };
    return { headers, agent: new Agent({ keepAlive: true, ...tls }) };
  }

  return { server: cluster.server, open };
}
