/** How the Jobs of a roll are called, and that they are found again by it. */
import { expect, test } from 'vitest';
import { jobName } from '../../src/manifest/reboot-job-name.js';

const LONG = 'node-of-a-provider-that-names-by-region-rack-and-slot-000001';

test('is the name of its node, where a label can carry it', () => {
  const longest = 'a'.repeat(47);

  expect(jobName('attic')).toBe('selfheal-reboot-attic');
  expect(jobName(longest)).toBe(`selfheal-reboot-${longest}`);
});

test('is never longer than a label, the same each time, and another for each node', () => {
  const names = [LONG, LONG.replace(/1$/, '2'), 'a'.repeat(48), 'a'.repeat(63)].map(jobName);

  expect(names.map((name) => name.length)).toEqual([63, 63, 63, 63]);
  expect(new Set(names).size).toBe(4);
  expect(jobName(LONG)).toBe('selfheal-reboot-node-of-a-provider-that-names-by-regio-67fb3b73');
  for (const name of names) expect(name).toMatch(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/);
});
