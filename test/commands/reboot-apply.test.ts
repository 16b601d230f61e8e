/** What a person can still do while the API server does not answer. */
import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { applyRoll } from '../../src/commands/reboot-apply.js';
import { rollOptions } from '../../src/commands/reboot-planned.js';
import { terminal } from '../../src/commands/run.js';
import type { ActingKubeApi } from '../../src/live/kube-actions.js';
import { failure } from '../support/check-facts.js';
import { minimal } from '../support/clusters.js';

const never = () => new Promise<never>(() => undefined);

/** Nothing that is asked of it comes back, and nothing may be written. */
const SILENT: ActingKubeApi = {
  ...{ context: 'attic', server: 'https://192.0.2.7:6443', close: () => undefined },
  ...{ get: never, list: never, dryRunApply: never, version: never, log: never, resource: never },
  now: async () => failure('no answer'),
  actions: { create: refused, replace: refused, merge: refused, evict: refused, remove: refused },
};

async function refused(): Promise<never> {
  throw new Error('a write');
}

function rolling() {
  const cluster = minimal();
  const said: string[] = [];
  let give = (_signal: NodeJS.Signals): void => undefined;
  let isReleased = false;
  const io = {
    ...terminal,
    err: (line: string) => said.push(line.replace(/^ *[\d.]+ s {2}/, '')),
    takeSignals: (take: (signal: NodeJS.Signals) => void) => {
      give = take;
      return () => {
        isReleased = true;
      };
    },
  };
  const roll = applyRoll(
    {
      ...{ api: SILENT, cluster, options: rollOptions(cluster), checks: never, wanted: [], reason: null },
      ...{ undo: false, mayBegin: null, output: 'text' },
    },
    io,
  );
  return { roll, said, signal: (name: NodeJS.Signals) => give(name), isReleased: () => isReleased };
}

test('a first Ctrl-C says what it waits for, and a second one ends it at once', async () => {
  const { roll, said, signal, isReleased } = rolling();
  const ended = roll.catch((error: unknown) => error);
  await turn();

  signal('SIGINT');
  const still = await Promise.race([ended, turn('under way')]);
  signal('SIGINT');

  expect(still).toBe('under way');
  expect(await ended).toMatchObject({
    message: 'ended at once by a second SIGINT: what was being written may have arrived',
    hints: ['selfheal reboot --apply goes on; selfheal reboot --undo takes back what stands'],
  });
  expect(said).toEqual(['SIGINT: ends after what is being written; once more: at once']);
  expect(isReleased()).toBe(true);
});
