import { App } from 'cdk8s';
import { describe, expect, test } from 'vitest';
import { isApplicationChart } from '../../src/argo/application-chart.js';
import type { Cluster } from '../../src/cluster/cluster.js';
import { parseCluster } from '../../src/cluster/parse/cluster.js';
import { describedPatches, isOfPatch, type PatchName } from '../../src/cluster/patches.js';
import homelabSpec from '../../src/clusters/homelab.js';
import pvek8sSpec from '../../src/clusters/pvek8s.js';
import { checkGuardrails } from '../../src/guardrails/index.js';
import { dns } from '../../src/layers/dns/index.js';
import { longhorn } from '../../src/layers/longhorn/index.js';
import { placement } from '../../src/layers/placement/index.js';
import type { Manifest } from '../../src/manifest/manifest.js';
import { renderCluster } from '../../src/synth/render.js';
import { homelab, MINIMAL_SPEC, parsed, pvek8s } from '../support/clusters.js';

const retiring = (spec: object, ...patches: readonly string[]): Cluster => parsed({ ...spec, retiring: patches });

const foldersOfPatches = (cluster: Cluster): readonly string[] => {
  const app = new App();
  const contributions = { hostState: () => ({ files: [], units: [] }) as never, alerts: [], others: () => [] };
  for (const { build } of [dns, longhorn, placement]) build?.(app, cluster, contributions);
  return app.node.children
    .filter(isApplicationChart)
    .filter(({ props }) => props.ownership === 'foreign-patch')
    .map(({ node }) => node.id);
};

const foreignOf = (cluster: Cluster): readonly Manifest[] =>
  renderCluster(cluster)
    .map(({ manifest }) => manifest)
    .filter(({ metadata: { annotations } }) => annotations?.['selfheal.dev/foreign'] !== undefined);

describe.each([
  ['homelab', homelab, 4],
  ['pvek8s', pvek8s, 2],
] as const)('%s', (_, cluster, count) => {
  test('names every patch that it makes, and no other', () => {
    const folders = foldersOfPatches(cluster());

    expect(folders).toHaveLength(count);
    expect(
      describedPatches(cluster())
        .filter((patch) => !patch.includes('/'))
        .sort(),
    ).toEqual([...folders].sort());
  });

  test('every patch can be taken back, and no guardrail stops it', () => {
    const all = cluster();
    const changed: Cluster = { ...all, retiring: describedPatches(all) };
    const objects = renderCluster(changed);

    expect(foreignOf(changed).map(({ metadata: { annotations } }) => annotations?.['selfheal.dev/foreign'])).toEqual(
      foreignOf(all).map(() => 'retiring'),
    );
    expect(
      checkGuardrails({ cluster: changed, objects }).filter(({ guardrail }) => guardrail.severity === 'error'),
    ).toEqual([]);
  });
});

test('one patch that is taken back leaves the others as they are', () => {
  const before = renderCluster(homelab());
  const after = renderCluster(retiring(homelabSpec, 'longhorn-csi-spread'));
  const changed = after.filter((object, index) => JSON.stringify(object) !== JSON.stringify(before[index]));

  expect(after).toHaveLength(before.length - 1);
  expect(
    after
      .filter(({ application }) => application === 'longhorn-csi-spread')
      .map(({ manifest }) => Object.keys(manifest)),
  ).toEqual(Array.from({ length: 4 }, () => ['apiVersion', 'kind', 'metadata']));
  expect(changed.length).toBeGreaterThan(0);
});

test('one of several Deployments that are kept off nodes is taken back alone', () => {
  const keepOff = ['cloudflared', 'tunnel'].map((deployment) => ({
    namespace: 'edge',
    deployment,
    nodes: ['k8s02'],
    appliedBy: 'helm',
  }));
  const cluster = retiring({ ...pvek8sSpec, keepOff }, 'keep-off/edge/tunnel');

  const forms = foreignOf(cluster)
    .filter(({ metadata: { namespace } }) => namespace === 'edge')
    .map(({ metadata: { name, annotations } }) => [name, annotations?.['selfheal.dev/foreign']]);

  expect(forms).toEqual([
    ['cloudflared', 'partial'],
    ['tunnel', 'retiring'],
  ]);
});

test('nobody is woken for what was taken back: the alerts on its effect go with the first commit', () => {
  const names = (cluster: Cluster): string =>
    JSON.stringify(renderCluster(cluster).map(({ manifest }) => manifest.spec));

  expect(names(homelab())).toContain('CoreDnsReplicasLow');
  expect(names(retiring(homelabSpec, 'coredns'))).not.toContain('CoreDnsReplicasLow');
  expect(names(homelab())).toContain('CsiSidecarsConcentrated');
  expect(names(retiring(homelabSpec, 'longhorn-csi-spread'))).not.toContain('CsiSidecarsConcentrated');
});

test("a Setting keeps the value that is described: Longhorn's CRD refuses one without", () => {
  const [setting] = foreignOf(retiring(homelabSpec, 'longhorn-settings')).filter(({ kind }) => kind === 'Setting');

  expect(setting).toMatchObject({ value: 'true', metadata: { annotations: { 'selfheal.dev/foreign': 'retiring' } } });
});

describe('what cannot be taken back is refused where it is written', () => {
  const issuesOf = (spec: object) => {
    const result = parseCluster(spec);
    return result.ok ? [] : result.issues;
  };

  test.each([
    [
      'a misspelt name',
      { ...homelabSpec, retiring: ['cordns'] },
      'retiring[0]',
      'expected one of "coredns", "longhorn-backup-target", "longhorn-settings", "longhorn-csi-spread", which are described, got "cordns"; did you mean "coredns"?',
    ],
    [
      'a patch that is not described any more',
      { ...MINIMAL_SPEC, retiring: ['coredns'] },
      'retiring[0]',
      'expected nothing (no patch of a foreign object is described), got "coredns"',
    ],
    ['what is no name', { ...MINIMAL_SPEC, retiring: ['Core DNS'] }, 'retiring[0]', 'expected the name of a patch'],
    ['a name twice', { ...homelabSpec, retiring: ['coredns', 'coredns'] }, 'retiring[1]', 'expected each item once'],
    ['a text', { ...homelabSpec, retiring: 'coredns' }, 'retiring', 'expected a list, got "coredns"'],
  ])('%s', (_, spec, path, message) => {
    expect(issuesOf(spec)).toEqual([{ path, message: expect.stringContaining(message) }]);
  });
});

test.each([
  ['coredns', true],
  ['keep-off/kube-system/coredns', false],
  ['coredns/kube-system/coredns', true],
  ['core', false],
])('an object in the folder coredns is of patch %s: %s', (patch, expected) => {
  const object = { application: 'coredns', manifest: { metadata: { namespace: 'kube-system', name: 'coredns' } } };

  expect(isOfPatch(patch as PatchName, object)).toBe(expected);
});
