/** Each way in which a roll stops, line for line as the person sees it who watches. */
import { expect, test } from 'vitest';
import { createWatcher } from '../../../src/commands/reboot-watcher.js';
import { downtimes, type Sampled, sample } from '../../../src/ops/reboot/downtime.js';
import { Run } from './run.js';
import { upTo } from './three-nodes.js';
import { NODES, world } from './two-nodes.js';
import type { World } from './world.js';

/** What a run says until its end, not on a terminal. */
function watched(rolled: World, run: Run, meanwhile: () => void = () => undefined): string {
  const lines: string[] = [];
  const say = (line: string): number => lines.push(line);
  const began = rolled.time;
  const io = { out: say, err: say, exists: () => false, environment: {}, takeSignals: () => () => undefined };
  const watcher = createWatcher({ ...io, monotonic: () => rolled.time }, () => rolled.time - began);
  run.watcher = watcher.step;
  let sampled: Sampled | null = null;
  run.toEnd(() => {
    sampled = sample(sampled, rolled.look(), rolled.time);
    meanwhile();
    return false;
  });
  if (run.end !== null) watcher.end(run.end, downtimes(sampled));
  return `${lines.join('\n')}\n`;
}

const roll = (rolled: World): Run => new Run(rolled, 'ada@desk', NODES);

const WAYS: readonly (readonly [string, () => string])[] = [
  ['finished', () => watched(...both(world()))],
  ['check', () => faulty({ checkFails: 'before' })],
  ['budget', () => watched(...both(world().addWorkload(STUCK, 'attic')))],
  ['host-refuses', () => faulty({ hostRefuses: 'attic' })],
  ['job-never-begins', () => faulty({ jobNeverBegins: 'attic' })],
  ['never-back', () => faulty({ neverBack: 'attic' })],
  ['broken-pod', () => faulty({ brokenAfterBoot: 'attic' })],
  ['check-after', () => faulty({ checkFails: 'after' })],
  ['bare-pod', () => watched(...both(world().addBare('notes', 'attic')))],
  [
    'uncordoned',
    () => {
      const rolled = world();
      let done = false;
      return watched(...both(rolled), () => {
        if (done || !rolled.node('attic').unschedulable) return;
        done = true;
        rolled.personUncordons('attic');
      });
    },
  ],
  [
    'mark-taken-off',
    () => {
      const rolled = world();
      rolled.faults = { jobNeverBegins: 'attic' };
      let done = false;
      return watched(...both(rolled), () => {
        if (done || !rolled.jobs.has('attic')) return;
        done = true;
        rolled.personTakesMark('attic');
      });
    },
  ],
  [
    'another-at-work',
    () => {
      const rolled = world();
      const other = new Run(rolled, 'bob@desk', NODES).toEnd(upTo(4));
      // It goes on while this one waits.
      return watched(...both(rolled), () => {
        if (other.end === null && other.wakesAt <= rolled.time) other.half();
      });
    },
  ],
  [
    'lease-taken-over',
    () => {
      const rolled = world();
      let done = false;
      return watched(...both(rolled), () => {
        if (done || rolled.lease === null || !rolled.node('attic').unschedulable) return;
        done = true;
        rolled.writeLease({
          ...{
            what: 'go-on',
            guard: String(rolled.lease.rv),
            holder: 'bob@desk',
            roll: rolled.look().lease?.roll as never,
          },
          why: '',
        });
      });
    },
  ],
  [
    'gone-on-with',
    () => {
      const rolled = world();
      new Run(rolled, 'bob@desk', NODES).toEnd(() => rolled.jobs.get('attic')?.progress === 'begun');
      return watched(...both(rolled));
    },
  ],
  [
    'undone',
    () => {
      const rolled = world();
      new Run(rolled, 'bob@desk', NODES).toEnd(() => rolled.jobs.get('attic')?.progress === 'begun');
      return watched(rolled, new Run(rolled, 'ada@desk', [], {}, 'undo'));
    },
  ],
];

const STUCK = { kind: 'Deployment', name: 'stuck', desired: 1, minAvailable: 1 } as const;
const both = (rolled: World): readonly [World, Run] => [rolled, roll(rolled)];

function faulty(faults: World['faults']): string {
  const rolled = world();
  rolled.faults = faults;
  return watched(...both(rolled));
}

test.each(WAYS)('%s', async (way, said) => {
  const text = said();

  expect(text.split('\n').length).toBeGreaterThan(3);
  await expect(text).toMatchFileSnapshot(`golden/${way}.txt`);
});
