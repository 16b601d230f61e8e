/** What becomes of an object that moves to another Application: each row of the table in docs/diff.md, in either order. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readTree } from '../../../src/argo/read-tree.js';
import type { ObjectChange } from '../../../src/ops/change/object-change.js';
import { review } from '../../../src/ops/change/review.js';
import { type Bench, startBench } from '../bench/bench.js';
import { applicationOf, refreshAll, untilSynced } from '../support/applications.js';
import { namespace } from '../world/create.js';
import {
  applyApplications,
  type Content,
  config,
  filesOf,
  NAMESPACE,
  NEVER_BY_ITSELF,
  type SmallApplication,
} from './small-applications.js';

interface Move {
  readonly prunes: boolean;
  readonly refuses: boolean;
  /** Which of the two Applications looks at the commit first. */
  readonly first: 'old' | 'new';
  readonly isProtected: boolean;
}

const KEEP = { 'argocd.argoproj.io/sync-options': 'Prune=false' };

const both = [true, false];
const MOVES: readonly Move[] = both.flatMap((prunes) =>
  both.flatMap((refuses) =>
    both.flatMap((isProtected) => (['old', 'new'] as const).map((first) => ({ prunes, refuses, isProtected, first }))),
  ),
);

const nameOf = ({ prunes, refuses, isProtected, first }: Move): string =>
  [
    prunes ? 'prunes' : 'keeps',
    refuses ? 'refuses' : 'takes',
    ...(isProtected ? ['protected'] : []),
    `${first}-first`,
  ].join('-');
const from = (move: Move): string => `${nameOf(move)}-from`;
const to = (move: Move): string => `${nameOf(move)}-to`;

const APPLICATIONS: readonly SmallApplication[] = MOVES.flatMap((move) => [
  { name: from(move), prune: move.prunes },
  { name: to(move), options: move.refuses ? ['FailOnSharedResource=true'] : [] },
]);
const NAMES = APPLICATIONS.map(({ name }) => name);

const contentIn = (application: (move: Move) => string): Content =>
  MOVES.map((move) => [application(move), config(nameOf(move), move.isProtected ? KEEP : {})]);

let bench: Bench;
let said: ReadonlyMap<string, ObjectChange>;
let former: ReadonlyMap<string, string | undefined>;

const live = (move: Move) => bench.get('configmap', nameOf(move), NAMESPACE);
const holder = (move: Move): string | undefined =>
  live(move)?.metadata.annotations?.['argocd.argoproj.io/tracking-id']?.split(':')[0];
/** A sync goes on for ever where it cannot end well: what it says at the moment. */
const refusal = (move: Move): string => {
  const { message, conditions } = applicationOf(bench, to(move));
  return [message, ...conditions].join('\n');
};

beforeAll(async () => {
  bench = await startBench({ nodes: [], argo: true, crds: [], resyncSeconds: NEVER_BY_ITSELF });
  bench.apply([namespace(NAMESPACE)], { manager: 'test' });
  const [old, now] = [filesOf(bench, APPLICATIONS, contentIn(from)), filesOf(bench, APPLICATIONS, contentIn(to))];
  said = new Map(review(readTree(old, ''), readTree(now, '')).map((change) => [change.object.name, change]));
  const before = bench.repository.commit(old, 'before');
  applyApplications(bench, APPLICATIONS);
  await untilSynced(bench, NAMES, before);
  former = new Map(MOVES.map((move) => [nameOf(move), live(move)?.metadata.uid]));
  // Any event makes Argo CD look: who is to be second cannot act before.
  const second = new Set(MOVES.map((move) => (move.first === 'old' ? to(move) : from(move))));
  applyApplications(
    bench,
    APPLICATIONS.map((each) => ({ ...each, isOn: !second.has(each.name) })),
  );
  bench.repository.commit(now, 'after');
  await refreshAll(
    bench,
    NAMES.filter((name) => !second.has(name)),
  );
  await bench.until('those that were first have done what they do', () => {
    const late = MOVES.filter((move) => !isDone(move));
    if (late.length > 0) throw new Error(late.map(nameOf).join('\n'));
    return true;
  });
  applyApplications(bench, APPLICATIONS);
  await refreshAll(bench, [...second]);
}, 240_000);
afterAll(() => bench?.close());

