/** When the time of a question is up. */
import { getEventListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { timeLimit } from '../../src/live/time-limit.js';
import { filesIn, withoutComments } from '../support/sources.js';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

test('is not forgotten when garbage is collected, although nobody holds more than the signal', async () => {
  const { signal } = timeLimit(100, new AbortController().signal);
  for (let looks = 0; looks < 100 && !signal.aborted; looks += 1) {
    await sleep(20);
    collectGarbage();
  }

  expect(signal.reason).toMatchObject({ name: 'TimeoutError' });
});

test('comes with the other signal, also with one that has come already', () => {
  const other = new AbortController();
  const { signal, end } = timeLimit(60_000, other.signal);
  other.abort('it was given up');
  const late = timeLimit(60_000, other.signal);

  expect([signal.reason, late.signal.reason]).toEqual(['it was given up', 'it was given up']);
  for (const each of [end, late.end]) each();
});

test('comes no more once what it was for is done, and leaves nothing at the other signal', async () => {
  const other = new AbortController();
  const { signal, end } = timeLimit(20, other.signal);
  end();
  await sleep(60);

  expect(signal.aborted).toBe(false);
  expect(getEventListeners(other.signal, 'abort')).toEqual([]);
});

test('is what everybody takes: no signal is made of others in a way that forgets their time', () => {
  const sources = filesIn('src').filter((path) => path.endsWith('.ts'));

  expect(sources).toContain('src/live/time-limit.ts');
  expect(sources.filter((path) => withoutComments(path).includes('AbortSignal.any('))).toEqual([]);
});
