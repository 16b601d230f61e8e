import { expect, test } from 'vitest';
import { affinityPaths, chartValues, unknownPaths } from './chart-values.js';

test('a misspelt value is found, at whatever depth', () => {
  const defaults = { csi: { attacherReplicaCount: null }, resources: {}, tolerations: [] };

  expect(unknownPaths({ csi: { atacherReplicaCount: 2 } }, defaults)).toEqual(['csi.atacherReplicaCount']);
  expect(unknownPaths({ toString: 1 }, defaults)).toEqual(['toString']);
  expect(unknownPaths({ tolerations: { key: 'x' } }, defaults)).toEqual(['tolerations']);
});

test('what goes into an empty map is free', () => {
  expect(unknownPaths({ resources: { requests: { cpu: '1' } } }, { resources: {} })).toEqual([]);
});

test.each([
  ['longhorn-1.11.3', { csi: { attacherReplicaCount: 2 }, defaultBackupStore: { backupTarget: '' } }],
  ['prometheus-blackbox-exporter-11.17.2', { affinity: { nodeAffinity: {} }, resources: { limits: {} } }],
])('%s can be checked as well', (file, values) => {
  expect(unknownPaths(values, chartValues(file))).toEqual([]);
  expect(unknownPaths({ ...values, nodeAffinity: {} }, chartValues(file))).toEqual(['nodeAffinity']);
});

test('every place that takes an affinity is found', () => {
  const paths = affinityPaths({ a: { spec: { affinity: {} } }, affinity: {}, list: [{ affinity: {} }] });

  expect(paths).toEqual(['a.spec.affinity', 'affinity']);
});
