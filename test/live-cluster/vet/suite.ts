/** Cases as tests: the rule finds the change, and the real Argo CD does what the rule says. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Files } from '../../../src/manifest/layout.js';
import { vetChange } from '../../../src/ops/vet/index.js';
import { type Bench, startBench } from '../bench/bench.js';
import type { Case } from './case.js';
import { play, type Stage } from './stage.js';

const CRDS = ['applications', 'appprojects'].map((name) => `test/fixtures/crds/${name}.argoproj.io.yaml`);

/** Nobody runs pods on it, and only what tolerates everything is placed there. */
const DEAD_NODE = {
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'dead' },
  spec: { taints: [{ key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' }] },
};

interface Suite {
  /** What they are depends on the repository's address. */
  readonly casesOf: (url: string) => readonly Case[];
  /** Applications that cases need beside their own. */
  readonly helpers?: readonly Case[];
  readonly others?: Files;
}

/** Answers the stage, which is there once the tests run. */
export function confirm({ casesOf, helpers = [], others = new Map() }: Suite): () => Stage {
  let bench: Bench;
  let stage: Stage;
  beforeAll(async () => {
    bench = await startBench({ nodes: [{ name: 'lamp' }], argo: true, crds: CRDS });
    bench.apply([DEAD_NODE], { manager: 'bench' });
    stage = await play(bench, [...casesOf(bench.repository.url), ...helpers], others);
  }, 400_000);
  afterAll(() => bench?.close());

  describe.each(casesOf(''))('$rule', ({ rule, title, foundIn = rule }) => {
    test('is found in the change', () => {
      const { base, head, live } = stage;
      const found = [
        ...vetChange(base, head).findings.map((finding) => `${finding.rule.id}: ${finding.application}`),
        ...(live[0]?.findings ?? []).map((finding) => `${finding.rule}: ${finding.application}`),
      ];

      expect(found).toContain(`${rule}: ${foundIn}`);
    });

    test(title, async () => {
      const confirmed = casesOf(bench.repository.url).find((each) => each.rule === rule);

      await confirmed?.happens(bench);
    });
  });
  return () => stage;
}
