/** A roll that is killed at each instant, and two at once: what must hold is asked after every change. */
import { describe, expect, test } from 'vitest';
import { Run } from './run.js';
import { expectRolled, halvesOfRoll, interleave, NODES, upTo, world } from './three-nodes.js';
import { heldUp, shuffled } from './two-rolls.js';

const HALVES = halvesOfRoll();

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

  // One is held up while the other works. schedules.test.ts does it at each of its instants, and in many more orders.
  test('the first held up for longer than the Lease lasts, the second works on', () => {
    const ends = new Set<string>();
    for (let halves = 1; halves < HALVES; halves += 3) ends.add(heldUp(halves, 61_000));

    expect(ends.size).toBeGreaterThan(1);
  });

  test('keep every promise in a random order', () => {
    let orders = 0;
    for (; orders < 25; orders += 1) shuffled(orders + 1);

    expect(orders).toBe(25);
  });
});
