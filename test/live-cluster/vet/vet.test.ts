/** What the rules of `selfheal vet` say will happen does happen: the real Argo CD syncs each change that they warn of. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { VET_RULES, vetChange } from '../../../src/ops/vet/index.js';
import { type Bench, startBench } from '../bench/bench.js';
import { ELSEWHERE, ofApplications, SLOW } from './cases/applications.js';
import { CARRIED_OUT } from './cases/refused.js';
import { REMOVED } from './cases/removed.js';
import { play, type Stage } from './stage.js';

const CRDS = ['applications', 'appprojects'].map((name) => `test/fixtures/crds/${name}.argoproj.io.yaml`);

/** Nobody runs pods on it, and only what tolerates everything is placed there. */
const DEAD_NODE = {
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'dead' },
  spec: { taints: [{ key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' }] },
};

const casesOf = (url: string) => [...REMOVED, ...ofApplications(url), ...CARRIED_OUT];

let bench: Bench;
let stage: Stage;
beforeAll(async () => {
  bench = await startBench({ nodes: [{ name: 'lamp' }], argo: true, crds: CRDS });
  bench.apply([DEAD_NODE], { manager: 'bench' });
  stage = await play(bench, [...casesOf(bench.repository.url), SLOW], ELSEWHERE);
}, 400_000);
afterAll(() => bench?.close());

test('every rule is confirmed', () => {
  const confirmed = casesOf('').map(({ rule }) => rule);

  expect([...confirmed].sort()).toEqual(VET_RULES.map(({ id }) => id).sort());
});

describe.each(casesOf(''))('$rule', ({ rule, title, foundIn = rule }) => {
  test('is found in the change', () => {
    const { base, head } = stage;
    const found = vetChange(base, head).map((finding) => `${finding.rule.id}: ${finding.application}`);

    expect(found).toContain(`${rule}: ${foundIn}`);
  });

  test(title, async () => {
    const confirmed = casesOf(bench.repository.url).find((each) => each.rule === rule);

    await confirmed?.happens(bench);
  });
});
