/** What a roll makes of looks that come late or not at all, and of an end at any instant; all else is seen on a real API server. */
import { expect, test } from 'vitest';
import { drive } from '../../src/commands/reboot-driver.js';
import { textAt } from '../../src/manifest/json.js';
import type { LiveObject } from '../../src/manifest/live-object.js';
import type { Manifest } from '../../src/manifest/manifest.js';
import type { RollState, Step } from '../../src/ops/reboot/state.js';
import { ROLL } from '../ops/reboot/looks.js';
import { OPTIONS } from '../ops/reboot/run.js';
import { MINIMAL_SPEC, parsed } from '../support/clusters.js';

const END: Step = { do: 'end', end: { kind: 'finished', done: [], elsewhere: [] } };

interface Played {
  /** So many milliseconds by its clock, the last one again and again. @default none */
  readonly looksTake?: readonly number[];
  /** How many looks. @default all */
  readonly answered?: number;
  /** What follows each look that is answered. @default ends at once */
  readonly steps?: readonly Step[];
  /** It is told to end with its first write. @default false */
  readonly interrupted?: boolean;
}

/** One run, at a cluster with nothing in it but the Lease that it writes. */
async function driven({ looksTake = [], answered = Number.POSITIVE_INFINITY, steps = [], interrupted }: Played) {
  const said: string[] = [];
  const decided: RollState[] = [];
  const decidedAt: number[] = [];
  const ending = new AbortController();
  let [now, looks] = [0, 0];
  let lease: LiveObject | null = null;
  const list = async ({ kind }: { readonly kind: string }) => {
    if (kind !== 'Pod') return { ok: true, value: [] };
    now += looksTake[Math.min(looks, looksTake.length - 1)] ?? 0;
    looks += 1;
    return looks <= answered
      ? { ok: true, value: [] }
      : { ok: false, failure: { kind: 'unreachable', message: 'list Pod: connect ECONNREFUSED' } };
  };
  const written = (object: Manifest, version: string) => {
    lease = { ...object, metadata: { ...object.metadata, uid: 'u', resourceVersion: version } } as LiveObject;
    if (interrupted) ending.abort();
    return { ok: true, value: lease };
  };
  const actions = {
    create: async (object: Manifest) => written(object, '1'),
    replace: async (object: LiveObject) =>
      object.metadata.resourceVersion === '1'
        ? written(object, '2')
        : { ok: false, failure: { kind: 'conflict', message: 'it changed meanwhile' } },
  };
  const get = async ({ name }: { readonly name: string }) => ({
    ...{ ok: true, value: name === 'selfheal-reboot' ? lease : null },
  });
  const { end } = await drive({
    ...{ cluster: parsed(MINIMAL_SPEC), options: OPTIONS, me: 'me', clock: () => now, time: () => new Date(0) },
    // Of a cluster's whole API no more than this is asked.
    api: { server: 'https://192.0.2.7', get, list, actions } as unknown as Parameters<typeof drive>[0]['api'],
    ask: { id: 'r-1', reason: 'a new kernel', by: 'ada', nodes: [] },
    next: (state) => {
      decided.push(state);
      decidedAt.push(performance.now());
      return steps[decided.length - 1] ?? END;
    },
    check: async () => ({ results: [] }),
    watcher: { step: () => undefined, say: (line) => said.push(line), end: () => undefined },
    hosts: { seen: (looked) => looked, take: () => undefined, end: () => undefined },
    told: () => undefined,
    ending: ending.signal,
  });
  return { end, said, decided, decidedAt, holder: textAt(lease, 'spec', 'holderIdentity') };
}

test('decides nothing by a look whose first answers are old, says so once, and once that it is over', async () => {
  const { said, decided, end } = await driven({ looksTake: [20_001, 20_000] });

  expect(said).toEqual([
    'the API server does not answer: a look at the cluster: expected all of it within 20 s, got it after 20 s',
    'the API server answers again',
  ]);
  expect(decided.map(({ lookedAt, now }) => [lookedAt, now])).toEqual([[20_001, 40_001]]);
  expect(end.kind).toBe('finished');
});

test('rests as long as a look takes, so that a large cluster is not looked at all the time', async () => {
  const first: Step = { do: 'wait', ms: 1, phase: 'drain', node: 'attic', why: 'for something' };
  const between = async (lookTakes: number): Promise<number> => {
    const [before = 0, after = 0] = (await driven({ looksTake: [lookTakes], steps: [first] })).decidedAt;
    return after - before;
  };

  expect(await between(1)).toBeLessThan(400);
  expect(await between(500)).toBeGreaterThanOrEqual(499);
});

test('ends when it is not answered for longer than a node may take to come back, and a minute', async () => {
  const { said, decided, end } = await driven({ looksTake: [OPTIONS.bootMs + 60_000, 1], answered: 0 });

  expect(said).toEqual(['the API server does not answer: list Pod: connect ECONNREFUSED']);
  expect(decided).toEqual([]);
  expect(end).toMatchObject({
    kind: 'lost',
    why: 'the API server does not answer any more: list Pod: connect ECONNREFUSED',
    left: ['not known: the cluster was never seen'],
  });
});

const BEGIN = {
  ...({ do: 'lease', what: 'begin', guard: null, holder: 'me', why: 'begins roll r-1' } as const),
  roll: ROLL,
};

test('gives the lock back that it took a moment before it was told to end', async () => {
  const { said, end, holder } = await driven({ steps: [BEGIN], interrupted: true });

  expect(holder).toBe('');
  expect(said).toEqual([]);
  expect(end).toMatchObject({ kind: 'stopped', why: 'it was told to end', left: [] });
});

test('tells of a write only as long as no look has shown what became of it', async () => {
  const wait = { do: 'wait', ms: 1, phase: 'drain', node: null, why: 'for nothing' } as const;
  const gone = { looksTake: [0, 0, OPTIONS.bootMs + 60_001], steps: [BEGIN, wait] };
  const [atOnce, later] = await Promise.all([
    driven({ ...gone, looksTake: [0, OPTIONS.bootMs + 60_001], answered: 1 }),
    driven({ ...gone, answered: 2 }),
  ]);

  expect(atOnce.end).toMatchObject({ left: ['perhaps done already: lock: begins roll r-1'] });
  expect(later.end).toMatchObject({ left: [expect.stringMatching(/^Lease .* held by this run/)] });
});
