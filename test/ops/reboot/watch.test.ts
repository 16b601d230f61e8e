/** From when on each thing is timed. */
import { describe, expect, test } from 'vitest';
import type { Seen } from '../../../src/ops/reboot/state.js';
import { NOTHING_WATCHED, watch } from '../../../src/ops/reboot/watch.js';
import { marked, rolling, withJob, withNode, world } from './looks.js';

const keys = (seen: Seen, before = NOTHING_WATCHED): readonly string[] => [
  ...watch(before, seen, 'me', 7).since.keys(),
];
const held = (seen: Seen = world().look()): Seen => rolling(seen, {});

describe('what is timed', () => {
  test('is nothing of a run that waits for the lock', () => {
    expect(keys(marked(world().look()))).toEqual([]);
    expect(watch(NOTHING_WATCHED, held(), 'another', 7)).toMatchObject({ held: null });
  });

  test('is what the roll is at', () => {
    expect(keys(held())).toEqual(['free 0']);
    expect(keys(rolling(world().look(), { done: ['attic'] }))).toEqual(['free 1']);
    expect(keys(held(withJob(world().look())))).toEqual(['job attic', 'free 0']);
    const stopped = { node: null, step: 'lock', why: 'x' } as const;
    expect(keys(rolling(world().look(), { stopped }))).toEqual(['free 0', 'stopping']);
  });

  test('is of a marked node how far it is', () => {
    const drain = 'drain attic attic-boot-1';
    const boot = 'boot attic attic-boot-1';
    const back = { bootId: 'attic-boot-2' };

    expect(keys(held(marked(world().look())))).toEqual([drain]);
    expect(keys(held(marked(world().look(), { step: 'reboot' })))).toEqual([drain, boot]);
    expect(keys(held(withNode(marked(world().look()), 'attic', back)))).toEqual([
      ...[drain, boot, 'verify attic attic-boot-1'],
    ]);
    expect(keys(held(withNode(marked(world().look()), 'attic', { ...back, ready: false })))).toEqual([drain, boot]);
    expect(keys(held(withNode(marked(world().look()), 'attic', { bootId: '' })))).toEqual([drain]);
    expect(keys(held(withNode(world().look(), 'attic', { mark: 'unreadable' })))).toEqual([]);
  });

  test('goes on where a node that was back is not Ready again', () => {
    const back = held(withNode(marked(world().look()), 'attic', { bootId: 'attic-boot-2' }));
    const before = watch(NOTHING_WATCHED, back, 'me', 3);

    expect(
      watch(before, withNode(back, 'attic', { ready: false }), 'me', 9).since.get('verify attic attic-boot-1'),
    ).toBe(3);
  });
});
