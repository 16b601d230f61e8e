/** Each alert fires when it should, to the minute, and neither a restart nor a clock hides it. */
import { expect, test } from 'vitest';
import type { Cluster } from '../../src/cluster/cluster.js';
import { ALERTED, alertNames, groupsInDist } from '../support/alerts.js';
import { describeWith } from '../support/tools.js';
import { PROOFS } from './proofs/all.js';
import { BREAKS, type Proof } from './proofs/proof.js';
import { clockStep, nodeNames, restart } from './world/disturbances.js';
import { evaluate } from './world/evaluate.js';
import type { Firing } from './world/fired.js';
import { healthy } from './world/healthy.js';
import { exprsOf, neededFor } from './world/needed-rules.js';

const everyAlert = [...new Set([...ALERTED.values()].flatMap((make) => alertNames(make())))].sort();

test('every alert has its proof, and every proof its alert', () => {
  expect(everyAlert.length).toBeGreaterThan(50);
  expect([...new Set(PROOFS.map(({ alert }) => alert))].sort()).toEqual(everyAlert);
});

/** Long enough after the trouble began that the alert has fired, and early enough that it can come back. */
const RESTART_AFTER = 20;
const STEP = 3 * 3600;

function prove(proof: Proof): ReadonlyMap<string, readonly Firing[]> {
  const cluster = ALERTED.get(proof.cluster)?.();
  if (cluster === undefined) throw new Error(`proof of '${proof.alert}': expected a cluster with alerts`);
  const well = healthy(cluster);
  const broken = proof.broken(well);
  const at = BREAKS + proof.after + RESTART_AFTER;
  const worlds = {
    healthy: well,
    broken,
    'just well': proof.justWell(well),
    'just too much': proof.justTooMuch(well),
    ...Object.fromEntries(proof.survives.map((each) => [`restart of ${each}`, restart(broken, each, at)])),
    ...Object.fromEntries(
      (proof.clocks ?? (readsClock(proof.alert, cluster) ? nodeNames(cluster) : [])).flatMap((node) =>
        [STEP, -STEP].map((seconds) => [`clock of ${node} ${seconds}`, clockStep(broken, node, at, seconds)]),
      ),
    ),
  };
  const minutes = proof.minutes ?? 180;
  const cases = Object.entries(worlds).map(([name, world]) => ({ name, world, minutes }));
  return evaluate(cluster, cases, [proof.alert]);
}

/** A rule that asks for no time cannot see a clock. */
const readsClock = (alert: string, cluster: Cluster): boolean =>
  /time|boot|created|started/.test(exprsOf(neededFor([alert], groupsInDist(cluster))));

const withoutSeverity = ({ labels: { severity: _, ...labels } }: Firing) => labels;

describeWith(['promtool'], 'by promtool', () => {
  test.each(PROOFS.map((proof) => ({ ...proof, proof })))('$alert', ({ proof }) => {
    const found = prove(proof);
    const end = proof.minutes ?? 180;
    const fired = (name: string) => found.get(name) ?? [];

    expect(fired('healthy'), 'a healthy cluster').toEqual([]);
    expect(fired('broken').map(withoutSeverity), 'what fires').toEqual(proof.fires);
    expect(
      fired('broken').map(({ from }) => from - BREAKS),
      'minutes after the trouble began',
    ).toEqual(proof.fires.map(() => proof.after));
    expect(fired('just well'), 'as bad as it may get').toEqual([]);
    expect(fired('just too much').length, 'one step more').toBeGreaterThan(0);
    for (const name of found.keys()) {
      if (!/^(restart|clock) of/.test(name)) continue;
      expect(fired(name).map(withoutSeverity), name).toEqual(expect.arrayContaining([...proof.fires]));
      expect(Math.max(...fired(name).map(({ to }) => to)), `${name}: still there at the end`).toBe(end);
    }
  });
});
