import { describe, expect, test } from 'vitest';
import { fields, optional } from '../../../src/cluster/parse/fields.js';
import { integer, oneOf, parse } from '../../../src/cluster/parse/parser.js';
import { issuesOf } from '../../support/issues.js';
import { type Lamp, lamp } from '../../support/lamp.js';

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
