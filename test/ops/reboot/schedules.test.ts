/** Two rolls at once in many more orders than killed.test.ts has time for. */
import { describe, expect, test } from 'vitest';
import { Run } from './run.js';
import { expectRolled, halvesOfRoll, NODES, upTo, world } from './three-nodes.js';
import { heldUp, shuffled } from './two-rolls.js';

const HALVES = halvesOfRoll();

describe('two rolls at once', () => {
  // Before its first look, and after it gave the lock back, there is only one roll after another.
  test.each([29_000, 61_000, 95_000, 3_600_000])('the first held up for %i ms at each instant', (pause) => {
    const ends = new Set(Array.from({ length: HALVES - 1 }, (_, index) => heldUp(index + 1, pause)));

    expect(ends.size).toBeGreaterThan(1);
  });

  test.each(Array.from({ length: 1_000 }, (_, index) => index + 1))(
    'in a random order, with seed %i, keep every promise',
    (seed) => {
      shuffled(seed);

      expect(seed).toBeGreaterThan(0);
    },
  );
});

describe('a roll that is killed twice', () => {
  test.each(Array.from({ length: HALVES }, (_, index) => index))('first before its half %i', (halves) => {
    // The second one waits for about thirty looks before it acts.
    for (let more = 28; more < 90; more += 3) {
      const rolled = world();
      new Run(rolled, 'first', NODES).toEnd(upTo(halves));
      new Run(rolled, 'second', NODES).toEnd(upTo(more));

      // One whose lock is given back has ended: what it has done is not to be asked for once more.
      if (rolled.lease?.holder !== '') new Run(rolled, 'third', NODES).toEnd();

      expectRolled(rolled);
    }
  });
});