/** Whether the first has done all that it ever does before the other looks. */
function isDone(move: Move): boolean {
  if (move.first === 'new')
    return move.refuses ? /Shared resource found/.test(refusal(move)) : holder(move) === to(move);
  if (move.prunes && !move.isProtected) return live(move) === undefined;
  return applicationOf(bench, from(move)).sync === 'OutOfSync';
}

const isThere = (move: Move) =>
  bench.until(`${nameOf(move)} is the new one's`, () => (holder(move) === to(move) ? live(move) : undefined));

const only = (wanted: Partial<Move>): readonly Move[] =>
  MOVES.filter((move) => Object.entries(wanted).every(([key, value]) => Reflect.get(move, key) === value));

describe('the old one prunes, the new one refuses what is shared: deleted and created anew', () => {
  test.each(only({ prunes: true, refuses: true, isProtected: false }))('$first one first', async (move) => {
    const now = await isThere(move);

    expect(now.metadata.uid).not.toBe(former.get(nameOf(move)));
    expect(said.get(nameOf(move))).toMatchObject({
      weight: 'danger',
      consequences: [
        expect.stringMatching(/deletes it, because .*; then .* creates it anew\.$/),
        expect.stringMatching(/first commit Prune=false .*; and \S+-to cannot have FailOnSharedResource=true/),
      ],
    });
  });
});

describe('the old one prunes, the new one takes it: who is first decides', () => {
  const moves = only({ prunes: true, refuses: false, isProtected: false });

  test.each(moves.filter(({ first }) => first === 'old'))('the old one: deleted and created anew', async (move) => {
    const now = await isThere(move);

    expect(now.metadata.uid).not.toBe(former.get(nameOf(move)));
  });

  test.each(moves.filter(({ first }) => first === 'new'))('the new one: it is the same object', async (move) => {
    await bench.until(
      'the old one has nothing to prune',
      () => applicationOf(bench, from(move)).sync === 'Synced' || undefined,
    );

    expect((await isThere(move)).metadata.uid).toBe(former.get(nameOf(move)));
  });

  test.each(moves)('diff says both, whoever is first ($first)', (move) => {
    expect(said.get(nameOf(move))).toMatchObject({
      weight: 'danger',
      consequences: [
        `If ${from(move)} syncs first, it deletes it, and ${to(move)} creates it anew; if ${to(move)} syncs first, it stays.`,
        expect.anything(),
      ],
    });
  });
});

describe('the old one does not prune it, the new one refuses what is shared: it stays where it was', () => {
  test.each([...only({ prunes: false, refuses: true }), ...only({ prunes: true, refuses: true, isProtected: true })])(
    'prunes $prunes, protected $isProtected, $first one first',
    async (move) => {
      await bench.until('the new one refuses', () => /Shared resource found/.test(refusal(move)) || undefined);

      expect(live(move)?.metadata.uid).toBe(former.get(nameOf(move)));
      expect(holder(move)).toBe(from(move));
      expect(said.get(nameOf(move))).toMatchObject({
        weight: 'danger',
        consequences: [expect.stringMatching(/each sync of .* fails/)],
      });
    },
  );
});

describe('the old one does not prune it, the new one takes it: it is the same object', () => {
  test.each([...only({ prunes: false, refuses: false }), ...only({ prunes: true, refuses: false, isProtected: true })])(
    'prunes $prunes, protected $isProtected, $first one first',
    async (move) => {
      const now = await isThere(move);

      expect(now.metadata.uid).toBe(former.get(nameOf(move)));
      expect(said.get(nameOf(move))).toMatchObject({
        weight: 'care',
        consequences: [`${to(move)} takes it over from ${from(move)}; the object itself stays.`],
      });
    },
  );
});
