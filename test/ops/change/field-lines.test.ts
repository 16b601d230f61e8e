/** How a changed field is shown. */
import { expect, test } from 'vitest';
import type { FieldChange } from '../../../src/manifest/field-changes.js';
import { fieldLines } from '../../../src/ops/change/field-lines.js';

const shown = (path: string, before: FieldChange['before'], after: FieldChange['after'], most: number | null = 24) =>
  fieldLines({ path, before, after }, most).map(({ sign, text }) => `${sign} ${text}`);

test.each([
  ['both values beside each other', 'spec.a', 1, 2, ['  spec.a: 1 → 2']],
  ['what comes', 'spec.a', undefined, 'x', ['+ spec.a: x']],
  ['what goes', 'spec.a', 'x', undefined, ['- spec.a: x']],
  [
    'an item without the key that its path names',
    'env[name=A]',
    undefined,
    { name: 'A', value: 'b' },
    ['+ env[name=A]: {"value":"b"}'],
  ],
  ['an item that is nothing but its key', 'env[name=A]', undefined, { name: 'A' }, ['+ env[name=A]: as named']],
  ['that a Secret has another value', 'data.a', '***', '***', ['  data.a: *** (another value)']],
  ['a hash by its beginning', 'a', 'a'.repeat(64), 'b'.repeat(64), ['  a: aaaaaaaa… → bbbbbbbb…']],
])('shows %s', (_, path, before, after, lines) => {
  expect(shown(path, before, after)).toEqual(lines);
});

test('shows of a text that comes how long it is', () => {
  expect(shown('data."a.sh"', undefined, 'a line of a script\n'.repeat(9))).toEqual([
    '+ data."a.sh": a text of 9 lines',
  ]);
});

test('shows the lines of a text that differ, and of a dashboard how many', () => {
  expect(shown('data.a', 'one\ntwo\n', 'one\nTWO\n')).toEqual([
    '  data.a: +1 -1 lines',
    '    line 2',
    '-   two',
    '+   TWO',
  ]);
  expect(shown('data."a.json"', 'one\ntwo\n', 'one\nTWO\n')).toEqual([
    '  data."a.json": +1 -1 lines',
    '    … 3 more lines (--full)',
  ]);
  expect(shown('data."a.json"', 'one\ntwo\n', 'one\nTWO\n', null)).toContain('+   TWO');
});

test('shows of two long values that begin alike where they differ', () => {
  const [, old = '', now = ''] = shown('a', `${'x'.repeat(300)}1`, `${'x'.repeat(300)}2`);

  expect(old).toMatch(/^- {3}…x+1"$/);
  expect(now).toMatch(/^\+ {3}…x+2"$/);
});

test('shows of a long list in another order that it is in another order', () => {
  const names = Array.from({ length: 40 }, (_, index) => `name=item-${index}`);

  expect(shown('env[order]', names, [...names].reverse())).toEqual(['  env: the same in another order']);
  expect(shown('env[order]', ['name=a', 'name=b'], ['name=b', 'name=a'])).toEqual([
    '  env[order]: ["name=a","name=b"] → ["name=b","name=a"]',
  ]);
});
