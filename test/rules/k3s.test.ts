/**
 * What k3s shows differently: everything of its one process under each of its ports, and no leases on SQLite.
 *
 * A rule that counts or sums series would be wrong by a factor, and one that matches them one to one would fail.
 */
import { expect, test } from 'vitest';
import { ALERTED, rulesOf } from '../support/alerts.js';
import { describeWith } from '../support/tools.js';
import { PROOFS } from './proofs/all.js';
import { BREAKS } from './proofs/proof.js';
import { evaluate } from './world/evaluate.js';
import { healthy } from './world/healthy.js';
import type { Series, World } from './world/world.js';

const clusters = [...ALERTED].map(([name, make]) => ({ name, cluster: make() }));
const onSqlite = clusters.filter(({ cluster }) => !cluster.leaderElection);
const withLeases = clusters.filter(({ cluster }) => cluster.leaderElection);
const proofs = PROOFS.flatMap((proof) =>
  clusters.filter(({ name }) => name === proof.cluster).map(({ cluster }) => ({ ...proof, proof, cluster })),
).filter(({ cluster }) => cluster.distribution.name === 'k3s');

/** Every series a second time, as another job scrapes it from another port of the same host. */
const doubled = (world: World): World =>
  world.flatMap((one): readonly Series[] => {
    const { job = 'kube-state-metrics', instance, ...labels } = one.labels;
    const port = instance === undefined ? '10.42.0.9:8080' : instance.replace(/:\d+$/, ':1');
    return [one, { ...one, labels: { ...labels, job: `${job}-again`, instance: port } }];
  });

test('there are clusters of both kinds, and proofs on k3s', () => {
  expect(onSqlite.map(({ name }) => name)).toEqual(['attic', 'pantry', 'shed']);
  expect(withLeases.map(({ name }) => name)).toEqual(['homelab', 'pvek8s']);
  expect(proofs.length).toBeGreaterThan(15);
});

test.each(onSqlite)('no rule of $name on SQLite asks for a lease', ({ cluster }) => {
  expect(rulesOf(cluster).filter(({ expr }) => expr.includes('kube_lease_'))).toEqual([]);
});

test.each(withLeases)('$name, which elects leaders, has an alert on each way to lose them', ({ cluster }) => {
  const onLeases = rulesOf(cluster).flatMap(({ alert, expr }) => (expr.includes('kube_lease_') ? [alert] : []));

  expect(onLeases.sort()).toEqual([
    'ControlPlaneLeaseNotRenewed',
    'LeaderElectionFlapping',
    'SchedulerLeaseHolderStalled',
  ]);
});

describeWith(['promtool'], 'with every series twice', () => {
  const k3s = clusters.filter(({ cluster }) => cluster.distribution.name === 'k3s');

  test.each(k3s)('the healthy $name sets off nothing', ({ cluster }) => {
    const found = evaluate(cluster, [{ name: 'twice', world: doubled(healthy(cluster)), minutes: 90 }]);

    expect(found.get('twice')).toEqual([]);
  });

  test.each(proofs)('$alert fires once, and when it should', ({ proof, cluster }) => {
    const world = doubled(proof.broken(healthy(cluster)));
    const found = evaluate(cluster, [{ name: 'twice', world, minutes: BREAKS + proof.after + 5 }], [proof.alert]);

    const fired = found.get('twice') ?? [];
    expect(fired.map(({ labels: { severity: _, ...labels }, from }) => ({ labels, after: from - BREAKS }))).toEqual(
      proof.fires.map((labels) => ({ labels, after: proof.after })),
    );
  });
});
