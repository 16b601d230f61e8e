/** Requests to an API server, as a program and not as kubectl sends them. */
import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import { Agent, request } from 'node:https';

export interface Reply {
  readonly status: number;
  readonly text: string;
  /** Texts of the `Warning` headers. */
  readonly warnings: readonly string[];
}

export interface Asked {
  readonly body?: string;
  /** @default JSON */
  readonly type?: string;
}

/** Sends `path` with its query to the server; fails only where there is no reply. */
export type Send = (method: string, path: string, asked?: Asked) => Promise<Reply>;

/** Milliseconds. The server ends a connection that rested for 90 s: one that is taken at that instant is reset. */
const LONGEST_REST_MS = 60_000;

/** @param identity none where something on the way adds one */
export function sendTo(server: string, identity?: { readonly ca: string; readonly token: string }): Send {
  const secure = new URL(server).protocol === 'https:';
  const kept = { keepAlive: true, timeout: LONGEST_REST_MS };
  const agent = secure ? new Agent({ ...kept, maxSockets: 8 }) : new HttpAgent(kept);
  return (method, path, { body, type = 'application/json' } = {}) =>
    new Promise((resolve, reject) => {
      const authorization = identity === undefined ? {} : { authorization: `Bearer ${identity.token}` };
      const content = body === undefined ? {} : { 'content-type': type, 'content-length': Buffer.byteLength(body) };
      const options = { method, agent, ca: identity?.ca, headers: { ...authorization, ...content }, timeout: 30_000 };
      const sent = (secure ? request : httpRequest)(new URL(path, server), options, (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('error', reject);
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            text: Buffer.concat(parts).toString('utf8'),
            warnings: textsOf(response.headers.warning),
          }),
        );
      });
      sent.on('timeout', () => sent.destroy(new Error(`${method} ${path}: no answer within 30 s`)));
      sent.on('error', reject);
      sent.end(body);
    });
}

/** The text of each `299 - "text"`; Node joins several headers with a comma. */
const textsOf = (header: string | undefined): readonly string[] =>
  [...(header ?? '').matchAll(/\d{3} \S+ "((?:[^"\\]|\\.)*)"/g)].map(([, text = '']) => text.replace(/\\(.)/g, '$1'));
