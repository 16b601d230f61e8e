/**
 * Tells somebody of a roll: before and after each node, on a stop, and at its end.
 *
 * Nobody who cannot be reached ever holds a roll up, and it is said that they could not. The URL is a secret: no message
 * of ours and no error shows it.
 */
import type { Cluster, RebootNotify } from '../cluster/cluster.js';
import type { KubeApi } from '../live/kube-api.js';
import { timeLimit } from '../live/time-limit.js';
import { textAt } from '../manifest/json.js';
import type { Answer } from '../manifest/live-object.js';

export interface Event {
  /** `interrupted`: it was told to end, and somebody is to go on. `stopped`: something is not as expected. */
  readonly event: 'begins' | 'goes-on' | 'node-goes' | 'node-is-back' | 'interrupted' | 'stopped' | 'ended';
  readonly cluster: string;
  readonly node: string | null;
  /** Null: none was begun. */
  readonly roll: string | null;
  readonly text: string;
}

interface Notifier {
  readonly tell: (event: Event) => void;
  /** Until each message has arrived or failed; what takes too long then is given up. */
  readonly settled: () => Promise<void>;
}

interface NotifierProps {
  readonly kind: RebootNotify['kind'];
  readonly url: URL;
  readonly say: (line: string) => void;
  /** The longest that one message may take. @default 5 seconds */
  readonly answerMs?: number;
  /** The longest that a roll which has ended waits for all that have not arrived yet. @default 10 seconds */
  readonly lastMs?: number;
}

const NAMESPACE = 'kube-system';

/** Null: nobody is described, or where is not known; the latter is said. */
export async function notifierOf(
  api: Pick<KubeApi, 'get'>,
  { reboots: { notify } }: Cluster,
  say: (line: string) => void,
): Promise<Notifier | null> {
  if (notify === null) return null;
  const url = await readUrl(api, notify);
  if (url.ok) return createNotifier({ kind: notify.kind, url: url.value, say });
  say(`nobody will be notified: ${url.failure.message}`);
  return null;
}

async function readUrl(api: Pick<KubeApi, 'get'>, { urlSecret: { name, key } }: RebootNotify): Promise<Answer<URL>> {
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

export function createNotifier({ kind, url, say, answerMs = 5_000, lastMs = 10_000 }: NotifierProps): Notifier {
  const over = new AbortController();
  let last: Promise<void> = Promise.resolve();
  return {
    // One after the other: who reads them reads them in their order.
    tell: (event) => {
      last = last.then(async () => {
        const failure = await post(url, messageOf(kind, event), { answerMs, over: over.signal });
        if (failure !== null) say(`the message "${event.event}" has not arrived: ${failure}`);
      });
    },
    settled: async () => {
      const timer = setTimeout(() => over.abort(), lastMs);
      await last;
      clearTimeout(timer);
    },
  };
}

interface Message {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

interface Patience {
  readonly answerMs: number;
  readonly over: AbortSignal;
}

/** Null: it has arrived. */
async function post(url: URL, { headers, body }: Message, { answerMs, over }: Patience): Promise<string | null> {
  if (over.aborted) return 'no time was left for it';
  const { target, account } = withoutAccount(url);
  const { signal, end } = timeLimit(answerMs, over);
  try {
    const sent = { method: 'POST', headers: { ...headers, ...account }, body, signal, redirect: 'manual' } as const;
    const response = await fetch(target, sent);
    // Nobody reads it, and a connection with something unread keeps the process.
    await response.body?.cancel();
    return response.ok ? null : `expected a status from 200 to 299, got ${response.status}`;
  } catch (error) {
    if (over.aborted) return 'no time was left for it';
    if (error instanceof Error && error.name === 'TimeoutError') return `no answer within ${answerMs / 1_000} s`;
    // Its words may hold the URL; a code such as ECONNREFUSED does not.
    const code = error instanceof Error ? codeOf(error.cause) : '';
    return `the connection failed${code === '' ? '' : ` (${code})`}`;
  } finally {
    end();
  }
}

const codeOf = (cause: unknown): string =>
  typeof cause === 'object' && cause !== null && 'code' in cause && /^[A-Z0-9_]+$/.test(String(cause.code))
    ? String(cause.code)
    : '';

/** A user and a password, or a token in its place, go into the header that is for them: no URL may be asked with one. */
function withoutAccount(url: URL): { readonly target: URL; readonly account: Readonly<Record<string, string>> } {
  const { username, password } = url;
  if (username === '' && password === '') return { target: url, account: {} };
  const target = new URL(url);
  target.username = '';
  target.password = '';
  const pair = Buffer.from(`${unescaped(username)}:${unescaped(password)}`).toString('base64');
  return { target, account: { Authorization: `Basic ${pair}` } };
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // Whoever wrote a bare % means one.
    return text;
  }
}

function messageOf(kind: RebootNotify['kind'], event: Event): Message {
  const json = { 'Content-Type': 'application/json' };
  switch (kind) {
    case 'slack':
      return { headers: json, body: JSON.stringify({ text: `[${event.cluster}] ${plain(event.text)}` }) };
    case 'webhook':
      return { headers: json, body: JSON.stringify(event) };
    case 'ntfy':
      return {
        headers: { Title: `${event.cluster}: reboots`, Priority: event.event === 'stopped' ? 'high' : 'default' },
        body: event.text,
      };
  }
}

/** Slack takes `<!channel>` and the like for an order: https://api.slack.com/reference/surfaces/formatting#escaping */
const plain = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
