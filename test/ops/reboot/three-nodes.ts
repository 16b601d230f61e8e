/** Three nodes that are rolled, what must hold of them at the end, and two runs in any order of their halves. */
import { expect } from 'vitest';
import { Run } from './run.js';
import { World } from './world.js';

export const NODES = ['attic', 'barn', 'cellar'];

/** Three nodes, with every kind of workload that a drain treats in its own way. */
export function world(): World {
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
export function expectRolled(rolled: World): void {
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

/** Looks and writes of a whole roll: the instants at which it may be killed. */
export function halvesOfRoll(): number {
  let halves = 0;
  const rolled = world();
  new Run(rolled, 'first', NODES).toEnd(() => {
    // Once it has given the lock back, all is done.
    halves += rolled.lease?.holder === '' ? 0 : 1;
    return false;
  });
  return halves;
}

/** Until it has made so many halves. */
export const upTo = (halves: number) => {
  let made = 0;
  return () => {
    made += 1;
    return made > halves;
  };
};

/** Both to their ends; who is awake goes first, and `random` chooses among both. */
export function interleave(rolled: World, first: Run, second: Run, random: () => number): void {
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
export function mulberry(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
