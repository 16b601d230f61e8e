/** Stands before the bench's API server and does to a request what a network or a server in trouble would do. */
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Agent, createServer, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Bench } from './bench.js';

interface ProxiedRequest {
  readonly method: string;
  /** Without the query, e.g. `/api/v1/namespaces/default/configmaps`. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** How many came before it, whatever became of them. */
  readonly before: number;
}

/**
 * `refuse`: a status of its own instead of the server's. `cut`: the connection ends after so many bytes of the answer,
 * 0 for none at all. `answer`: with 200 and this text. `hang`: no answer, and the connection stays. `delay`: the request goes on later. `tell`: what it
 * asked for is done, and that is told before the answer goes back.
 */
export type Fault =
  | { readonly do: 'refuse'; readonly status: number; readonly reason: string; readonly message: string }
  | { readonly do: 'cut'; readonly afterBytes: number }
  | { readonly do: 'answer'; readonly body: string }
  | { readonly do: 'hang' }
  | { readonly do: 'delay'; readonly milliseconds: number }
  | { readonly do: 'tell'; readonly answered: () => void };

export interface FaultyProxy {
  readonly server: string;
  /** The same identity as that kubeconfig of the bench, by way of this proxy. */
  readonly kubeconfig: (of: string) => string;
  /** What is done to a request; nothing where it answers undefined. Until then every request goes through. */
  readonly rule: (rule: (request: ProxiedRequest) => Fault | undefined) => void;
  /** Every request so far. */
  readonly requests: readonly ProxiedRequest[];
  readonly close: () => Promise<void>;
}

export async function startFaultyProxy(bench: Bench): Promise<FaultyProxy> {
  const agent = new Agent({ keepAlive: true });
  const requests: ProxiedRequest[] = [];
  let ruleNow: (request: ProxiedRequest) => Fault | undefined = () => undefined;
  const { ca, certificateFile, keyFile } = bench.certificates;

  const forward = (asked: IncomingMessage, answer: ServerResponse, cutAfter: number, answered = nobody): void => {
    const { method, headers } = asked;
    const onward = request(new URL(asked.url ?? '/', bench.server), { method, headers, ca, agent }, (reply) => {
      answered();
      answer.writeHead(reply.statusCode ?? 502, reply.headers);
      answer.flushHeaders();
      let left = cutAfter;
      reply.on('data', (part: Buffer) => {
        const whole = left > part.length;
        answer.write(part.subarray(0, left), () => whole || asked.socket.destroy());
        left -= part.length;
      });
      // What is cut has no end.
      reply.on('end', () => left > 0 && answer.end());
      reply.on('error', () => asked.socket.destroy());
    });
    // A server that is gone is seen as what it is: a connection that ends.
    onward.on('error', () => asked.socket.destroy());
    answer.on('close', () => onward.destroy());
    asked.pipe(onward);
  };

  const proxy = createServer({ key: readFileSync(keyFile), cert: readFileSync(certificateFile) }, (asked, answer) => {
    const { pathname, searchParams } = new URL(asked.url ?? '/', bench.server);
    const seen = { method: asked.method ?? '', path: pathname, query: searchParams, before: requests.length };
    requests.push(seen);
    const fault = ruleNow(seen);
    if (fault === undefined) forward(asked, answer, Number.POSITIVE_INFINITY);
    else if (fault.do === 'refuse') refuse(answer, fault);
    else if (fault.do === 'answer') answer.writeHead(200, { 'content-type': 'application/json' }).end(fault.body);
    else if (fault.do === 'tell') forward(asked, answer, Number.POSITIVE_INFINITY, fault.answered);
    else if (fault.do === 'delay')
      setTimeout(() => forward(asked, answer, Number.POSITIVE_INFINITY), fault.milliseconds);
    else if (fault.do === 'cut' && fault.afterBytes > 0) forward(asked, answer, fault.afterBytes);
    else if (fault.do === 'cut') asked.socket.destroy();
  });
  proxy.listen(0, new URL(bench.server).hostname);
  await once(proxy, 'listening');
  // A server that listens on a port has an address of this form.
  const { address, port } = proxy.address() as AddressInfo;
  const server = `https://${address}:${port}`;

  return {
    server,
    kubeconfig: (of) => {
      const file = join(bench.folder, `kubeconfig-by-${port}-${requests.length}-${of.split('/').at(-1)}`);
      writeFileSync(file, readFileSync(of, 'utf8').replaceAll(bench.server, server), { mode: 0o600 });
      return file;
    },
    rule: (rule) => {
      ruleNow = rule;
    },
    requests,
    close: async () => {
      const closed = once(proxy, 'close');
      proxy.close();
      proxy.closeAllConnections();
      agent.destroy();
      await closed;
    },
  };
}

const nobody = (): void => undefined;

function refuse(answer: ServerResponse, { status, reason, message }: Extract<Fault, { do: 'refuse' }>): void {
  const body = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', code: status, reason, message };
  answer.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
