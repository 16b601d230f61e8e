/** A roll that is killed at each instant, and two at once, in the small world: what must hold is asked after every change. */
import { describe, expect, test } from 'vitest';
import { Run } from './run.js';
import { World } from './world.js';

const NODES = ['attic', 'barn', 'cellar'];

/** Three nodes, with every kind of workload that a drain treats in its own way. */
function world(): World {
  return new World()
    .addNode('attic')
    .addNode('barn')
    .addNode('cellar', 'control-plane')
    .addWorkload({ kind: 'Deployment', name: 'cart', desired: 2 }, 'attic', 'attic')
    .addWorkload({ kind: 'Deployment', name: 'apart', desired: 3, apart: true }, 'attic', 'barn', 'cellar')
    .addWorkload({ kind: 'StatefulSet', name: 'db', desired: 2, minAvailable: 1 }, 'attic', 'barn')
    .addWorkload({ kind: 'Deployment', name: 'single', desired: 1 }, 'barn')
    .addWorkload({ kind: 'DaemonSet', name: 'agent', desired: 3 }, 'attic', 'barn', 'cellar');
}

/** Each rebooted once by a Job, none left marked or cordoned, nothing wrong at any instant. */
function expectRolled(rolled: World): void {
  expect(rolled.wrongs).toEqual([]);
  expect(Object.fromEntries(rolled.reboots)).toEqual({ attic: 1, barn: 1, cellar: 1 });
  for (const { name, mark, unschedulable, taints, ready } of rolled.nodes.values()) {
    expect({ name, mark, unschedulable, taints, ready }).toEqual({
      ...{ name, mark: null, unschedulable: false, taints: [], ready: true },
    });
  }
  expect(rolled.jobs.size).toBe(0);
  expect(rolled.lease?.holder).toBe('');
}

const HALVES = (() => {
  let halves = 0;
  const rolled = world();
  new Run(rolled, 'first', NODES).toEnd(() => {
    // Once it has given the lock back, all is done.
    halves += rolled.lease?.holder === '' ? 0 : 1;
    return false;
  });
  return halves;
})();

/** Until it has made so many halves. */
const upTo = (halves: number) => {
  let made = 0;
  return () => {
    made += 1;
    return made > halves;
  };
};

describe('a roll', () => {
  test('has enough instants for what follows to mean something', () => {
    expect(HALVES).toBeGreaterThan(80);
  });

  test('reboots each node once, agents first, and ends', () => {
    const rolled = world();

    const run = new Run(rolled, 'first', NODES).toEnd();

    expect(run.end).toEqual({ kind: 'finished', done: NODES, elsewhere: [] });
    expect(rolled.order).toEqual(NODES);
    expectRolled(rolled);
  });

  test.each(Array.from({ length: HALVES }, (_, index) => index))(
    'killed before its half %i is gone on with by the next',
    (halves) => {
      const rolled = world();
      new Run(rolled, 'first', NODES).toEnd(upTo(halves));

      const next = new Run(rolled, 'second', NODES).toEnd();

      expect(next.end?.kind).toBe('finished');
      expectRolled(rolled);
    },
  );

  test.each(Array.from({ length: HALVES }, (_, index) => index))(
    'killed before its half %i can be undone',
    (halves) => {
      const rolled = world();
      new Run(rolled, 'first', NODES).toEnd(upTo(halves));

      const undo = new Run(rolled, 'undo', [], {}, 'undo').toEnd();

      expect(undo.end).toEqual({ kind: 'undone', left: [] });
      expect(rolled.wrongs).toEqual([]);
      expect(rolled.lease).toBeNull();
      expect(rolled.jobs.size).toBe(0);
      expect(
        [...rolled.nodes.values()].filter(
          ({ mark, unschedulable, taints }) => mark ?? (unschedulable || taints.length > 0),
        ),
      ).toEqual([]);
    },
  );

  test('killed again and again, is done in the end', () => {
    const rolled = world();
    let runs = 0;
    for (let ended = false; !ended && runs < 200; runs += 1) {
      // Each first waits until the one before is dead: a look each 2 s, so enough halves for that and three more.
      const run = new Run(rolled, `run-${runs}`, NODES).toEnd(upTo(45));
      ended = run.end?.kind === 'finished';
    }

    expect(runs).toBeGreaterThan(3);
    expectRolled(rolled);
  });
});

describe('two rolls at once', () => {
  test('do not both act: the second says who holds the lock', () => {
    const rolled = world();
    const first = new Run(rolled, 'first', NODES).toEnd(upTo(20));
    const second = new Run(rolled, 'second', NODES);

    interleave(rolled, first, second, () => 0.5);

    expect(second.end).toMatchObject({ kind: 'refused', why: 'first is at work, and holds the Lease' });
    expectRolled(rolled);
  });

  // One is held up at each of its instants for as long, while the other works: all schedules with two changes.
  const PAUSES = [61_000, 3_600_000];
  test.each(PAUSES)('the first held up for %i ms at each instant, the second works on', (pause) => {
    const ends = new Set<string>();
    // Before its first look, and after it gave the lock back, there is only one roll after another.
    for (let halves = 1; halves < HALVES; halves += 1) {
      const rolled = world();
      const first = new Run(rolled, 'first', NODES).toEnd(upTo(halves));
      const second = new Run(rolled, 'second', NODES);
      const until = rolled.time + pause;
      second.toEnd(() => rolled.time >= until);
      if (rolled.time < until) rolled.advance(until - rolled.time);
      interleave(rolled, first, second, () => 0.5);
      ends.add(`${first.end?.kind} ${second.end?.kind}`);

      expect([halves, rolled.wrongs, first.end, second.end]).toEqual([halves, [], first.end, second.end]);
      if (first.end?.kind !== 'finished' && second.end?.kind !== 'finished') new Run(rolled, 'third', NODES).toEnd();
      expectRolled(rolled);
    }

    expect(ends.size).toBeGreaterThan(1);
  });

  const SEEDS = Array.from({ length: 100 }, (_, index) => index + 1);
  test.each(SEEDS)('in a random order, with seed %i, keep every promise', (seed) => {
    const rolled = world();
    const random = mulberry(seed);
    const runs = [new Run(rolled, 'first', NODES), new Run(rolled, 'second', NODES)] as const;

    // Each is held up now and then for longer than the Lease lasts.
    for (let round = 0; round < 60; round += 1) {
      const run = runs[random() < 0.5 ? 0 : 1];
      run.toEnd(upTo(Math.floor(random() * 12)));
      if (random() < 0.1) rolled.advance(Math.floor(random() * 90_000));
    }
    interleave(rolled, ...runs, random);
    const last = runs.some(({ end }) => end?.kind === 'finished') ? null : new Run(rolled, 'third', NODES).toEnd();

    expect(last?.end?.kind ?? 'finished').toBe('finished');
    expectRolled(rolled);
  });
});

/** Both to their ends; who is awake goes first, and `random` chooses among both. */
function interleave(rolled: World, first: Run, second: Run, random: () => number): void {
  for (let halves = 0; first.end === null || second.end === null; halves += 1) {
    if (halves > 40_000) throw new Error('two rolls: expected an end of both, got none');
    const alive = [first, second].filter(({ end }) => end === null);
    const awake = alive.filter(({ wakesAt }) => wakesAt <= rolled.time);
    const turn = awake[Math.floor(random() * awake.length)];
    if (turn === undefined) rolled.advance(Math.min(...alive.map(({ wakesAt }) => wakesAt)) - rolled.time);
    else turn.half();
  }
}

/** A small generator with a seed: the same order each time. */
function mulberry(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
