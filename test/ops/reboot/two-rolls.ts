/** Two runs at the same cluster, in an order that is given: what must hold of the roll whatever that order is. */
import { expect } from 'vitest';
import { Run } from './run.js';
import { expectRolled, interleave, mulberry, NODES, upTo, world } from './three-nodes.js';

/** The first one is held up after so many halves, for so long, and the second one works. How both ended. */
export function heldUp(halves: number, pause: number): string {
  const rolled = world();
  const first = new Run(rolled, 'first', NODES).toEnd(upTo(halves));
  const second = new Run(rolled, 'second', NODES);
  const until = rolled.time + pause;
  second.toEnd(() => rolled.time >= until);
  if (rolled.time < until) rolled.advance(until - rolled.time);
  interleave(rolled, first, second, () => 0.5);

  expect({ halves, wrongs: rolled.wrongs }).toEqual({ halves, wrongs: [] });
  if (first.end?.kind !== 'finished' && second.end?.kind !== 'finished') new Run(rolled, 'third', NODES).toEnd();
  expectRolled(rolled);
  return `${first.end?.kind} ${second.end?.kind}`;
}

/** In a random order; each is held up now and then for longer than the Lease lasts. */
export function shuffled(seed: number): void {
  const rolled = world();
  const random = mulberry(seed);
  const runs = [new Run(rolled, 'first', NODES), new Run(rolled, 'second', NODES)] as const;
  for (let round = 0; round < 60; round += 1) {
    const run = runs[random() < 0.5 ? 0 : 1];
    run.toEnd(upTo(Math.floor(random() * 12)));
    if (random() < 0.1) rolled.advance(Math.floor(random() * 90_000));
  }
  interleave(rolled, ...runs, random);
  const last = runs.some(({ end }) => end?.kind === 'finished') ? null : new Run(rolled, 'third', NODES).toEnd();

  expect({ seed, end: last?.end?.kind ?? 'finished' }).toEqual({ seed, end: 'finished' });
  expectRolled(rolled);
}
