/** A container's log and the API server's clock: the two answers that are no objects. */
import { show } from '../cluster/parse/issue.js';
import type { Answer } from '../manifest/live-object.js';
import { failed, readAnswer, readText } from './answers.js';
import type { KubeApi } from './kube-api.js';
import { pathOf } from './objects.js';
import type { Transport } from './transport.js';

const LARGEST_LOG = 1_048_576;

const TIME_STAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)( |$)/;

const PODS = { plural: 'pods', namespaced: true } as const;

export function createLogReader(transport: Transport): Pick<KubeApi, 'log' | 'now'> {
  async function log(
    { namespace, name }: Parameters<KubeApi['log']>[0],
    { container, tailLines, sinceSeconds }: Parameters<KubeApi['log']>[1],
  ): Promise<Answer<string>> {
    const what = `log of Pod ${namespace}/${name}, container ${container}`;
    const query = new URLSearchParams({ container, timestamps: 'true', limitBytes: String(LARGEST_LOG) });
    if (tailLines !== undefined) query.set('tailLines', String(tailLines));
    if (sinceSeconds !== undefined) query.set('sinceSeconds', String(sinceSeconds));
    const path = pathOf({ apiVersion: 'v1', kind: 'Pod' }, PODS, namespace, name);
    // The server has one form for a log and refuses whoever does not take every form.
    const reply = await transport.get(`${path}/log?${query}`, 'application/json, */*');
    const text = readText({ what, secret: false }, reply, 'text/plain');
    if (!text.ok) return text;
    // The limit cuts off the newest lines, which are those that count.
    if (Buffer.byteLength(text.value) >= LARGEST_LOG)
      return failed('server', `${what}: expected less than ${LARGEST_LOG} bytes, got more; ask for fewer lines`);
    const stray = text.value.split('\n').find((line) => line !== '' && !TIME_STAMP.test(line));
    // The runtime stamps whatever a container writes: this is the kubelet, which says that there is no log.
    if (stray !== undefined) return failed('server', `${what}: expected lines with a time stamp, got ${show(stray)}`);
    return text;
  }

  async function now(): Promise<Answer<number>> {
    const what = "the API server's clock";
    const reply = await transport.get('/version');
    const answer = readAnswer({ what, secret: false }, reply);
    if (!answer.ok) return answer;
    const date = 'why' in reply ? undefined : reply.header('date');
    const time = Date.parse(date ?? '');
    return Number.isNaN(time)
      ? failed('server', `${what}: expected a Date header, got ${show(date)}`)
      : { ok: true, value: time };
  }

  return { log, now };
}
