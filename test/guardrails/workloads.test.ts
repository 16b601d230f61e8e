import { describe, expect, test } from 'vitest';
import { configMapsOf, workloadsOf } from '../../src/guardrails/workloads.js';
import type { Manifest } from '../../src/manifest/manifest.js';
import {
  annotated,
  configMap,
  container,
  cronJob,
  daemonSet,
  deployment,
  FOREIGN_PARTIAL,
  manifest,
  placed,
  pod,
} from './examples.js';

const only = (object: Manifest) => {
  const [workload, ...others] = workloadsOf(placed([object]));
  if (workload === undefined || others.length > 0) throw new Error(`expected one workload, got ${others.length + 1}`);
  return workload;
};
const template = { template: { spec: pod() } };

describe('workloadsOf', () => {
  test('finds nothing in objects that make no pods', () => {
    expect(workloadsOf(placed([configMap({}), manifest('v1', 'Service', 's')]))).toEqual([]);
  });

  test.each([
    deployment(),
    daemonSet(),
    cronJob(),
    manifest('apps/v1', 'StatefulSet', 'x', { spec: template }),
    manifest('apps/v1', 'ReplicaSet', 'x', { spec: template }),
    manifest('batch/v1', 'Job', 'x', { spec: template }),
    manifest('v1', 'Pod', 'x', { spec: pod() }),
  ])('finds the containers of a $kind', (object) => {
    const { kind, containers } = only(object);

    expect(kind).toBe(object.kind);
    expect(containers.map(({ name, image }) => [name, image])).toEqual([['main', 'docker.io/library/alpine:3.21']]);
  });

  test("takes a Plan's two steps for containers, with their environment", () => {
    const plan = manifest('upgrade.cattle.io/v1', 'Plan', 'os', {
      spec: { prepare: { image: 'a:1.0' }, upgrade: { image: 'b:1.0', envs: [{ name: 'A', value: '1' }] } },
    });

    const { containers } = only(plan);

    expect(containers.map(({ name, isInit, env }) => [name, isInit, env.get('A')])).toEqual([
      ['prepare', true, undefined],
      ['upgrade', false, '1'],
    ]);
  });

  test('tells init containers, and names each by its owner', () => {
    const { containers } = only(deployment(pod({ initContainers: [container({ name: 'first' })] })));

    expect(containers.map(({ where, isInit }) => [where, isInit])).toEqual([
      ["Deployment tools/thing, init container 'first'", true],
      ["Deployment tools/thing, container 'main'", false],
    ]);
  });

  test('reads literal variables and leaves references alone', () => {
    const env = [
      { name: 'A', value: '1' },
      { name: 'B', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } },
    ];

    expect([...(only(deployment(pod({}, { env }))).containers[0]?.env ?? [])]).toEqual([['A', '1']]);
  });

  test('knows a patch of a foreign object from an object of our own', () => {
    expect(only(annotated(deployment({}), FOREIGN_PARTIAL)).isPartial).toBe(true);
    expect(only(annotated(deployment(), { 'selfheal.dev/foreign': 'whole' })).isPartial).toBe(false);
    expect(only(deployment()).isPartial).toBe(false);
  });

  test('survives a workload without anything in it', () => {
    expect(only(manifest('apps/v1', 'Deployment', 'x')).containers).toEqual([]);
  });
});

describe('configMapsOf', () => {
  test('names each mounted ConfigMap once: by a volume, by a projection, by the environment', () => {
    const volumes = [
      { name: 'a', configMap: { name: 'scripts' } },
      { name: 'b', projected: { sources: [{ configMap: { name: 'more' } }, { secret: { name: 'no' } }] } },
      { name: 'c', secret: { secretName: 'no' } },
    ];
    const envFrom = [{ configMapRef: { name: 'settings' } }, { configMapRef: { name: 'scripts' } }];

    expect(configMapsOf(only(deployment(pod({ volumes }, { envFrom }))))).toEqual(['scripts', 'more', 'settings']);
  });
});
