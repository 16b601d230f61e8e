import { expect, test } from 'vitest';
import { diagnosisOf } from '../../../src/ops/check/diagnosis.js';
import type { Cause, CheckResult } from '../../../src/ops/check/result.js';
import { homelab, pvek8s } from '../../support/clusters.js';

const failed = (id: Cause['id'], node: string | null, next = ''): CheckResult => ({
  ...{ check: id, subject: 's', verdict: 'fail', expected: 'e', found: 'f', incident: null, next },
  cause: { id, node },
});
const commands = (results: readonly CheckResult[], cluster = pvek8s()) =>
  diagnosisOf(cluster, results).actions.map(
    ({ node, command, answers }) => `${node}: ${command} (${answers.join(', ')})`,
  );

test('the day of June 5: three causes on one node, and one restart answers all three', () => {
  const results = [failed('rc-1', 'k8s02'), failed('rc-2', 'k8s02'), failed('rc-3', 'k8s02')];

  expect(diagnosisOf(pvek8s(), results).causes.map(({ name, node }) => `${name} ${node}`)).toEqual([
    'RC-1 k8s02',
    'RC-2 k8s02',
    'RC-3 k8s02',
  ]);
  expect(commands(results)).toEqual(['k8s02: sudo snap restart microk8s.daemon-kubelite (RC-1, RC-2, RC-3)']);
});

test('what the restart leaves comes after it, what answers more first', () => {
  const results = [
    failed('jiva-budget', null, 'kubectl delete pod x --force'),
    failed('datastore', 'k8s02'),
    failed('rc-1', 'k8s02'),
    failed('kubelet-stall', 'k8s02'),
    failed('rc-3', 'k8s03'),
  ];

  expect(commands(results)).toEqual([
    'k8s02: sudo snap restart microk8s.daemon-kubelite (RC-1, kubelet)',
    'k8s02: sudo snap restart microk8s.daemon-k8s-dqlite (datastore)',
    'k8s03: sudo snap restart microk8s.daemon-kubelite (RC-3)',
    'null: kubectl delete pod x --force (Jiva budget)',
  ]);
});

test('k3s is one unit on each role, its datastore included', () => {
  const cluster = homelab();
  const worker = cluster.nodes.find(({ role }) => role === 'worker')?.name ?? '';

  expect(
    commands([failed('datastore', cluster.controlPlane.name), failed('rc-1', cluster.controlPlane.name)], cluster),
  ).toEqual([`${cluster.controlPlane.name}: sudo systemctl restart k3s (RC-1, datastore)`]);
  expect(commands([failed('rc-2', worker)], cluster)).toEqual([`${worker}: sudo systemctl restart k3s-agent (RC-2)`]);
});

test('the same cause from two checks is one', () => {
  expect(diagnosisOf(pvek8s(), [failed('rc-3', 'k8s02'), failed('rc-3', 'k8s02')]).causes).toHaveLength(1);
});

test('no cause, no act: a symptom, an unknown, and what passed name none', () => {
  const symptom = { ...failed('rc-1', 'k8s02'), cause: null };
  const unknown = { ...failed('rc-1', 'k8s02'), verdict: 'unknown' as const };

  expect(diagnosisOf(pvek8s(), [symptom, unknown])).toEqual({ causes: [], actions: [] });
});

test('a cause on a node that nobody described is named, without an act that would be a guess', () => {
  const { causes, actions } = diagnosisOf(pvek8s(), [failed('rc-1', 'elsewhere')]);

  expect(causes).toHaveLength(1);
  expect(actions).toEqual([]);
});
