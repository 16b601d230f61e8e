/** Of what somebody is told, and of what not. */
import { describe, expect, test } from 'vitest';
import { createRollEvents } from '../../src/commands/reboot-events.js';
import type { Ask, End, LeaseWrite, Mark, Roll, Step } from '../../src/ops/reboot/state.js';

const ASK: Ask = { id: 'new', reason: 'a new kernel', by: 'ada@desk', nodes: ['barn', 'lamp'] };
const ROLL: Roll = { ...ASK, boots: {}, done: [], settling: null, stopped: null };
const OLD: Roll = {
  ...ROLL,
  id: 'old',
  reason: 'arguments',
  by: 'CronJob',
  nodes: ['cellar', 'barn'],
  done: ['cellar'],
};

const lease = (what: LeaseWrite['what'], roll: Roll | null): Step => ({
  ...{ do: 'lease', what, guard: '1', holder: 'me', roll, why: '' },
});
const MARK: Mark = {
  ...{ roll: 'new', step: 'drain', bootId: 'b', cordoned: 'by-us', workloads: [], before: [], why: null },
};
const mark = (what: 'cordon' | 'step' | 'note' | 'give-back', node: string): Step => ({
  ...{ do: 'mark', what, node, guard: '1', mark: MARK, why: '' },
});

const STOPPED: End = {
  ...{ kind: 'stopped', node: 'barn', step: 'drain', why: 'a budget holds it', left: ['node barn: marked'], next: 'x' },
};
const QUIETLY = { interrupted: false };

describe('somebody is told', () => {
  test('of the beginning, each node before and after, and the end: once', () => {
    const events = createRollEvents(ASK);
    const told: unknown[] = [];
    const steps: readonly Step[] = [
      lease('begin', ROLL),
      { do: 'check', node: 'barn', phase: 'before' },
      mark('cordon', 'barn'),
      lease('renew', ROLL),
      mark('step', 'barn'),
      lease('done', { ...ROLL, done: ['barn'] }),
      mark('give-back', 'barn'),
      lease('give-back', { ...ROLL, done: ['barn'] }),
    ];
    for (const step of steps) told.push(...events.of('before', step), ...events.of('after', step));
    told.push(events.atEnd({ kind: 'finished', done: ['barn'], elsewhere: [] }, QUIETLY));

    expect(told).toEqual([
      { event: 'begins', node: null, roll: 'new', text: 'a roll begins, barn, lamp: a new kernel' },
      { event: 'node-goes', node: 'barn', roll: 'new', text: 'barn is drained and rebooted now: a new kernel' },
      { event: 'node-is-back', node: 'barn', roll: 'new', text: 'barn is back in a new boot, and all is well' },
      { event: 'ended', node: null, roll: 'new', text: 'done: barn rebooted and verified' },
    ]);
  });

  test('before a node goes, and not when the write has come back', () => {
    const events = createRollEvents(ASK);

    expect(events.of('before', mark('cordon', 'barn')).map(({ event }) => event)).toEqual(['node-goes']);
    expect(events.of('after', mark('cordon', 'barn'))).toEqual([]);
  });

  test('once of each node that goes, however often the write has to be sent', () => {
    const events = createRollEvents(ASK);
    const sent = ['barn', 'barn', 'lamp'].flatMap((node) => events.of('before', mark('cordon', node)));

    expect(sent.map(({ event, node }) => [event, node])).toEqual([
      ['node-goes', 'barn'],
      ['node-goes', 'lamp'],
    ]);
  });

  test('of a roll that goes on as what it is, and not as what was asked for now', () => {
    const events = createRollEvents(ASK);

    const told = [
      ...events.of('after', lease('go-on', OLD)),
      ...events.of('before', mark('cordon', 'barn')),
      events.atEnd({ kind: 'finished', done: ['cellar', 'barn'], elsewhere: [] }, QUIETLY),
    ];

    expect(told).toEqual([
      {
        event: 'goes-on',
        node: null,
        roll: 'old',
        text: 'the roll of CronJob goes on, cellar, barn, done cellar: arguments',
      },
      { event: 'node-goes', node: 'barn', roll: 'old', text: 'barn is drained and rebooted now: arguments' },
      { event: 'ended', node: null, roll: 'old', text: 'done: cellar, barn rebooted and verified' },
    ]);
    expect(events.roll()).toBe('old');
  });

  test('of a stop, with the node, what stands and what is next', () => {
    const events = createRollEvents(ASK);
    events.of('after', lease('begin', ROLL));

    expect(events.atEnd(STOPPED, QUIETLY)).toEqual({
      ...{ event: 'stopped', node: 'barn', roll: 'new' },
      text: 'stopped at barn, drain: a budget holds it\nwhat stands:\n  node barn: marked\nnext: x',
    });
  });

  test('of a run that was told to end as of no stop: somebody goes on, as where its pod was evicted', () => {
    const events = createRollEvents(ASK);

    expect(events.atEnd(STOPPED, { interrupted: true })).toMatchObject({ event: 'interrupted', roll: null });
  });

  test.each<End>([
    { kind: 'finished', done: [], elsewhere: ['barn'] },
    { kind: 'closed', done: ['barn'], open: ['lamp'] },
  ])('of an end with something in it: %j', (end) => {
    expect(createRollEvents(ASK).atEnd(end, QUIETLY)).toMatchObject({ event: 'ended' });
  });
});

test.each<End>([
  { kind: 'finished', done: [], elsewhere: [] },
  { kind: 'closed', done: [], open: ['barn'] },
  { ...STOPPED, kind: 'refused', node: null, step: 'lock', why: 'bob is at work, and holds the Lease' },
])('nobody is told that nothing came about: %j', (end) => {
  expect(createRollEvents(ASK).atEnd(end, QUIETLY)).toBeNull();
});

test('a run that has begun nothing has no roll', () => {
  expect(createRollEvents(ASK).roll()).toBeNull();
});
