/** What is read before a roll is begun, gone on with, or taken back. */
import { describe, expect, test } from 'vitest';
import type { Plan } from '../../../src/ops/reboot/plan.js';
import { beginText, planText, undoText } from '../../../src/ops/reboot/plan-text.js';
import type { Roll } from '../../../src/ops/reboot/state.js';

const WHERE = 'https://192.0.2.7:6443 (context attic)';
const HEAD = `attic: ${WHERE}`;

const NODE: Plan['nodes'][number] = {
  ...{ name: 'lamp', role: 'control-plane', reason: 'a new kernel', reached: null },
  ...{ moves: [], stays: [], withoutReady: [], blocks: [], unknown: [] },
};
const ROLL: Roll = {
  ...{ id: 'r-1', reason: 'arguments', by: 'ada@desk', nodes: ['barn', 'cellar'], done: ['barn'] },
  ...{ boots: {}, settling: null, stopped: null },
};
const STANDS = ['node cellar: marked, cordoned by the roll, Ready'];
const NOTHING: Plan = { cluster: 'attic', nodes: [], left: ['lamp'], unfinished: null, stands: [] };
const UNFINISHED: Plan = { ...NOTHING, unfinished: { roll: ROLL, stands: STANDS }, stands: STANDS };
const LEASE_GONE: Plan = { ...NOTHING, stands: STANDS };

const BEGUN = [
  'a roll stands unfinished: barn, cellar for ada@desk (arguments), done barn',
  '  node cellar: marked, cordoned by the roll, Ready',
];

describe('an undo', () => {
  test('says nothing of nodes that wait: it has not asked them', () => {
    expect(undoText(NOTHING, WHERE)).toEqual([HEAD, 'no roll stands unfinished: there is nothing to take back']);
  });

  test.each([
    ['of a roll', UNFINISHED, BEGUN],
    ['whose Lease is gone', LEASE_GONE, ['a roll that no Lease tells of any more has left:', ...BEGUN.slice(1)]],
  ])('%s says what stands, and what would be taken back', (_, plan, stands) => {
    expect(undoText(plan, WHERE)).toEqual([
      HEAD,
      ...stands,
      'would take back marks, cordons of the roll and its Jobs, where that is safe, and end the roll',
    ]);
  });
});

describe('what is about to begin', () => {
  test('is the plan', () => {
    const plan = { ...NOTHING, nodes: [NODE], left: [] };

    expect(beginText(plan, WHERE)).toEqual(planText(plan, WHERE));
  });

  test('is what stands unfinished, and not what was asked for now', () => {
    expect(beginText({ ...UNFINISHED, nodes: [NODE] }, WHERE)).toEqual([
      HEAD,
      ...BEGUN,
      'goes on with it, and with nothing else',
    ]);
  });
});

test('a plan tells what was left where no Lease tells of it, and what takes it back', () => {
  expect(planText(LEASE_GONE, WHERE)).toEqual([
    HEAD,
    'a roll that no Lease tells of any more has left:',
    '  node cellar: marked, cordoned by the roll, Ready',
    '  --undo takes it back',
    'no node waits for a reboot',
  ]);
});
