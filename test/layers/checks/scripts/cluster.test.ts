/** The calendar of cluster.sh, which asks no program: every kind of year, month and day against that of JavaScript. */
import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';

const DAYS = [1970, 1999, 2000, 2024, 2026, 2096, 2100, 2101, 2400].flatMap((year) =>
  Array.from({ length: 12 }, (_, month) =>
    [1, 28, 29, 31].map((day) => new Date(Date.UTC(year, month, day, 23, 59, 8))),
  )
    .flat()
    .filter((date) => date.getUTCFullYear() === year),
);

/** What a function of the script makes of each word, all in one bash. */
function each(call: string, words: readonly string[]): readonly string[] {
  const loop = `source src/layers/checks/scripts/cluster.sh; for word; do reply=none NOW=none; ${call}; done`;
  const { stdout, stderr } = spawnSync('bash', ['--norc', '-euc', loop, 'bash', ...words], { encoding: 'utf8' });
  expect(stderr).toBe('');
  return stdout.trimEnd().split('\n');
}
const seconds = DAYS.map((date) => String(date.getTime() / 1000));

test('a time of Kubernetes is as many seconds as elsewhere', () => {
  expect(DAYS.length).toBeGreaterThan(400);
  expect(
    each(
      `epoch "$word"; printf '%s\\n' "$reply"`,
      DAYS.map((date) => date.toISOString()),
    ),
  ).toEqual(seconds);
});

test('a time of HTTP is the same', () => {
  const words = DAYS.map((date) => `\tDate: ${date.toUTCString()}`);

  expect(each(`[[ $word =~ $DATE_HEADER ]] && http_date; printf '%s\\n' "$NOW"`, words)).toEqual(seconds);
});

test('what is no time is none', () => {
  const words = [
    '',
    '-',
    '<no',
    '2026-06-04',
    '2026-06-04T20:27:00+02:00',
    '2026-06-04 20:27:00Z',
    'x2026-06-04T20:27:00Z',
  ];

  expect(each(`epoch "$word" || printf 'none\\n'`, words)).toEqual(words.map(() => 'none'));
});
