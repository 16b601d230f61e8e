/** Which fields a real API server takes once and never again: the table of `selfheal diff` and `vet`, row by row. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { groupOf, type Json, type Manifest } from '../../../src/manifest/manifest.js';
import { maskedChanges } from '../../../src/manifest/masked.js';
import { KINDS_WITH_IMMUTABLE_FIELDS, refusedChanges } from '../../../src/ops/change/immutable.js';
import { type Bench, startBench } from '../bench/bench.js';
import { IMMUTABLE_CASES } from './immutable-cases.js';

const NAMESPACE = 'default';

let bench: Bench;
beforeAll(async () => {
  bench = await startBench({ nodes: [] });
}, 120_000);
afterAll(() => bench?.close());

/** An object or a list on the way of a path. */
type Holder = Record<string | number, unknown>;

/** The value at the end of the path; undefined takes the field away. */
function withField(manifest: Manifest, path: readonly (string | number)[], value: Json | undefined): Manifest {
  const copy = structuredClone(manifest);
  const holder = path.slice(0, -1).reduce<unknown>((part, step) => (part as Holder)[step], copy) as Holder;
  const last = path.at(-1) ?? '';
  if (value === undefined) delete holder[last];
  else holder[last] = value;
  return copy;
}

const apply = (manifest: Manifest, ...more: readonly string[]) =>
  bench.run(
    [
      'apply',
      '--server-side',
      '--force-conflicts',
      '--field-manager=argocd-controller',
      `--namespace=${NAMESPACE}`,
      ...more,
      '--filename=-',
    ],
    JSON.stringify(manifest),
  );

test('every kind of the table has cases, one that is refused and one that is taken', () => {
  const kinds = (refused: boolean) =>
    new Set(
      IMMUTABLE_CASES.flatMap(({ manifest, changes }) =>
        changes.some((change) => change.refused === refused) ? [`${groupOf(manifest)}/${manifest.kind}`] : [],
      ),
    );

  expect([...kinds(true)].sort()).toEqual([...KINDS_WITH_IMMUTABLE_FIELDS].sort());
  expect([...kinds(false)].sort()).toEqual([...KINDS_WITH_IMMUTABLE_FIELDS].sort());
});

const ROWS = IMMUTABLE_CASES.flatMap(({ manifest, changes }) =>
  changes.map(({ path, value, refused }) => ({
    manifest,
    changed: withField(manifest, path, value),
    refused,
    title: `${manifest.kind} ${path.join('.')} ${value === undefined ? 'taken away' : `to ${JSON.stringify(value)}`}`,
  })),
);

test.each(ROWS)('$title: refused $refused', ({ manifest, changed, refused }) => {
  const { status, stderr } = apply(manifest);
  expect(`${status} ${stderr}`).toMatch(/^0/);

  const answer = apply(changed, '--dry-run=server');

  expect({ server: answer.status !== 0, why: answer.stderr }).toMatchObject({ server: refused });
  if (refused)
    expect(answer.stderr).toMatch(/immutable|forbidden|may not|cannot change|must not|not be changed|less than/i);
  expect(refusedChanges(manifest, maskedChanges(manifest, changed)).length > 0).toBe(refused);
});
