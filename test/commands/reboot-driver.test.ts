/** What a roll makes of looks that come late or not at all; everything else of it is seen on a real API server. */
import { expect, test } from 'vitest';
import { drive } from '../../src/commands/reboot-driver.js';
import type { RollState, Step } from '../../src/ops/reboot/state.js';
import { OPTIONS } from '../ops/reboot/run.js';
import { MINIMAL_SPEC, parsed } from '../support/clusters.js';

const END: Step = { do: 'end', end: { kind: 'finished', done: [], elsewhere: [] } };

/** One run whose looks take so many milliseconds each by its clock, the last one again and again. */
async function driven(looksTake: readonly number[], answers: (look: number) => boolean = () => true) {
  const said: string[] = [];
  const decided: RollState[] = [];
  let [now, looks] = [0, 0];
  const list = async ({ kind }: { readonly kind: string }) => {
    if (kind !== 'Pod') return { ok: true as const, value: [] };
    now += looksTake[Math.min(looks, looksTake.length - 1)] ?? 0;
    looks += 1;
    return answers(looks)
      ? { ok: true as const, value: [] }
      : { ok: false as const, failure: { kind: 'unreachable' as const, message: 'list Pod: connect ECONNREFUSED' } };
  };
  const api = { server: 'https://192.0.2.7', get: async () => ({ ok: true, value: null }), list };
  const cluster = parsed(MINIMAL_SPEC);
  const outcome = await drive({
    ...{ cluster, options: OPTIONS, me: 'me', clock: () => now, time: () => new Date(0) },
    // Of a cluster's whole API a look asks for this much.
    api: api as unknown as Parameters<typeof drive>[0]['api'],
    ask: { id: 'r-1', reason: 'a new kernel', by: 'ada', nodes: [] },
    next: (state) => {
      decided.push(state);
      return END;
    },
    check: async () => ({ results: [] }),
    watcher: { step: () => undefined, say: (line) => said.push(line), end: () => undefined },
    hosts: { seen: (looked) => looked, take: () => undefined, end: () => undefined },
    told: () => undefined,
    ending: new AbortController().signal,
  });
  return { ...outcome, said, decided };
}

test('decides nothing by a look whose first answers are old, says so once, and once that it is over', async () => {
  const { said, decided, end } = await driven([20_001, 20_000]);

  expect(said).toEqual([
    'the API server does not answer: a look at the cluster: expected all of it within 20 s, got it after 20 s',
    'the API server answers again',
  ]);
  expect(decided.map(({ lookedAt, now }) => [lookedAt, now])).toEqual([[20_001, 40_001]]);
  expect(end.kind).toBe('finished');
});

test('ends when it is not answered for longer than a node may take to come back, and a minute', async () => {
  const { said, decided, end } = await driven([OPTIONS.bootMs + 60_000, 1], () => false);

  expect(said).toEqual(['the API server does not answer: list Pod: connect ECONNREFUSED']);
  expect(decided).toEqual([]);
  expect(end).toMatchObject({
    kind: 'lost',
    why: 'the API server does not answer any more: list Pod: connect ECONNREFUSED',
    left: ['not known: the cluster was never seen'],
  });
});
