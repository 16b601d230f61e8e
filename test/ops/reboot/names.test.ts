/** What stands in annotations, and what of it is nobody's roll. */
import { describe, expect, test } from 'vitest';
import { nodePatch, readMark, readRoll } from '../../../src/ops/reboot/names.js';
import type { Roll } from '../../../src/ops/reboot/state.js';
import { MARK, ROLL } from './looks.js';

const STOPPED = { node: 'attic', step: 'drain', why: 'a budget holds it' } as const;
const WHOLE: Roll = { ...ROLL, settling: { node: 'barn', workloads: ['Deployment shop/cart'] }, stopped: STOPPED };

const mark = (change: object) => readMark(JSON.stringify({ ...MARK, ...change }));
const roll = (change: object) => readRoll(JSON.stringify({ ...WHOLE, ...change }));

test.each([readMark, readRoll])(
  'what is not there is none, and what is no object of ours is unreadable: %o',
  (read) => {
    expect(read(undefined)).toBeNull();
    expect(['', 'no JSON', 'null', '7', '"x"', '[]', '{}'].map((text) => read(text))).toEqual(
      Array.from({ length: 7 }, () => 'unreadable'),
    );
  },
);

describe('a mark', () => {
  test('is read as it was written', () => {
    expect(mark({})).toEqual(MARK);
    expect(mark({ why: 'it never came back', cordoned: 'by-others', step: 'reboot' })).toEqual({
      ...MARK,
      ...{ why: 'it never came back', cordoned: 'by-others', step: 'reboot' },
    });
  });

  test.each([
    ...Object.keys(MARK).map((name) => ({ [name]: undefined })),
    ...[{ roll: 7 }, { bootId: 7 }, { bootId: '' }, { step: 'fly' }, { cordoned: 'by-me' }, { why: 7 }],
    ...[{ workloads: 'x' }, { workloads: ['x', 7] }, { before: 'x' }, { before: ['x', null] }],
  ])('with %o is unreadable: nobody uncordons by it', (change) => {
    expect(mark(change)).toBe('unreadable');
  });
});

describe('a roll', () => {
  test('is read as it was written', () => {
    expect(roll({})).toEqual(WHOLE);
    expect(roll({ settling: null, stopped: null })).toEqual(ROLL);
    expect(roll({ stopped: { ...STOPPED, node: null } })).toMatchObject({ stopped: { node: null } });
  });

  test.each(['lock', 'check', 'drain', 'reboot', 'verify', 'settle'])('may have stopped at %s', (step) => {
    expect(roll({ stopped: { ...STOPPED, step } })).toMatchObject({ stopped: { step } });
  });

  test.each([
    ...Object.keys(WHOLE).map((name) => ({ [name]: undefined })),
    ...[{ id: 7 }, { reason: 7 }, { by: 7 }, { nodes: 'x' }, { nodes: ['x', 7] }, { done: 'x' }, { done: [null] }],
    ...[{ boots: [] }, { boots: null }, { boots: 'x' }, { boots: { attic: 7 } }],
    ...[{ settling: 'x' }, { settling: {} }, { settling: { node: 7, workloads: [] } }, { settling: { node: 'x' } }],
    ...[{ stopped: 'x' }, { stopped: {} }, { stopped: { ...STOPPED, node: 7 } }, { stopped: { ...STOPPED, why: 7 } }],
    ...[{ stopped: { ...STOPPED, step: 'fly' } }, { stopped: { ...STOPPED, step: 7 } }],
  ])('with %o is unreadable: nobody goes on with it', (change) => {
    expect(roll(change)).toBe('unreadable');
  });
});

describe('the patch of a node', () => {
  const write = { node: 'attic', guard: '7', why: '' } as const;

  test('touches neither cordon nor taints where only the mark changes', () => {
    expect(nodePatch({ ...write, what: 'step', mark: MARK })).toEqual({
      metadata: { resourceVersion: '7', annotations: { 'selfheal.dev/reboot': JSON.stringify(MARK) } },
    });
  });

  test('touches no cordon where none is meant, and takes away what is to be empty', () => {
    expect(nodePatch({ ...write, what: 'give-back', mark: null, taints: [] })).toEqual({
      metadata: { resourceVersion: '7', annotations: { 'selfheal.dev/reboot': null } },
      spec: { taints: null },
    });
    expect(nodePatch({ ...write, what: 'give-back', mark: null, unschedulable: false })).toMatchObject({
      spec: { unschedulable: null },
    });
  });

  test('cordons, with all taints that there are to be', () => {
    const taints = [{ key: 'dedicated', effect: 'NoSchedule' }];

    expect(nodePatch({ ...write, what: 'cordon', mark: MARK, unschedulable: true, taints })).toMatchObject({
      spec: { unschedulable: true, taints },
    });
  });
});
