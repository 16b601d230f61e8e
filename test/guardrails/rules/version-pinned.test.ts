import { describe, expect, test } from 'vitest';
import { versionPinned } from '../../../src/guardrails/rules/version-pinned.js';
import {
  annotated,
  deployment,
  FOREIGN_PARTIAL,
  findings,
  foundIn,
  helmApplication,
  manifest,
  pod,
} from '../examples.js';

const using = (image: string, imagePullPolicy = 'IfNotPresent') => deployment(pod({}, { image, imagePullPolicy }));
const DIGEST = `@sha256:${'a1'.repeat(32)}`;

describe('version-pinned', () => {
  test.each(['alpine', 'registry.lan:5000/alpine'])('refuses %s, which has no tag', (image) => {
    expect(foundIn(versionPinned, [using(image)])).toEqual([
      `Deployment tools/thing, container 'main': expected an image with a tag, got "${image}"`,
    ]);
  });

  test.each(['alpine:latest', 'alpine:3', 'alpine:edge', 'app:v1', 'app:main', 'app:stable-2024'])(
    'refuses %s, which moves',
    (image) => {
      expect(foundIn(versionPinned, [using(image)])).toEqual([
        `Deployment tools/thing, container 'main': expected a tag that does not move, got "${image}"`,
      ]);
    },
  );

  test('refuses to ask the registry at each start', () => {
    expect(foundIn(versionPinned, [using('alpine:3.21', 'Always')])).toEqual([
      'Deployment tools/thing, container \'main\': expected imagePullPolicy "IfNotPresent", got "Always"',
    ]);
  });

  test.each([
    'docker.io/library/alpine:3.21',
    'registry.lan:5000/app:v1.2.3-rc1',
    `alpine${DIGEST}`,
    `alpine:latest${DIGEST}`,
  ])('accepts %s', (image) => {
    expect(foundIn(versionPinned, [using(image)])).toEqual([]);
  });

  test("takes a Plan's version for the tag of its image", () => {
    const plan = (version?: string) =>
      manifest('upgrade.cattle.io/v1', 'Plan', 'k3s', { spec: { version, upgrade: { image: 'rancher/k3s-upgrade' } } });

    expect(foundIn(versionPinned, [plan('v1.34.4-k3s1')])).toEqual([]);
    expect(findings(versionPinned, [plan('latest')])).toHaveLength(1);
    expect(findings(versionPinned, [plan()])).toHaveLength(1);
  });

  test('accepts a partial patch that leaves the image to its owner', () => {
    const patch = annotated(deployment({ containers: [{ name: 'main' }] }), FOREIGN_PARTIAL);

    expect(foundIn(versionPinned, [patch])).toEqual([]);
    expect(findings(versionPinned, [deployment({ containers: [{ name: 'main' }] })])).toHaveLength(1);
  });

  test.each(['88.x', '^88.5.3', '*', '>=1.0.0'])('refuses chart version %s', (targetRevision) => {
    expect(foundIn(versionPinned, [helmApplication({}, { targetRevision })])).toEqual([
      `Application argocd/selfheal-monitoring: expected an exact chart version, got "${targetRevision}"`,
    ]);
  });

  test('refuses what moves in the values of a chart, and accepts what is pinned there', () => {
    const moving = { grafana: { image: { tag: 'latest', pullPolicy: 'Always' } } };
    const pinned = { grafana: { image: { repository: 'grafana/grafana', tag: '13.2.0', pullPolicy: 'IfNotPresent' } } };

    expect(findings(versionPinned, [helmApplication(moving)])).toHaveLength(2);
    expect(foundIn(versionPinned, [helmApplication(pinned)])).toEqual([]);
  });
});
