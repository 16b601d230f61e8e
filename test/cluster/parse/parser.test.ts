import { describe, expect, test } from 'vitest';
import { fields } from '../../../src/cluster/parse/fields.js';
import {
  integer,
  list,
  map,
  oneOf,
  orWord,
  parse,
  record,
  refine,
  tagged,
  text,
} from '../../../src/cluster/parse/parser.js';
import { dnsLabel } from '../../../src/cluster/parse/values.js';
import { issuesOf } from '../../support/issues.js';
import { lamp } from '../../support/lamp.js';

describe('list', () => {
  test('does not skip the holes of a sparse list', () => {
    const sparse: unknown[] = [];
    sparse[1] = 2;

    expect(issuesOf(parse(list(integer(1, 9)), sparse))).toEqual([
      '[0]: expected a whole number from 1 to 9, got nothing',
    ]);
  });

  test('does not call two long entries the same because they begin alike', () => {
    const long = 'x'.repeat(100);
    const anyText = text('a text', (value) => value);

    expect(parse(list(anyText), [`${long}1`, `${long}2`])).toMatchObject({ ok: true });
  });

  test('names the second of two equal entries', () => {
    expect(issuesOf(parse(list(integer(1, 9)), [1, 2, 1]))).toEqual([
      '[2]: expected each item once, got 1 which [0] is too',
    ]);
  });

  test.each([
    ['nothing', undefined, ': expected a list, got nothing'],
    ['an object with a length', { length: 1, 0: 5 }, ': expected a list, got {"0":5,"length":1}'],
    ['too few', [], ': expected a list of at least 1, got []'],
  ])('refuses %s', (_, value, issue) => {
    expect(issuesOf(parse(list(integer(1, 9), { min: 1 }), value))).toEqual([issue]);
  });
});

describe('record', () => {
  test('takes names that every object answers to', () => {
    const value: unknown = JSON.parse('{"constructor": 1, "valueof": 2}');

    const parsed = parse(record(dnsLabel, integer(1, 9)), value);

    expect(parsed).toEqual({
      ok: true,
      value: new Map([
        ['constructor', 1],
        ['valueof', 2],
      ]),
    });
  });

  test('refuses __proto__ as a name and does not set a prototype by it', () => {
    const value: unknown = JSON.parse('{"__proto__": 1}');

    expect(issuesOf(parse(record(dnsLabel, integer(1, 9)), value))).toEqual([
      '__proto__: expected a DNS label (lower-case letters, digits and "-", at most 63), got "__proto__"',
    ]);
  });

  test('reports name and value of one entry', () => {
    expect(issuesOf(parse(record(dnsLabel, integer(1, 9)), { Jarvis: 'x' }))).toHaveLength(2);
  });

  test('asks for a key', () => {
    expect(issuesOf(parse(record(dnsLabel, integer(1, 9), { min: 1 }), {}))).toEqual([
      ': expected an object with at least 1 key, got {}',
    ]);
  });
});

describe('tagged', () => {
  interface A {
    readonly kind: 'a';
    readonly size: number;
    readonly onlyA: number;
  }
  interface B {
    readonly kind: 'b';
    readonly size: number;
  }
  const either = tagged('kind', {
    a: fields<A>()({ kind: oneOf('a'), size: integer(1, 9), onlyA: integer(1, 9) }),
    b: fields<B>()({ kind: oneOf('b'), size: integer(1, 9) }),
  });

  test('a wrong tag does not hide what is wrong either way', () => {
    expect(issuesOf(parse(either, { kind: 'c', size: 0, onlyA: 'x' }))).toEqual([
      'kind: expected one of "a", "b", got "c"',
      'size: expected a whole number from 1 to 9, got 0',
    ]);
  });

  test('does not take the tag from the prototype', () => {
    const value: unknown = JSON.parse('{"__proto__": {"kind": "b"}, "size": 1}');

    expect(issuesOf(parse(either, value))[0]).toBe('kind: expected one of "a", "b", got nothing');
  });

  test.each(['constructor', 'toString', '__proto__'])('the tag %s is no variant', (kind) => {
    expect(issuesOf(parse(either, { kind, size: 1 }))).toEqual([`kind: expected one of "a", "b", got "${kind}"`]);
  });
});

describe('refine and map', () => {
  test('do not look at a value whose parts are wrong', () => {
    const never = () => {
      throw new Error('looked');
    };

    expect(issuesOf(parse(map(refine(lamp, never), never), { watts: 0 }))).toHaveLength(1);
  });

  test('put the path of the place before the path of the finding', () => {
    const parser = list(
      refine(lamp, () => [
        { path: 'watts', message: 'too bright' },
        { path: '', message: 'ugly' },
      ]),
    );

    expect(issuesOf(parse(parser, [{ watts: 1 }]))).toEqual(['[0].watts: too bright', '[0]: ugly']);
  });
});

describe('tagged with a form that may be left out', () => {
  const shape = tagged(
    'form',
    {
      round: fields<{ form?: 'round'; size: number }>()({
        form: { parser: oneOf('round'), absent: 'round' },
        size: integer(1, 9),
      }),
      square: fields<{ form: 'square'; edge: number }>()({ form: oneOf('square'), edge: integer(1, 9) }),
    },
    { absent: 'round' },
  );

  test('names a key that no form knows, also where the form is wrong', () => {
    const issues = issuesOf(parse(shape, { form: 'rond', siz: 3, edgy: 1 }));

    expect(issues).toContain('siz: unknown key; did you mean "size"?');
    expect(issues.some((issue) => issue.startsWith('edgy: unknown key'))).toBe(true);
  });

  test('takes what names no form for that one', () => {
    expect(parse(shape, { size: 3 })).toEqual({ ok: true, value: { form: 'round', size: 3 } });
    expect(parse(shape, { form: 'square', edge: 3 })).toEqual({ ok: true, value: { form: 'square', edge: 3 } });
  });

  test('does not take null for left out, nor ask for a form where there is no object', () => {
    expect(issuesOf(parse(shape, { form: null, size: 3 }))).toEqual([
      'form: expected one of "round", "square", got null',
    ]);
    expect(issuesOf(parse(shape, 'round'))).toEqual([': expected an object, got "round"']);
  });
});

describe('orWord', () => {
  const size = orWord('off', fields<{ size: number }>()({ size: integer(1, 9) }));

  test('takes the word, or what the parser makes of anything else', () => {
    expect(parse(size, 'off')).toEqual({ ok: true, value: 'off' });
    expect(parse(size, { size: 3 })).toEqual({ ok: true, value: { size: 3 } });
  });

  test('names both where it is neither, and speaks as the parser does of what is wrong within', () => {
    expect(issuesOf(parse(size, 'of'))).toEqual([': expected "off" or an object with size, got "of"']);
    expect(issuesOf(parse(size, false))).toEqual([': expected "off" or an object with size, got false']);
    expect(issuesOf(parse(size, { size: 10 }))).toEqual(['size: expected a whole number from 1 to 9, got 10']);
  });
});
