/** A roll whose time runs out at each instant: no other node goes, none is left, and the next night goes on. */
import { describe, expect, test } from 'vitest';
import { Run } from './run.js';
import { expectRolled, NODES, world } from './three-nodes.js';

/** How long a whole roll takes in that world. */
function timeOfRoll(): number {
  const rolled = world();
  new Run(rolled, 'first', NODES).toEnd();
  return rolled.time;
}

const TIMES = Array.from({ length: 60 }, (_, index) => Math.floor((timeOfRoll() * index) / 60));

test('outside of its time it does not even take the lock', () => {
  const rolled = world();
  const run = new Run(rolled, 'first', NODES);
  run.closesAt = 0;

  run.toEnd();

  expect(run.end).toEqual({ kind: 'closed', done: [], open: NODES });
  expect(run.writes).toBe(0);
  expect(rolled.lease).toBeNull();
});

test('among the instants are those at which each of the nodes is under way', () => {
  const done = TIMES.map((closesAt) => {
    const run = new Run(world(), 'first', NODES);
    run.closesAt = closesAt;
    const { end } = run.toEnd();
    return end?.kind === 'closed' || end?.kind === 'finished' ? end.done.length : -1;
  });

  expect(new Set(done)).toEqual(new Set([0, 1, 2, 3]));
});

describe.each(TIMES)('closed after %i ms', (closesAt) => {
  function closed() {
    const rolled = world();
    const run = new Run(rolled, 'first', NODES);
    run.closesAt = closesAt;
    const begun: string[] = [];
    run.watcher = (step) => {
      if (step.do === 'mark' && step.what === 'cordon' && rolled.time >= closesAt) begun.push(step.node);
    };
    run.toEnd();
    return { rolled, begun };
  }

  test('it begins no other node, and leaves none out of service', () => {
    const { rolled, begun } = closed();

    expect(begun).toEqual([]);
    expect([...rolled.nodes.values()].map(({ mark, unschedulable }) => [mark, unschedulable])).toEqual(
      NODES.map(() => [null, false]),
    );
    expect(rolled.jobs.size).toBe(0);
    expect(rolled.lease?.holder ?? '').toBe('');
  });

  test('the next night goes on with the rest, and reboots none twice', () => {
    const { rolled } = closed();
    const waiting = NODES.filter((node) => !rolled.reboots.has(node));

    const next = new Run(rolled, 'second', waiting).toEnd();

    expect(next.end?.kind).toBe('finished');
    expectRolled(rolled);
  });
});

test.each([0, 3_000])('a stop is said, and is no end of its time, although that is over %i ms after it', (later) => {
  const rolled = world();
  rolled.faults = { checkFails: 'before' };
  const run = new Run(rolled, 'first', NODES);
  run.watcher = (step) => {
    if (step.do === 'lease' && step.what === 'stop') run.closesAt = rolled.time + later;
  };

  run.toEnd();

  expect(run.end).toMatchObject({ kind: 'stopped', node: 'attic', step: 'check', left: [] });
  expect(rolled.lease?.holder).toBe('');
});
