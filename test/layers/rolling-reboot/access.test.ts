import { expect, test } from 'vitest';
import { FOREIGN } from '../../../src/argo/sync-options.js';
import type { Cluster } from '../../../src/cluster/cluster.js';
import type { Manifest } from '../../../src/manifest/manifest.js';
import { jobName } from '../../../src/manifest/reboot-job-name.js';
import { CHECKS } from '../../../src/ops/check/checks/index.js';
import { checkRole } from '../../../src/ops/check/reader-role.js';
import { LEASE } from '../../../src/ops/reboot/names.js';
import { objectsOf, parsed } from '../../support/clusters.js';
import { FULL_K3S_SPEC, FULL_MICROK8S_SPEC } from '../../support/full-clusters.js';
import { ATTIC, atNight, SCHEDULE } from './spec.js';

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  readonly resourceNames?: readonly string[];
}

const rulesOf = (objects: readonly Manifest[], kind: string): readonly Rule[] =>
  objects.filter((object) => object.kind === kind).flatMap(({ rules }) => (rules ?? []) as unknown as readonly Rule[]);

/** Each right by itself: `list apps/deployments`, `get /secrets reboots`. */
const rightsOf = (rules: readonly Rule[]): readonly string[] =>
  rules.flatMap(({ apiGroups, resources, verbs, resourceNames = [''] }) =>
    apiGroups.flatMap((group) =>
      resources.flatMap((resource) =>
        verbs.flatMap((verb) => resourceNames.map((name) => `${verb} ${group}/${resource} ${name}`.trim())),
      ),
    ),
  );

const rights = (cluster: Cluster, kind: 'ClusterRole' | 'Role') =>
  rightsOf(rulesOf(objectsOf(cluster, 'rolling-reboot'), kind));

test('it writes nothing but the lock, the described nodes, evictions, and the Jobs that reboot them', () => {
  const cluster = atNight();
  const writing = [...rights(cluster, 'ClusterRole'), ...rights(cluster, 'Role')].filter(
    (right) => !/^(get|list) /.test(right),
  );

  expect(writing).toEqual([
    'patch /nodes lamp',
    'patch /nodes bulb',
    'create /pods/eviction',
    `update coordination.k8s.io/leases ${LEASE.name}`,
    `delete coordination.k8s.io/leases ${LEASE.name}`,
    'create coordination.k8s.io/leases',
    'create batch/jobs',
    `delete batch/jobs ${jobName('lamp')}`,
    `delete batch/jobs ${jobName('bulb')}`,
  ]);
});

test('it may delete the Job of a node whose name does not fit into that of a Job', () => {
  const long = 'node-of-a-provider-that-names-by-region-rack-and-slot-000001';
  const { lamp, bulb } = ATTIC.nodes;
  const nodes = { lamp, [long]: bulb };
  const hosts = [{ nodes: ['lamp'] }, { name: 'rack', nodes: [long] }];

  expect(rights(atNight({}, { nodes, hosts }), 'Role')).toContain(`delete batch/jobs ${jobName(long)}`);
});

test('the lock and the Jobs are its own where a roll has them, and nowhere else', () => {
  const roles = objectsOf(atNight(), 'rolling-reboot').filter(({ kind }) => kind === 'Role');

  expect(roles.map(({ metadata }) => metadata.namespace)).toEqual([LEASE.namespace]);
});

test('it reads the one Secret with the URL, and none where nobody is told', () => {
  const notify = { kind: 'ntfy', urlSecret: { name: 'reboots-ntfy', key: 'url' } };
  const secrets = (cluster: Cluster) =>
    [...rights(cluster, 'ClusterRole'), ...rights(cluster, 'Role')].filter((right) => right.includes('secrets'));

  expect(secrets(atNight())).toEqual([]);
  expect(secrets(atNight({ notify }))).toEqual(['get /secrets reboots-ntfy']);
});

/** Whose pods are below their number while a node is down. */
const OF_THE_ROLL_ITSELF = ['daemonsets', 'deployments', 'replicasets', 'statefulsets'].map(
  (resource) => `list apps/${resource}`,
);

test.each([
  ['k3s', FULL_K3S_SPEC],
  ['MicroK8s', FULL_MICROK8S_SPEC],
])(
  'it may list what the checks of a full %s cluster ask for, and whose pods it counts, and nothing else',
  (_, spec) => {
    const cluster = parsed({ ...spec, reboots: { schedule: SCHEDULE } });
    const checks = CHECKS.filter(({ applies }) => applies === undefined || applies(cluster));
    const patched = objectsOf(cluster).filter(({ metadata }) => metadata.annotations?.[FOREIGN] !== undefined);
    const needed = checkRole(cluster, { checks, patched, bootstrapNamespace: LEASE.namespace });

    for (const kind of ['ClusterRole', 'Role'] as const) {
      const has = new Set(rights(cluster, kind));
      const needs = rightsOf(rulesOf(needed, kind));
      expect(needs.length).toBeGreaterThan(0);
      expect(needs.filter((right) => !has.has(right))).toEqual([]);
      const lists = [...has].filter((right) => right.startsWith('list ') && !needs.includes(right));
      expect(lists).toEqual(kind === 'Role' ? [] : OF_THE_ROLL_ITSELF);
    }
    expect(patched.length).toBeGreaterThan(0);
  },
);

test('what gives rights says for what, and that its holder is root on every node', () => {
  const said = objectsOf(atNight(), 'rolling-reboot').filter(({ kind }) =>
    /^(ServiceAccount|Role|ClusterRole)$/.test(kind),
  );

  expect(said).toHaveLength(3);
  for (const { metadata } of said) expect(metadata.annotations?.['kubernetes.io/description']).toMatch(/\.$/);
  expect(JSON.stringify(said)).toContain('root on every node');
});
