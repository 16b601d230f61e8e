/**
 * Tells somebody of a roll: before and after each node, on a stop, and at its end.
 *
 * Nobody who cannot be reached ever holds a roll up, and it is said that they could not. The URL is a secret: no message
 * of ours and no error shows it.
 */
import type { RebootNotify } from '../cluster/cluster.js';
import type { KubeApi } from '../live/kube-api.js';
import { textAt } from '../manifest/json.js';
import type { Answer } from '../manifest/live-object.js';

export interface Event {
  readonly event: 'begins' | 'node-goes' | 'node-is-back' | 'stopped' | 'ended';
  readonly cluster: string;
  readonly node: string | null;
  readonly roll: string;
  readonly text: string;
}

export interface Notifier {
  readonly tell: (event: Event) => void;
  /** Until each message has arrived or failed. */
  readonly settled: () => Promise<void>;
}

const NAMESPACE = 'kube-system';
const TIMEOUT_MS = 5_000;

/** The URL out of its Secret. */
export async function readUrl(api: KubeApi, { urlSecret: { name, key } }: RebootNotify): Promise<Answer<URL>> {
  const found = await api.get({ apiVersion: 'v1', kind: 'Secret', namespace: NAMESPACE, name });
  if (!found.ok) return found;
  const refused = (why: string): Answer<URL> => ({ ok: false, failure: { kind: 'refused', message: why } });
  if (found.value === null) return refused(`Secret ${NAMESPACE}/${name}: expected it with the key ${key}, got none`);
  const text = Buffer.from(textAt(found.value, 'data', key) ?? '', 'base64')
    .toString('utf8')
    .trim();
  if (!/^https?:\/\//.test(text) || !URL.canParse(text))
    return refused(
      `Secret ${NAMESPACE}/${name}: expected an http or https URL in ${key}, got something else (not shown)`,
    );
  return { ok: true, value: new URL(text) };
}

export function createNotifier(kind: RebootNotify['kind'], url: URL, say: (line: string) => void): Notifier {
  let last: Promise<void> = Promise.resolve();
  return {
    // One after the other: who reads them reads them in their order.
    tell: (event) => {
      last = last.then(async () => {
        const failure = await post(kind, url, event);
        if (failure !== null) say(`notification "${event.text}" has not arrived: ${failure}`);
      });
    },
    settled: () => last,
  };
}

async function post(kind: RebootNotify['kind'], url: URL, event: Event): Promise<string | null> {
  const { headers, body } = messageOf(kind, event);
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const { ok, status } = await fetch(url, { method: 'POST', headers, body, signal, redirect: 'manual' });
    return ok ? null : `expected a status from 200 to 299, got ${status}`;
  } catch (error) {
    // Its words may hold the URL.
    return error instanceof Error && error.name === 'TimeoutError'
      ? `no answer within ${TIMEOUT_MS / 1_000} s`
      : 'the connection failed';
  }
}

function messageOf(kind: RebootNotify['kind'], event: Event) {
  const json = { 'Content-Type': 'application/json' };
  switch (kind) {
    case 'slack':
      return { headers: json, body: JSON.stringify({ text: `[${event.cluster}] ${event.text}` }) };
    case 'webhook':
      return { headers: json, body: JSON.stringify(event) };
    case 'ntfy':
      return {
        headers: { Title: `${event.cluster}: reboots`, Priority: event.event === 'stopped' ? 'high' : 'default' },
        body: event.text,
      };
  }
}
