/** A small HTTPS server that answers as a test says, in the place of an API server; it writes down what it was asked. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from '../../src/live/connect.js';
import type { KubeApi } from '../../src/live/kube-api.js';

export interface Question {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Undefined: as an API server that has ConfigMaps, Secrets, Nodes and Deployments, and no object. */
export type Play = (question: Question, response: ServerResponse) => unknown;

export interface FakeApiServer {
  readonly url: string;
  /** Its own authority. */
  readonly caFile: string;
  readonly folder: string;
  readonly questions: readonly Question[];
  /** How many connections there have been. */
  readonly connections: () => number;
  play: Play;
  /** Writes a kubeconfig whose context `test` is this server, and returns its file. */
  readonly kubeconfig: (user?: object, cluster?: object) => string;
  readonly api: (options?: { readonly user?: object; readonly cluster?: object; readonly seconds?: number }) => KubeApi;
  /** Forgets what it was asked and plays nothing any more. */
  readonly reset: () => void;
  /** Ends every connection, and takes no new ones until it is called again. */
  readonly close: () => Promise<void>;
}

export const json = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
};

/** As an API server says no. */
export const refuse = (response: ServerResponse, code: number, reason: string, message: string, details = {}): void =>
  json(response, code, { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message, details });

export const discovered = (group: string, version: string, kinds: Readonly<Record<string, string>>, more = {}) => ({
  metadata: { name: group },
  versions: [
    {
      version,
      freshness: 'Current',
      resources: Object.entries(kinds).map(([kind, resource]) => ({
        resource,
        responseKind: { group: '', version: '', kind },
        scope: kind === 'Node' ? 'Cluster' : 'Namespaced',
      })),
      ...more,
    },
  ],
});

export const discoveryList = (...items: readonly unknown[]) => ({ kind: 'APIGroupDiscoveryList', items });

export async function startFakeApiServer(): Promise<FakeApiServer> {
  const folder = mkdtempSync(join(tmpdir(), 'selfheal-api-'));
  const [keyFile, caFile] = [join(folder, 'key.pem'), join(folder, 'ca.pem')];
  execFileSync('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
    ...['-subj', '/CN=fake', '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', keyFile, '-out', caFile],
  ]);
  const questions: Question[] = [];
  const sockets = new Set<Socket>();
  const opened: KubeApi[] = [];
  let count = 0;
  const server = createServer({ key: readFileSync(keyFile), cert: readFileSync(caFile) }, (request, response) => {
    void answer(request, response);
  });
  server.on('secureConnection', () => {
    count += 1;
  });
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const url = new URL(request.url ?? '/', 'https://fake');
    const question = {
      method: request.method ?? '',
      path: url.pathname,
      query: url.searchParams,
      headers: request.headers,
      body: Buffer.concat(chunks).toString(),
    };
    questions.push(question);
    if (fake.play(question, response) !== undefined) return;
    if (question.path === '/api')
      json(
        response,
        200,
        discoveryList(discovered('', 'v1', { ConfigMap: 'configmaps', Secret: 'secrets', Node: 'nodes' })),
      );
    else if (question.path === '/apis')
      json(response, 200, discoveryList(discovered('apps', 'v1', { Deployment: 'deployments' })));
    else if (question.path === '/version') json(response, 200, { gitVersion: 'v1.34.4' });
    else {
      const [name = '', kind = ''] = question.path.split('/').reverse();
      refuse(response, 404, 'NotFound', `${kind} "${name}" not found`, { name, kind });
    }
  }

  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  // With port 0 the address is known only now.
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const fake: FakeApiServer = {
    url,
    caFile,
    folder,
    questions,
    connections: () => count,
    play: () => undefined,
    kubeconfig: (user = { token: 'the-token' }, cluster = {}) => {
      const file = join(folder, 'kubeconfig');
      const config = {
        clusters: [{ name: 'fake', cluster: { server: url, 'certificate-authority': 'ca.pem', ...cluster } }],
        users: [{ name: 'somebody', user }],
        contexts: [{ name: 'test', context: { cluster: 'fake', user: 'somebody' } }],
      };
      writeFileSync(file, JSON.stringify(config));
      return file;
    },
    api: ({ user, cluster, seconds = 5 } = {}) => {
      const api = connect({
        context: 'test',
        kubeconfig: fake.kubeconfig(user, cluster),
        timeout: { seconds },
        environment: { PATH: process.env.PATH },
      });
      opened.push(api);
      return api;
    },
    reset: () => {
      for (const api of opened.splice(0)) api.close();
      questions.length = 0;
      count = 0;
      fake.play = () => undefined;
    },
    close: async () => {
      fake.reset();
      for (const socket of sockets) socket.destroy();
      await new Promise((closed) => server.close(closed));
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return fake;
}
