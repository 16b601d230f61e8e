import { expect, test } from 'vitest';
import { defineCluster } from '../../src/cluster/spec.js';
import { MINIMAL_SPEC } from '../support/clusters.js';

/** The compiler is the test: an error that is expected and missing fails `tsc`. */
test('a node that is not described cannot be named', () => {
  const spec = defineCluster({
    ...MINIMAL_SPEC,
    // @ts-expect-error 'lmp' is no key of nodes
    hosts: [{ nodes: ['lmp'] }],
    // @ts-expect-error neither is 'nas'
    reachability: { nodes: ['lamp', 'nas'] },
    // @ts-expect-error nor 'shade'
    keepOff: [{ namespace: 'a', deployment: 'b', nodes: ['shade'], appliedBy: 'helm' }],
    // @ts-expect-error nor 'bulb'
    monitoring: { install: 'kube-prometheus-stack', requiredNode: 'bulb' },
  });

  expect(spec.name).toBe('attic');
});

test('a key of the other distribution cannot be written', () => {
  // @ts-expect-error k3s has no cni
  defineCluster({ ...MINIMAL_SPEC, cni: 'calico' });
  // @ts-expect-error microk8s has no datastore
  defineCluster({ ...MINIMAL_SPEC, distribution: 'microk8s' });

  expect.assertions(0);
});

test('a duration without a unit cannot be written', () => {
  // @ts-expect-error minutes are min, m is no unit
  defineCluster({ ...MINIMAL_SPEC, hosts: [{ nodes: ['lamp'], sandboxCleanup: { timeout: '2m' } }] });
  // @ts-expect-error nor is nothing
  defineCluster({ ...MINIMAL_SPEC, hosts: [{ nodes: ['lamp'], sandboxCleanup: { timeout: '120' } }] });

  expect.assertions(0);
});

test('what is required cannot be forgotten', () => {
  defineCluster({
    ...MINIMAL_SPEC,
    // @ts-expect-error there is no backup without a bandwidth limit
    backup: {
      from: 'lamp',
      to: { host: 'nas', user: 'copy', path: '/tank', hostKey: 'ssh-ed25519 AAAA' },
      at: '02:30',
      keySecret: { name: 'a', key: 'b' },
    },
  });
  // @ts-expect-error an empty backup target is said, not left out
  defineCluster({ ...MINIMAL_SPEC, longhorn: { version: '1.11.3' } });

  expect.assertions(0);
});

test('a description comes back unchanged', () => {
  expect(defineCluster(MINIMAL_SPEC)).toBe(MINIMAL_SPEC);
});
