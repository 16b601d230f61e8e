import { describe, expect, test } from 'vitest';
import { at, everyField, fieldsAt, listAt, numberAt, show, textAt, textsAt } from '../../src/manifest/json.js';

const VALUE = { a: { b: [1, 'x', { c: null }], n: 3, t: 'text', u: undefined } };

describe('reading plain data', () => {
  test('finds nothing where a step is missing, is no object, or is inherited', () => {
    expect(at(VALUE, 'a', 'x', 'y')).toBeUndefined();
    expect(at(VALUE, 'a', 't', 'length')).toBeUndefined();
    expect(at(VALUE, 'toString')).toBeUndefined();
    expect(at(undefined, 'a')).toBeUndefined();
  });

  test('gives a value of the type that was asked for, and no other', () => {
    expect(textAt(VALUE, 'a', 't')).toBe('text');
    expect(textAt(VALUE, 'a', 'n')).toBeUndefined();
    expect(numberAt(VALUE, 'a', 'n')).toBe(3);
    expect(numberAt(VALUE, 'a', 't')).toBeUndefined();
    expect(listAt(VALUE, 'a', 'b')).toHaveLength(3);
    expect(listAt(VALUE, 'a', 't')).toEqual([]);
    expect(textsAt(VALUE, 'a', 'b')).toEqual(['x']);
  });

  test('lists the fields that are there', () => {
    expect(fieldsAt(VALUE, 'a').map(([key]) => key)).toEqual(['b', 'n', 't']);
    expect(fieldsAt(VALUE, 'a', 'b')).toEqual([]);
  });

  test('walks every field, parents first, with its path', () => {
    expect(everyField(VALUE).map(({ path }) => path)).toEqual([
      'a',
      'a.b',
      'a.b[0]',
      'a.b[1]',
      'a.b[2]',
      'a.b[2].c',
      'a.n',
      'a.t',
    ]);
  });

  test('tells an empty text from nothing', () => {
    expect([show(''), show(undefined), show(null)]).toEqual(['""', 'nothing', 'null']);
  });
});
