/** Whatever is written into a description, the answer is a complete Cluster or a list of good messages. */
import { describe, expect, test } from 'vitest';
import { parseCluster } from '../../../src/cluster/parse/cluster.js';
import { show } from '../../../src/cluster/parse/issue.js';
import homelab from '../../../src/clusters/homelab.js';
import pvek8s from '../../../src/clusters/pvek8s.js';
import { at, placesIn, set } from '../../support/change.js';
import { FULL_K3S_SPEC, FULL_MICROK8S_SPEC } from '../../support/full-clusters.js';

const SPECS: Readonly<Record<string, unknown>> = { homelab, pvek8s, FULL_K3S_SPEC, FULL_MICROK8S_SPEC };

const sparse: unknown[] = [];
sparse[2] = 'x';

const VALUES: readonly unknown[] = [
  undefined,
  null,
  '',
  ' ',
  'x',
  'jarvis',
  '10s',
  '1d',
  '02:30',
  'constructor',
  '__proto__',
  'a\nb',
  '💥',
  'x'.repeat(10_000),
  0,
  -0,
  -1,
  1,
  2.5,
  1e21,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  true,
  false,
  [],
  [null],
  [[]],
  sparse,
  {},
  { a: 1 },
  JSON.parse('{"__proto__": {"kind": "none"}}'),
  { toString: 1 },
  { constructor: { name: 'x' } },
  new Map([['a', 1]]),
  new Date(0),
  () => 'x',
  Symbol('x'),
  1n,
  Object.create(null),
  {
    toJSON: () => {
      throw new Error('no');
    },
  },
];

/** Paths at which a value is `undefined`, not finite, or not of the kinds that a Cluster is made of. */
function holes(value: unknown, path: string): readonly string[] {
  if (value instanceof Map)
    return [...value].flatMap(([key, entry]) => [...holes(key, `${path}<key>`), ...holes(entry, `${path}.${key}`)]);
  if (Array.isArray(value))
    return Array.from(value, (entry: unknown, index) => holes(entry, `${path}[${index}]`)).flat();
  if (typeof value === 'object' && value !== null)
    return Object.entries(value).flatMap(([key, entry]) => holes(entry, `${path}.${key}`));
  const plain = value === null || typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value);
  return plain ? [] : [path];
}

interface Verdict {
  readonly accepted: boolean;
  /** What is bad about the answer. */
  readonly faults: readonly string[];
}

function judge(spec: unknown, what: string): Verdict {
  const parsed = parseCluster(spec);
  const faults = parsed.ok
    ? holes(parsed.value, '')
    : parsed.issues
        .map(({ path, message }) => `${path}: ${message}`)
        .filter(
          (line) => !/: (expected .+, got .+|unknown key; .+)$/.test(line) || /\n|\.$|undefined|\[object/.test(line),
        );
  const silent = !parsed.ok && parsed.issues.length === 0 ? ['refused without a word'] : [];
  return { accepted: parsed.ok, faults: [...faults, ...silent].map((fault) => `${what}: ${fault}`) };
}

describe.each(Object.keys(SPECS))('%s', (name) => {
  const spec = SPECS[name];
  const places = placesIn(spec);

  test('has enough places to change', () => {
    expect(places.length).toBeGreaterThan(25);
  });

  test('with any one place changed to anything is refused in good words, or complete', () => {
    const thinned = places.filter((_, index) => index % (places.length > 90 ? 4 : 1) === 0); // Seconds, not minutes.
    const verdicts = thinned.flatMap((place) =>
      VALUES.map((value) => judge(set(spec, place, value), `${place.join('.')} = ${show(value)}`)),
    );

    expect(verdicts.flatMap(({ faults }) => faults)).toEqual([]);
    expect(verdicts.some(({ accepted }) => accepted)).toBe(true);
    expect(verdicts.some(({ accepted }) => !accepted)).toBe(true);
  });

  test('with one place that holds what another holds is refused in good words, or complete', () => {
    const random = lcg(20_260_405);
    const verdicts = Array.from({ length: 1_000 }, () => {
      const [from = [], to = []] = [places[random(places.length)], places[random(places.length)]];
      return judge(set(spec, to, at(spec, from)), `${to.join('.')} = ${from.join('.')}`);
    });

    expect(verdicts.flatMap(({ faults }) => faults)).toEqual([]);
  });
});

/** The same numbers in every run. */
function lcg(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state % below;
  };
}
