import { expect, test } from 'vitest';
import { orderOf } from '../../../src/ops/reboot/order.js';

const node = (name: string, role: 'worker' | 'control-plane' = 'worker') => ({ name, role });
const NODES = [
  node('one', 'control-plane'),
  node('two', 'control-plane'),
  node('three', 'control-plane'),
  node('lamp'),
  node('bulb'),
];

test('agents come first, as they are described, and the control plane after them', () => {
  expect(orderOf(NODES, [], null)).toEqual(['lamp', 'bulb', 'one', 'two', 'three']);
});

test('who leads the control plane is the very last, and an agent that answers us the last agent', () => {
  expect(orderOf(NODES, ['one'], null)).toEqual(['lamp', 'bulb', 'two', 'three', 'one']);
  expect(orderOf(NODES, ['lamp', 'two', 'one'], null)).toEqual(['bulb', 'lamp', 'three', 'one', 'two']);
});

test('a leader that is no node moves nothing', () => {
  expect(orderOf(NODES, ['elsewhere'], null)).toEqual(orderOf(NODES, [], null));
});

test('an order of the description holds, whoever leads', () => {
  const described = ['one', 'bulb', 'three', 'two', 'lamp'];

  expect(orderOf(NODES, ['one'], described)).toEqual(described);
});
