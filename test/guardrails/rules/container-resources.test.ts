import { describe, expect, test } from 'vitest';
import { containerResources } from '../../../src/guardrails/rules/container-resources.js';
import { annotated, daemonSet, deployment, FOREIGN_PARTIAL, foundIn, manifest, pod } from '../examples.js';

const BARE = { containers: [{ name: 'main', image: 'a:1.0' }] };

describe('container-resources', () => {
  test('refuses a container without resources, also one that only begins the pod', () => {
    const object = daemonSet(pod({ initContainers: [{ name: 'init', image: 'a:1.0' }] }));

    expect(foundIn(containerResources, [object])).toEqual([
      "DaemonSet tools/thing, init container 'init': expected resources with requests.cpu, requests.memory, limits.memory, got none",
    ]);
  });

  test('refuses a container that may take all memory', () => {
    const object = deployment(pod({}, { resources: { requests: { cpu: '10m', memory: '16Mi' } } }));

    expect(foundIn(containerResources, [object])).toEqual([
      "Deployment tools/thing, container 'main': expected resources with limits.memory, got none",
    ]);
  });

  test('accepts a container with all three, a patch that leaves them to the owner, and a Plan', () => {
    const plan = manifest('upgrade.cattle.io/v1', 'Plan', 'os', { spec: { upgrade: { image: 'a:1.0' } } });

    expect(foundIn(containerResources, [deployment(), annotated(deployment(BARE), FOREIGN_PARTIAL), plan])).toEqual([]);
  });
});
