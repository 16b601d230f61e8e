/** What a person sees of a roll while it goes, on a terminal and elsewhere. */
import { describe, expect, test } from 'vitest';
import { createWatcher } from '../../src/commands/reboot-watcher.js';
import { terminal } from '../../src/commands/run.js';
import type { Step } from '../../src/ops/reboot/state.js';

const wait = (why: string, node = 'lamp'): Step => ({ do: 'wait', ms: 500, phase: 'verify', node, why });
const cordon = (node: string): Step => ({
  ...{ do: 'mark', what: 'cordon', node, guard: '1', mark: null, why: 'cordons it' },
});
const verify: Step = { do: 'check', node: 'lamp', phase: 'after' };

function watched(isTerminal: boolean) {
  const lines: string[] = [];
  let now = 5_000;
  const io = {
    ...terminal,
    out: (line: string) => lines.push(`out: ${line}`),
    err: (line: string) => lines.push(line),
    ...(isTerminal && { status: (text: string) => lines.push(`~${text}`) }),
  };
  const watcher = createWatcher(io, () => now);
  return {
    watcher,
    lines,
    later: (ms: number, step: Step): void => {
      now += ms;
      watcher.step(step);
    },
  };
}

describe('where nobody sees a line that is drawn anew', () => {
  test('what is waited for is told once, and again only when it is another after half a minute', () => {
    const { later, lines } = watched(false);

    later(0, wait('volume a'));
    for (let count = 0; count < 40; count++) later(500, wait('volume a'));
    later(500, wait('volume b'));
    later(10_000, wait('volume c'));
    later(500, wait('volume c'));

    expect(lines).toEqual(['    0.0 s  lamp: verify: wait volume a', '   30.5 s  lamp: verify: wait volume c']);
  });

  test('what is waited for elsewhere is told at once', () => {
    const { later, lines } = watched(false);

    later(0, wait('volume a'));
    later(500, wait('volume a', 'bulb'));

    expect(lines).toEqual(['    0.0 s  lamp: verify: wait volume a', '    0.5 s  bulb: verify: wait volume a']);
  });

  test('a check that is asked every few seconds is told once, and its reason by the wait', () => {
    const { later, lines } = watched(false);

    for (let count = 0; count < 10; count++) {
      later(500, verify);
      later(4_500, wait('jiva-volumes: pvc-1 is being rebuilt'));
    }

    expect(lines).toEqual([
      '    0.5 s  lamp: verify: is all well with it back',
      '    5.0 s  lamp: verify: wait jiva-volumes: pvc-1 is being rebuilt',
    ]);
  });

  test('a write that has to be sent again, since somebody was faster, is told once; after a word in between again', () => {
    const { watcher, later, lines } = watched(false);

    later(0, cordon('bulb'));
    later(100, cordon('bulb'));
    later(100, cordon('lamp'));
    watcher.say('not taken: the server is too busy');
    later(100, cordon('lamp'));

    expect(lines).toEqual([
      '    0.0 s  bulb: cordon and mark: cordons it',
      '    0.2 s  lamp: cordon and mark: cordons it',
      '    0.2 s  not taken: the server is too busy',
      '    0.3 s  lamp: cordon and mark: cordons it',
    ]);
  });

  test('renewals of the lock are nobody’s news', () => {
    const { later, lines } = watched(false);

    later(0, { do: 'lease', what: 'renew', guard: '1', holder: 'me', roll: null, why: 'keeps the lock' });

    expect(lines).toEqual([]);
  });
});

describe('on a terminal', () => {
  test('what is waited for is drawn anew below, and taken off before a line is written', () => {
    const { later, lines } = watched(true);

    later(0, wait('volume a'));
    later(500, wait('volume b'));
    later(500, { do: 'remove-job', node: 'lamp', uid: 'u', why: 'its work is done' });

    expect(lines).toEqual([
      '~',
      '    0.0 s  lamp: verify: wait volume a',
      '~    0.5 s  lamp: verify: wait volume b',
      '~',
      '    1.0 s  lamp: remove its Job: its work is done',
    ]);
  });
});

test('the end is the result: how it ended, how long it took, and what each workload lacked', () => {
  const { watcher, later, lines } = watched(false);
  later(150_000, wait('volume a'));
  lines.length = 0;

  watcher.end({ kind: 'finished', done: ['bulb', 'lamp'], elsewhere: [] }, [
    { workload: 'Deployment shop/cart', belowMs: 4_240, withoutMs: 0 },
    { workload: 'Deployment shop/single', belowMs: 1_000, withoutMs: 900 },
  ]);

  expect(lines).toEqual([
    'out: done: bulb, lamp rebooted and verified',
    'out: it took 2 min 30 s',
    'out: below the desired replicas, as sampled:',
    'out:       4.2 s  Deployment shop/cart',
    'out:       1.0 s  Deployment shop/single (0.9 s without any ready one)',
  ]);
});
