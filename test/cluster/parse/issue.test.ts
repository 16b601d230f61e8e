import { describe, expect, test } from 'vitest';
import { didYouMean, isPlainObject, show, showChoices } from '../../../src/cluster/parse/issue.js';

describe('show', () => {
  const cyclic: unknown[] = [];
  cyclic.push(cyclic);

  test.each([
    ['an empty text apart from nothing', '', '""'],
    ['nothing', undefined, 'nothing'],
    ['null', null, 'null'],
    ['what JSON would call null', Number.NaN, 'NaN'],
    ['infinity', Number.NEGATIVE_INFINITY, '-Infinity'],
    ['a function', () => 1, 'a function'],
    ['a symbol', Symbol('x'), 'a symbol'],
    ['a bigint, which JSON refuses', 1n, 'a bigint'],
    ['a Map, which JSON calls {}', new Map(), 'an instance of Map'],
    ['a Date', new Date(0), 'an instance of Date'],
    ['a cycle', cyclic, 'a list that JSON cannot show'],
    ['an object whose toJSON throws', { toJSON: () => assertNever() }, 'an object that JSON cannot show'],
    ['an object whose toJSON gives nothing', { toJSON: () => undefined }, 'nothing'],
    ['an object without a prototype', Object.assign(Object.create(null), { a: 1 }), '{"a":1}'],
    ['the start of a long text', 'x'.repeat(200), `"${'x'.repeat(79)}…`],
    ['a line break as one line', 'a\nb', '"a\\nb"'],
  ])('shows %s', (_, value, text) => {
    expect(show(value)).toBe(text);
  });

  test.each([
    ['itself', (secret: string) => secret],
    ['inside an object', (secret: string) => ({ name: 'x'.repeat(200), key: secret })],
    ['in a URL', () => 'https://me:hunter2@git.example/me'],
  ])('does not show a secret, %s', (_, wrap) => {
    expect(show(wrap(`-----BEGIN OPENSSH ${'PRIVATE KEY'}-----\nb3BlbnNzaC1rZXktdjEAAAAA`))).toBe(
      'what looks like a secret (not shown)',
    );
  });

  function assertNever(): never {
    throw new Error('no');
  }
});

describe('didYouMean', () => {
  test.each([
    ['nothing is near', 'replicas', ['window', 'settle']],
    ['three keystrokes are too many', 'abcdefg', ['xyzdefg']],
    ['the candidate is so short that anything is near', 'ab', ['cd']],
    ['there is nothing to choose from', 'x', []],
    ['the text is far too long to be meant', 'nodes'.repeat(100_000), ['nodes']],
  ])('stays silent where %s', (_, text, candidates) => {
    expect(didYouMean(text, candidates)).toBe('');
  });

  test.each([
    ['a letter left out', 'adress', 'address'],
    ['a letter too many', 'nodess', 'nodes'],
    ['another letter', 'k8s', 'k3s'],
    ['two neighbours swapped', 'itmeZone', 'timeZone'],
    ['another case', 'reporurl', 'repoUrl'],
  ])('finds %s', (_, text, candidate) => {
    expect(didYouMean(text, ['window', candidate, 'settle'])).toBe(`; did you mean "${candidate}"?`);
  });

  test('prefers the nearest', () => {
    expect(didYouMean('jarvs', ['jarvos', 'jar', 'jarvis2'])).toBe('; did you mean "jarvos"?');
  });
});

test('one choice is not called "one of"', () => {
  expect(showChoices(['grub'])).toBe('"grub"');
  expect(showChoices(['a', 'b'])).toBe('one of "a", "b"');
});

test.each([[null], [[]], [new Map()], [new Date(0)], [new (class Spec {})()], ['x']])(
  '%o is no plain object',
  (value) => {
    expect(isPlainObject(value)).toBe(false);
  },
);
