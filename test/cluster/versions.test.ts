import { describe, expect, test } from 'vitest';
import { CHARTS, IMAGES, MICROK8S_COREDNS } from '../../src/cluster/versions.js';
import { everyField } from '../../src/manifest/json.js';
import { homelab, objectsOf, parsed, pvek8s } from '../support/clusters.js';
import { FULL_K3S_SPEC, FULL_MICROK8S_SPEC } from '../support/full-clusters.js';

const objects = [homelab(), pvek8s(), parsed(FULL_K3S_SPEC), parsed(FULL_MICROK8S_SPEC)].flatMap((cluster) =>
  objectsOf(cluster),
);
const used = (key: string): readonly string[] => [
  ...new Set(
    objects.flatMap((object) =>
      everyField(object).flatMap((field) =>
        field.key === key && typeof field.value === 'string' ? [field.value] : [],
      ),
    ),
  ),
];

describe('what a node may pull', () => {
  const known = [IMAGES.alpine, IMAGES.node, MICROK8S_COREDNS.image];

  test('is an image that versions.ts names, and each of those is used', () => {
    expect([...used('image')].sort()).toEqual([...known].sort());
  });

  test('is named with a tag that does not move', () => {
    expect(
      known.filter((image) => !/:v?\d+\.\d+(\.\d+)?(-alpine\d+\.\d+)?(@sha256:[0-9a-f]{64})?$/.test(image)),
    ).toEqual([]);
  });
});

test('every chart is one that versions.ts names, in that version', () => {
  const charts = objects.flatMap((object) =>
    everyField(object).flatMap(({ key, value }) =>
      key === 'source' && typeof value === 'object' && value !== null && 'chart' in value ? [value] : [],
    ),
  );

  expect(charts.length).toBeGreaterThan(0);
  for (const source of charts) {
    const { repoUrl: repoURL, chart, version: targetRevision } = CHARTS.kubePrometheusStack;
    expect(source).toMatchObject({ repoURL, chart, targetRevision });
  }
});
