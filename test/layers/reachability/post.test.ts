/** The requests themselves, by each program that there may be, against a real server. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../../support/tools.js';

const POST = new URL('../../../src/layers/reachability/scripts/prober/post.sh', import.meta.url).pathname;

/** A process of its own, because the script is waited for. Answers with the status that the path ends with. */
const SERVER = `
  const { createServer } = require('node:http');
  const { appendFileSync } = require('node:fs');
  createServer((request, response) => {
    const pieces = [];
    request.on('data', (piece) => pieces.push(piece)).on('end', () => {
      const { method, url, headers } = request;
      appendFileSync(process.argv[1], JSON.stringify({ method, url, headers, body: Buffer.concat(pieces).toString() }) + '\\n');
      response.writeHead(Number(url.slice(-3)), { location: '/elsewhere/200' }).end('thanks');
    });
  }).listen(0, '127.0.0.1', function () { console.log(this.address().port); });`;

const folder = mkdtempSync(join(tmpdir(), 'prober-post-'));
const at = (name: string) => join(folder, name);
let server: ChildProcess;
let port = '';

beforeAll(async () => {
  server = spawn(process.execPath, ['-e', SERVER, at('requests')], { stdio: ['ignore', 'pipe', 'inherit'] });
  if (server.stdout === null) throw new Error('server: expected its output, got null');
  const [line] = await once(createInterface({ input: server.stdout }), 'line');
  port = line;
});
afterAll(() => {
  server.kill();
  rmSync(folder, { recursive: true });
});

function post(programs: readonly string[], form: string, path: string, token?: string, scheme = 'http') {
  const bin = mkdtempSync(at('bin-'));
  for (const name of ['bash', 'timeout', ...programs]) symlinkSync(which(name), join(bin, name));
  writeFileSync(at('requests'), '');
  writeFileSync(at('url'), `${scheme}://127.0.0.1:${port}${path}\n`);
  rmSync(at('token'), { force: true });
  if (token !== undefined) writeFileSync(at('token'), `${token}\n`);
  const words = [
    'id-1',
    'crit',
    'down',
    'jarvis',
    '10.0.1.10',
    '80',
    '2',
    'jarvis cannot be reached',
    'no "answer" \\ for 80 s',
  ];
  const { status, stderr } = spawnSync(
    'bash',
    ['-euo', 'pipefail', '-c', 'log() { :; }; source "$0"; post_message "$@"', POST, ...words],
    {
      env: { PATH: bin, LC_ALL: 'C', FORM: form, WEBHOOK: at('url'), TOKEN: at('token'), PROC: '/proc', HOME: folder },
      encoding: 'utf8',
    },
  );
  const requests = readFileSync(at('requests'), 'utf8').trimEnd().split('\n').filter(Boolean);
  return { status, stderr, requests: requests.map((line) => JSON.parse(line)) };
}

const which = (name: string): string => spawnSync('which', [name], { encoding: 'utf8' }).stdout.trim();

describeWith(['curl', 'wget'], 'a message', () => {
  const WAYS = [
    ['curl', ['curl']],
    ['GNU wget', ['wget', 'grep', 'mktemp', 'rm']],
    ['bash alone', []],
  ] as const;

  test.each(WAYS)('by %s reaches a webhook as JSON, with the token as a header', (_, programs) => {
    const { status, requests } = post(programs, 'webhook', '/hooks/200', 'tk_1');

    expect(status).toBe(0);
    expect(requests).toMatchObject([
      {
        method: 'POST',
        url: '/hooks/200',
        headers: { 'content-type': 'application/json', authorization: 'Bearer tk_1' },
      },
    ]);
    expect(JSON.parse(requests[0].body)).toMatchObject({
      node: 'jarvis',
      state: 'down',
      text: 'no "answer" \\ for 80 s',
    });
  });

  test.each(WAYS)('by %s reaches ntfy as text with its headers', (_, programs) => {
    const { status, requests } = post(programs, 'ntfy', '/topic/200');

    expect(status).toBe(0);
    expect(requests).toMatchObject([
      {
        method: 'POST',
        headers: { title: 'jarvis cannot be reached', priority: 'urgent', tags: 'rotating_light' },
        body: expect.stringMatching(/^no "answer" \\ for 80 s \(from \S+\)$/),
      },
    ]);
  });

  test.each(WAYS)('by %s reaches Slack, which is given no token', (_, programs) => {
    const { status, requests } = post(programs, 'slack', '/services/200', 'tk_1');

    expect(status).toBe(0);
    expect(JSON.parse(requests[0].body)).toEqual({ text: expect.stringMatching(/^no "answer" \\ for 80 s \(from /) });
    expect(requests[0].headers.authorization).toBeUndefined();
  });

  test.each(WAYS.flatMap(([name, programs]) => [500, 404, 302].map((code) => [name, code, programs] as const)))(
    'by %s that is answered with %i did not get through, and follows nothing',
    (_, code, programs) => {
      const { status, requests } = post(programs, 'webhook', `/hooks/${code}`);

      expect(status).not.toBe(0);
      expect(requests.map(({ url }) => url)).toEqual([`/hooks/${code}`]);
    },
  );

  test('by bash alone does not go to https, not even in the clear', () => {
    const { status, requests } = post([], 'webhook', '/hooks/200', undefined, 'https');

    expect({ status, requests }).toEqual({ status: 1, requests: [] });
  });
});
