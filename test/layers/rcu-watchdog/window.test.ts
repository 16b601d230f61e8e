import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { describeWith } from '../../support/tools.js';

const SCRIPT = new URL('../../../src/layers/rcu-watchdog/scripts/window.sh', import.meta.url).pathname;

const isWithin = (now: string, window: string): boolean => {
  const { status, stderr } = spawnSync('bash', ['-c', 'source "$0"; is_within "$@"', SCRIPT, now, window], {
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  return status === 0;
};

describeWith(['bash'], 'the edges of the maintenance window', () => {
  test.each([
    ['0329', '03:30-04:30', false],
    ['0330', '03:30-04:30', true],
    ['0429', '03:30-04:30', true],
    ['0430', '03:30-04:30', false],
    ['0808', '08:09-09:08', false],
    ['0809', '08:09-09:08', true],
    ['2329', '23:30-00:30', false],
    ['2330', '23:30-00:30', true],
    ['0000', '23:30-00:30', true],
    ['0029', '23:30-00:30', true],
    ['0030', '23:30-00:30', false],
    ['2359', '23:00-00:00', true],
    ['0000', '23:00-00:00', false],
    ['0000', '00:00-01:00', true],
  ])('%s is in %s: %s', (now, window, expected) => {
    expect(isWithin(now, window)).toBe(expected);
  });
});
