import { describe, expect, test } from 'vitest';
import type { Parsed } from '../../../src/cluster/parse/issue.js';
import {
  fields,
  integer,
  list,
  map,
  oneOf,
  optional,
  parse,
  record,
  refine,
  tagged,
  text,
} from '../../../src/cluster/parse/parser.js';
import { dnsLabel } from '../../../src/cluster/parse/values.js';

const issuesOf = (parsed: Parsed<unknown>): readonly string[] =>
  parsed.ok ? [] : parsed.issues.map(({ path, message }) => `${path}: ${message}`);

interface Lamp {
  readonly watts: number;
  readonly colour?: 'red' | 'blue';
}

const lamp = fields<Lamp>()({ watts: integer(1, 100), colour: optional(oneOf('red', 'blue'), 'red') });

describe('fields', () => {
  test('does not take a key from the prototype', () => {
    const inherited: unknown = Object.assign(Object.create({ watts: 5 }), { colour: 'blue' });

    expect(issuesOf(parse(lamp, Object.assign(Object.create(null), { colour: 'blue' })))).toEqual([
      'watts: expected a whole number from 1 to 100, got nothing',
    ]);
    expect(issuesOf(parse(lamp, inherited))).toEqual([
      ': expected an object with watts (and colour if wanted), got an instance of Object',
    ]);
  });

  test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
    'calls %s unknown like any other key',
    (key) => {
      const value: unknown = JSON.parse(`{"watts": 1, "${key}": 1}`);

      expect(issuesOf(parse(lamp, value))).toEqual([`${key}: unknown key; known are watts, colour`]);
    },
  );

  test.each([[null], [[]], ['lamp'], [7], [undefined], [new Map([['watts', 1]])]])('refuses %o', (value) => {
    expect(issuesOf(parse(lamp, value))[0]).toMatch(/^: expected an object with watts \(and colour if wanted\), got /);
  });

  test('reports every key at once', () => {
    expect(issuesOf(parse(lamp, { watts: 0, color: 'red', colour: 'rd' }))).toEqual([
      'color: unknown key; did you mean "colour"?',
      'watts: expected a whole number from 1 to 100, got 0',
      'colour: expected one of "red", "blue", got "rd"; did you mean "red"?',
    ]);
  });

  test('says whose a key is that another form has', () => {
    const parser = fields<Lamp>()(
      { watts: integer(1, 100), colour: optional(oneOf('red', 'blue'), 'red') },
      { elsewhere: new Map([['wick', 'candles']]) },
    );

    expect(issuesOf(parse(parser, { watts: 1, wick: 2 }))).toEqual(['wick: unknown key; it belongs to candles']);
  });

  test('leaves out a check that reads a wrong part, and runs the others', () => {
    const says = (path: string) => [{ path, message: 'checked' }];
    const parser = fields<Lamp>()(
      { watts: integer(1, 100), colour: optional(oneOf('red', 'blue'), 'red') },
      { checks: [({ watts }) => says(`watts ${watts}`), ({ colour }) => says(`colour ${colour}`)] },
    );

    expect(issuesOf(parse(parser, { watts: 0 }))).toEqual([
      'watts: expected a whole number from 1 to 100, got 0',
      'colour red: checked',
    ]);
  });

  test('does not hide an error of a check itself', () => {
    const parser = fields<Lamp>()(
      { watts: integer(1, 100), colour: optional(oneOf('red', 'blue'), 'red') },
      {
        checks: [
          () => {
            throw new Error('a bug');
          },
        ],
      },
    );

    expect(() => parse(parser, { watts: 1 })).toThrow('a bug');
  });

  test('fills in what is absent, also when it is there as undefined', () => {
    expect(parse(lamp, { watts: 1, colour: undefined })).toEqual({ ok: true, value: { watts: 1, colour: 'red' } });
  });

  test('does not fill in what is null', () => {
    expect(issuesOf(parse(lamp, { watts: 1, colour: null }))).toEqual([
      'colour: expected one of "red", "blue", got null',
    ]);
  });

  test('has the keys of the spec and their optionality by type', () => {
    // @ts-expect-error a key of the spec is missing
    fields<Lamp>()({ watts: integer(1, 100) });
    // @ts-expect-error a key that the spec does not have
    fields<Lamp>()({ watts: integer(1, 100), colour: optional(oneOf('red', 'blue'), 'red'), wick: integer(1, 2) });
    // @ts-expect-error optional in the spec, required by the parser
    fields<Lamp>()({ watts: integer(1, 100), colour: oneOf('red', 'blue') });
    // @ts-expect-error required in the spec, optional for the parser
    fields<Lamp>()({ watts: optional(integer(1, 100), 1), colour: optional(oneOf('red', 'blue'), 'red') });
  });
});

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
