import { readdirSync, readFileSync } from 'node:fs';
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

interface Key {
  readonly where: string;
  readonly isOptional: boolean;
  readonly doc: string;
}

/** Every key of a description with its documentation. What only tells one form from another needs none. */
function keysIn(path: string): readonly Key[] {
  const lines = readFileSync(path, 'utf8').split('\n');
  return lines.flatMap((line, index) => {
    const [, name, optional] = /^ {2}readonly (\w+)(\??): (?!'[\w-]+';$)/.exec(line) ?? [];
    if (name === undefined) return [];
    const isDocumented = lines[index - 1]?.trimEnd().endsWith('*/') === true;
    const from = lines.slice(0, index).findLastIndex((above) => above.trimStart().startsWith('/**'));
    const doc = isDocumented ? lines.slice(from, index).join('\n') : '';
    return [{ where: `${path}: ${name}`, isOptional: optional === '?', doc }];
  });
}

const keys = [
  'src/cluster/spec.ts',
  ...readdirSync('src/cluster/spec').map((name) => `src/cluster/spec/${name}`),
].flatMap(keysIn);

test('the scan found the keys of a description, optional and required', () => {
  expect(keys.filter(({ isOptional }) => isOptional).length).toBeGreaterThan(35);
  expect(keys.filter(({ isOptional }) => !isOptional).length).toBeGreaterThan(35);
});

test('every key is documented, for whoever fills it in from completion alone', () => {
  expect(keys.filter(({ doc }) => doc === '').map(({ where }) => where)).toEqual([]);
});

test('every key that may be left out says what then holds, and no other does', () => {
  expect(keys.filter(({ doc, isOptional }) => doc.includes('@default') !== isOptional)).toEqual([]);
});
