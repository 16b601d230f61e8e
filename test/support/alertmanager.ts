/** A real Alertmanager on loopback, and a webhook that keeps what arrives. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createPort } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Debian's name of the program. */
export const ALERTMANAGER = 'prometheus-alertmanager';

/** A moment on a machine that does nothing else; two busy cores need longer. */
const READY_WITHIN_MS = 20_000;

export interface Alertmanager {
  readonly url: string;
  readonly stop: () => Promise<void>;
}

interface Alert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

interface AlertState extends Alert {
  readonly fingerprint: string;
  readonly receivers: readonly { readonly name: string }[];
  readonly status: { readonly state: string; readonly inhibitedBy: readonly string[] };
}

/** What Alertmanager sends to a webhook. */
export interface Message {
  readonly path: string;
  readonly receiver: string;
  readonly status: 'firing' | 'resolved';
  readonly alerts: readonly (Alert & { readonly status: string })[];
}

/** Starts it with this configuration; it is ready when the promise resolves. */
export async function startAlertmanager(configYaml: string): Promise<Alertmanager> {
  const folder = mkdtempSync(join(tmpdir(), 'selfheal-alertmanager-'));
  const config = join(folder, 'alertmanager.yml');
  writeFileSync(config, configYaml);
  const url = `http://127.0.0.1:${await freePort()}`;
  const child = spawn(
    ALERTMANAGER,
    [
      `--config.file=${config}`,
      `--storage.path=${join(folder, 'data')}`,
      `--web.listen-address=${url.slice('http://'.length)}`,
      // Alone: it looks for no peers and opens no port for them.
      '--cluster.listen-address=',
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log += text;
  });
  const stop = async (): Promise<void> => {
    await end(child);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await ready(url, child);
  } catch (cause) {
    await stop();
    throw new Error(`${ALERTMANAGER} '${url}': expected it to get ready, got\n${log}`, { cause });
  }
  return { url, stop };
}

/** Before now: it is over. */
type Ended = Alert & { readonly endsAt?: string };

export async function post(url: string, alerts: readonly Ended[]): Promise<void> {
  const response = await fetch(`${url}/api/v2/alerts`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(alerts),
  });
  if (!response.ok)
    throw new Error(`alerts at '${url}': expected 200, got ${response.status} ${await response.text()}`);
}

export async function alertStates(url: string): Promise<readonly AlertState[]> {
  const response = await fetch(`${url}/api/v2/alerts`);
  return (await response.json()) as readonly AlertState[]; // The program's own API.
}

/** Answers every POST with 200 and keeps it. */
export async function startWebhook() {
  const messages: Message[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => {
      body += text;
    });
    request.on('end', () => {
      messages.push({ path: request.url ?? '', ...JSON.parse(body) });
      response.end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // Listening on TCP.
  const stop = async (): Promise<void> => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
  return { url: `http://127.0.0.1:${port}`, messages: messages as readonly Message[], stop };
}

async function freePort(): Promise<number> {
  const server = createPort().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // Listening on TCP.
  server.close();
  await once(server, 'close');
  return port;
}

async function ready(url: string, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + READY_WITHIN_MS;
  while (Date.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`expected a running process, got exit status ${child.exitCode}`);
    // Refused until it listens, which is what is waited for.
    const answer = await fetch(`${url}/-/ready`).catch(() => undefined);
    if (answer?.ok) return;
    await sleep(50);
  }
  throw new Error(`expected an answer within ${READY_WITHIN_MS / 1000} s, got none`);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
}
