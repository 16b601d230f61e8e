/** Which cluster is asked, and as whom: contexts, credentials, and what is never printed of them. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { type AddressInfo, connect as connectTcp } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { Duplex } from 'node:stream';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { OperatorError } from '../../src/errors.js';
import { connect } from '../../src/live/connect.js';
import { type FakeApiServer, refuse, startFakeApiServer } from '../support/fake-api-server.js';
import { describeWith } from '../support/tools.js';

const connectAs = (context: string, kubeconfig: string) =>
  connect({ context, kubeconfig, timeout: { seconds: 5 }, environment: {} });

const messageOf = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    if (error instanceof OperatorError) return [error.message, ...error.hints].join('\n');
    throw error;
  }
  throw new Error('expected an OperatorError, got none');
};

describe('a kubeconfig', () => {
  const folder = mkdtempSync(join(tmpdir(), 'selfheal-kubeconfig-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  const fileOf = (name: string, content: unknown): string => {
    const file = join(folder, name);
    writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
    return file;
  };
  const cluster = (server: string) => ({ name: 'c', cluster: { server } });
  const context = (name: string, more = {}) => ({ name, context: { cluster: 'c', ...more } });

  test('without the context is refused, with the one that was meant', () => {
    const file = fileOf('two', { contexts: [context('home'), context('work')], clusters: [cluster('https://a')] });

    expect(messageOf(() => connectAs('hoem', file))).toBe(
      `--context: expected one of ${file} (home, work), got "hoem"; did you mean "home"?`,
    );
  });

  test.each([
    ['that is empty', ''],
    ['that holds a comment only', '# nothing\n'],
  ])('%s has no context', (_, content) => {
    const file = fileOf('empty', content);

    expect(messageOf(() => connectAs('home', file))).toBe(
      `--context: expected one of ${file} (there is no context), got "home"`,
    );
  });

  test('that is not there is said to be none, with where there may be one', () => {
    const file = join(folder, 'none');

    expect(messageOf(() => connectAs('home', file))).toMatch(
      new RegExp(`^kubeconfig '${file}': expected a file, got none\\nname it with --kubeconfig or in \\$KUBECONFIG; `),
    );
  });

  test('that is not there is left out beside one that is', () => {
    const file = fileOf('there', { contexts: [context('work')], clusters: [cluster('https://a')] });

    expect(messageOf(() => connectAs('home', `${join(folder, 'none')}${delimiter}${file}`))).toContain(
      '(work), got "home"',
    );
  });

  test.each(['192.0.2.7:6443', 'lamp:6443', 'ftp://192.0.2.7'])('whose server is %j names no address', (server) => {
    const file = fileOf('address', { contexts: [context('home')], clusters: [cluster(server)] });

    expect(messageOf(() => connectAs('home', file))).toBe(
      `context 'home': expected the address of its API server, e.g. "https://192.0.2.10:6443", got ${JSON.stringify(server)}`,
    );
  });

  test('whose current context is another one is not asked for that', () => {
    const file = fileOf('current', {
      'current-context': 'work',
      contexts: [context('work')],
      clusters: [cluster('https://a')],
    });

    expect(messageOf(() => connectAs('home', file))).toContain('(work), got "home"');
  });

  test.each([
    ['no YAML', 'users: [{name: a, user: {token: the-secret-token'],
    ['a list', '[the-secret-token]'],
    ['a user without a name', '{"users": [{"user": {"token": "the-secret-token"}}]}'],
  ])('that is %s is refused without a word of it', (_, content) => {
    const file = fileOf('broken', content);

    expect(messageOf(() => connectAs('home', file))).toBe(
      `kubeconfig '${file}': expected one that kubectl can read, got something else\nkubectl --kubeconfig ${file} config view`,
    );
  });

  test('whose context names a cluster or a user that is not there is refused', () => {
    const contexts = [context('home'), context('work', { user: 'me' })];
    const none = fileOf('no-cluster', { contexts });
    const nobody = fileOf('no-user', {
      contexts,
      clusters: [cluster('https://a')],
      users: [{ name: 'you', user: {} }],
    });

    expect(messageOf(() => connectAs('home', none))).toBe(
      `context 'home': expected a cluster that the kubeconfig has (), got "c"`,
    );
    expect(messageOf(() => connectAs('work', nobody))).toBe(
      `context 'work': expected a user that the kubeconfig has (you), got "me"`,
    );
  });

  test('is the first of several that names a thing', () => {
    const first = fileOf('first', { clusters: [cluster('https://first')] });
    const second = fileOf('second', { contexts: [context('home')], clusters: [cluster('https://second')] });

    expect(connectAs('home', `${first}:${join(folder, 'none')}:${second}`).server).toBe('https://first');
  });
});

describeWith(['openssl'], 'an API server', () => {
  let server: FakeApiServer;

  beforeAll(async () => {
    server = await startFakeApiServer();
  });
  afterEach(() => server.reset());
  afterAll(() => server.close());

  const headersOf = async (user: object) => {
    const answer = await server.api({ user }).version();
    return { answer, headers: server.questions.at(-1)?.headers ?? {} };
  };
  const plugIn = (script: string): { exec: object } => {
    const command = join(server.folder, 'plug-in');
    writeFileSync(command, `#!/bin/sh\n${script}\n`);
    chmodSync(command, 0o755);
    return {
      exec: {
        apiVersion: 'client.authentication.k8s.io/v1',
        command,
        args: ['get'],
        env: [{ name: 'WHO', value: 'me' }],
      },
    };
  };

  test('is not trusted when another authority signed it', async () => {
    const answer = await server.api({ cluster: { 'certificate-authority': undefined } }).version();

    expect(answer).toMatchObject({ ok: false, failure: { kind: 'unreachable' } });
    expect(JSON.stringify(answer)).toContain('DEPTH_ZERO_SELF_SIGNED_CERT');
    expect(server.questions).toEqual([]);
  });

  test('is not trusted under a name that its certificate does not have, unless the kubeconfig gives that name', async () => {
    const cluster = { 'tls-server-name': 'other.example.com' };

    expect(await server.api({ cluster }).version()).toMatchObject({ ok: false, failure: { kind: 'unreachable' } });
    expect(await server.api({ cluster: { 'tls-server-name': '127.0.0.1' } }).version()).toMatchObject({ ok: true });
  });

  test('is trusted unseen only where the kubeconfig says so', async () => {
    const cluster = { 'certificate-authority': undefined, 'insecure-skip-tls-verify': true };

    expect(await server.api({ cluster }).version()).toEqual({ ok: true, value: 'v1.34.4' });
  });

  test('gets a token of the kubeconfig', async () => {
    expect((await headersOf({ token: 'abc' })).headers.authorization).toBe('Bearer abc');
  });

  test('gets a token of a file beside the kubeconfig', async () => {
    writeFileSync(join(server.folder, 'token'), 'of-a-file\n');

    expect((await headersOf({ tokenFile: 'token' })).headers.authorization).toBe('Bearer of-a-file');
  });

  test('gets the user and the groups to act as', async () => {
    const { headers } = await headersOf({ token: 'abc', as: 'reader', 'as-groups': ['one', 'two'] });

    expect([headers['impersonate-user'], headers['impersonate-group']]).toEqual(['reader', 'one, two']);
  });

  test('gets the token of a plug-in, which is told what it is asked for', async () => {
    const user = plugIn(
      `printf '{"kind":"ExecCredential","status":{"token":"%s-%s-%s"}}' "$1" "$WHO" "$(printf %s "$KUBERNETES_EXEC_INFO" | cksum | cut -d' ' -f2)"`,
    );

    expect((await headersOf(user)).headers.authorization).toMatch(/^Bearer get-me-\d\d+$/);
  });

  test('that refuses a token gets one more of the plug-in, and no third', async () => {
    const user = plugIn(
      `n=$(cat '${server.folder}/n' 2>/dev/null || echo 0); n=$((n+1)); echo $n >'${server.folder}/n'; echo '{"status":{"token":"'$n'"}}'`,
    );
    server.play = ({ headers }, response) =>
      headers.authorization === 'Bearer 2' ? undefined : (refuse(response, 401, 'Unauthorized', 'no') ?? null);
    const api = server.api({ user });

    expect(await api.version()).toEqual({ ok: true, value: 'v1.34.4' });
    server.play = (_, response) => refuse(response, 401, 'Unauthorized', 'no') ?? null;
    expect(await api.version()).toMatchObject({ ok: false, failure: { kind: 'unauthorized' } });
    expect(server.questions.map(({ headers }) => headers.authorization)).toEqual(['Bearer 1', 'Bearer 2', 'Bearer 2']);
  });

  test.each([
    ['that fails', 'echo the-secret-token >&2; exit 3', 'expected exit status 0, got 3; run it by hand to see why'],
    ['that prints no JSON', 'echo the-secret-token', 'expected an ExecCredential as JSON, got something else'],
    ['that never ends', 'exec sleep 60', 'it did not end in time'],
  ])('is not asked as nobody when the plug-in is one %s, and nothing of it is shown', async (_, script, end) => {
    const user = plugIn(script);
    const answer = await server.api({ user, seconds: 2 }).version();

    expect(answer).toEqual({
      ok: false,
      failure: {
        kind: 'unauthorized',
        message: `version: exec plug-in ${JSON.stringify(join(server.folder, 'plug-in'))}: ${end}`,
      },
    });
    expect(server.questions).toEqual([]);
  });

  test('is not asked as nobody when the file of the token is missing', async () => {
    const answer = await server.api({ user: { tokenFile: 'no-such-file' } }).version();

    expect(answer).toMatchObject({ ok: false, failure: { kind: 'unauthorized' } });
    expect(server.questions).toEqual([]);
  });

  test('is asked through the proxy of the kubeconfig, over connections that are kept', async () => {
    const proxy = await startProxy();
    try {
      const api = server.api({ cluster: { 'proxy-url': proxy.url } });
      await api.version();
      await api.version();

      expect(proxy.asked).toEqual([new URL(server.url).host]);
    } finally {
      proxy.close();
    }
  });
});

async function startProxy() {
  const asked: string[] = [];
  const sockets: Duplex[] = [];
  const proxy: Server = createServer();
  proxy.on('connect', ({ url = '' }: IncomingMessage, client: Duplex) => {
    asked.push(url);
    const { hostname, port } = new URL(`http://${url}`);
    const target = connectTcp(Number(port), hostname, () => {
      client.write('HTTP/1.1 200 OK\r\n\r\n');
      target.pipe(client).pipe(target);
    });
    for (const socket of [client, target]) {
      sockets.push(socket);
      socket.on('error', () => socket.destroy());
    }
  });
  await new Promise<void>((listening) => proxy.listen(0, '127.0.0.1', listening));
  return {
    url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`, // A port, not a pipe: it was asked for one.
    asked,
    close: () => {
      for (const socket of sockets) socket.destroy();
      proxy.close();
    },
  };
}
