import { expect, test } from 'vitest';
import type { LiveObject } from '../../../../src/manifest/live-object.js';
import type { Json } from '../../../../src/manifest/manifest.js';
import { jivaVolumesCheck } from '../../../../src/ops/check/checks/jiva-volumes.js';
import { failure, live, lookOf, pod } from '../../../support/check-facts.js';
import { pvek8s } from '../../../support/clusters.js';

const replica = (index: number, ready = true): LiveObject =>
  pod(`openebs/pvc-1-jiva-rep-${index}`, {
    node: `k8s0${index}`,
    ip: `10.1.0.${index}`,
    ready,
    labels: { 'openebs.io/component': 'jiva-replica', 'openebs.io/persistent-volume': 'pvc-1' },
  });
const PODS = [replica(1), replica(2), replica(3)];

const volume = (modes: readonly string[], status: { readonly [key: string]: Json } = {}): LiveObject =>
  live('JivaVolume', 'openebs/pvc-1', {
    spec: { pv: 'pvc-1', desiredReplicationFactor: 3 },
    status: {
      status: 'RW',
      phase: 'Ready',
      replicaStatus: modes.map((mode, index) => ({ address: `tcp://10.1.0.${index + 1}:9502`, mode })),
      ...status,
    },
  });

const NONE = failure('no such kind', 'unknown-kind');
const answer = (volumes: readonly LiveObject[], node: string | null = null, pods: readonly LiveObject[] = PODS) =>
  jivaVolumesCheck.answer(lookOf({ cluster: pvek8s(), node }, { pods, jivaVolumes: volumes, jivaVolumesV1: NONE }));

test.each([null, 'k8s01', 'k8s02', 'k8s03'])('three replicas of three keep their quorum (without %s)', (node) => {
  expect(answer([volume(['RW', 'RW', 'RW'])], node).map(({ verdict }) => verdict)).toEqual(['pass']);
});

test('the node with one of the last two takes the quorum along', () => {
  expect(answer([volume(['RW', 'RW'])], 'k8s01')).toEqual([
    expect.objectContaining({
      verdict: 'fail',
      subject: 'JivaVolume openebs/pvc-1',
      expected: '2 healthy replicas elsewhere than on k8s01',
      found: '1 of 3, 2 of them a quorum; status RW',
      next: 'kubectl -n openebs get pods -o wide -l openebs.io/persistent-volume=pvc-1',
    }),
  ]);
});

test('the node whose replica is missing anyway may go', () => {
  expect(answer([volume(['RW', 'RW'])], 'k8s03')[0]?.verdict).toBe('pass');
});

test('but a volume that lacks one is not healthy', () => {
  expect(answer([volume(['RW', 'RW'])])[0]).toMatchObject({
    verdict: 'fail',
    expected: '3 healthy replicas',
    found: '2 of 3, 2 of them a quorum',
  });
});

test('a replica whose pod is not Ready or ends does not count, whatever its mode was', () => {
  expect(
    answer([volume(['RW', 'RW', 'RW'])], null, [replica(1), replica(2, false), replica(3, false)])[0]?.found,
  ).toMatch(/^1 of 3/);
});

test('nobody goes while a replica is being filled', () => {
  expect(answer([volume(['RW', 'RW', 'WO'])], 'k8s03')[0]).toMatchObject({
    verdict: 'fail',
    expected: 'no replica that is being filled',
  });
});

test('half is no quorum', () => {
  const two = live('JivaVolume', 'openebs/pvc-1', {
    ...volume(['RW', 'RW']),
    metadata: {},
    spec: { pv: 'pvc-1', desiredReplicationFactor: 2 },
  });

  expect(answer([two])[0]?.verdict).toBe('pass');
  expect(answer([two], 'k8s01')[0]?.found).toBe('1 of 2, 2 of them a quorum; status RW');
});

test('a volume that is read-only is told even where its replicas look well', () => {
  expect(answer([volume(['RW', 'RW', 'RW'], { status: 'RO', phase: 'Syncing' })])[0]).toMatchObject({
    verdict: 'fail',
    found: 'status RO with 3 healthy replicas of 3, 2 of them a quorum',
  });
});

test('a volume that failed or is not provisioned is told', () => {
  expect(answer([volume([], { phase: 'Failed' })])[0]).toMatchObject({ verdict: 'fail', found: 'phase Failed' });
});

test('a controller that does not answer leaves its replicas unknown', () => {
  expect(answer([volume([], { status: '', phase: 'Unknown' })])[0]).toMatchObject({ verdict: 'unknown' });
});

test('a replica that no pod has the address of is on an unknown node', () => {
  expect(answer([volume(['RW', 'RW', 'RW'])], 'k8s01', [replica(1), replica(2)])[0]).toMatchObject({
    verdict: 'unknown',
  });
});

test('a volume that is being deleted is nobody’s quorum', () => {
  expect(answer([volume([], { phase: 'Deleting' })])[0]?.verdict).toBe('pass');
});

test('volumes are read in either version of the definition, each once', () => {
  const its = [volume(['RW', 'RW'])];
  const look = (jivaVolumes: typeof its | typeof NONE, jivaVolumesV1: typeof its | typeof NONE) =>
    jivaVolumesCheck.answer(lookOf({ cluster: pvek8s() }, { pods: PODS, jivaVolumes, jivaVolumesV1 }));

  expect(look(NONE, its)[0]?.found).toMatch(/^2 of 3/);
  expect(look(its, its)).toHaveLength(1);
  expect(look(NONE, NONE)).toEqual([expect.objectContaining({ verdict: 'unknown', found: 'no such kind' })]);
  expect(look(its, failure('403'))).toEqual([expect.objectContaining({ verdict: 'unknown', found: '403' })]);
});

test('no volume where the description counts on Jiva is unknown, and one elsewhere is not its', () => {
  expect(answer([])[0]?.verdict).toBe('unknown');
  expect(answer([live('JivaVolume', 'other/pvc-9')])[0]?.verdict).toBe('unknown');
});

test('pods that cannot be read leave it unknown', () => {
  const look = lookOf(
    { cluster: pvek8s() },
    { pods: failure('403'), jivaVolumes: [volume(['RW'])], jivaVolumesV1: NONE },
  );

  expect(jivaVolumesCheck.answer(look)).toEqual([expect.objectContaining({ verdict: 'unknown', found: '403' })]);
});
