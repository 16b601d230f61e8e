/** After the last node nobody else asks whether the volumes that were rebuilt for it are whole. */
import { expect, test } from 'vitest';
import { Run } from './run.js';
import { expectRolled, NODES, world } from './three-nodes.js';

const PHASES = (run: Run): readonly string[] =>
  run.steps.flatMap((step) => (step.do === 'check' ? [`${step.phase} ${step.node}`] : []));

const VOLUMES = { volumes: true };

test('nobody asks where none are described', () => {
  const run = new Run(world(), 'ada', NODES).toEnd();

  expect(PHASES(run).filter((asked) => asked.startsWith('settled'))).toEqual([]);
});

test('a roll ends when they are whole, and asks of the last node alone', () => {
  const rolled = world();

  const run = new Run(rolled, 'ada', NODES, VOLUMES).toEnd();

  expect(run.end).toMatchObject({ kind: 'finished' });
  expect(PHASES(run).filter((asked) => asked.startsWith('settled'))).toEqual(['settled cellar']);
  expectRolled(rolled);
});

test('it waits for them, and asks again', () => {
  const rolled = world();
  rolled.faults.checkFails = 'settled';
  let asked = 0;

  const run = new Run(rolled, 'ada', NODES, VOLUMES);
  run.watcher = (step) => {
    if (step.do !== 'check' || step.phase !== 'settled') return;
    asked += 1;
    if (asked === 3) delete rolled.faults.checkFails;
  };
  run.toEnd();

  expect(run.end).toMatchObject({ kind: 'finished' });
  expect(asked).toBe(3);
});

test('those that do not become whole are no success: it stops, with every node in use and the lock given back', () => {
  const rolled = world();
  rolled.faults.checkFails = 'settled';

  const run = new Run(rolled, 'ada', NODES, VOLUMES).toEnd();

  expect(run.end).toMatchObject({ kind: 'stopped', node: 'cellar', step: 'settle', left: [] });
  expectRolled(rolled);
});
