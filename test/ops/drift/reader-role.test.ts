import { describe, expect, test } from 'vitest';
import { readTree } from '../../../src/argo/read-tree.js';
import type { Cluster } from '../../../src/cluster/cluster.js';
import { layOut } from '../../../src/manifest/layout.js';
import { groupOf, type Manifest } from '../../../src/manifest/manifest.js';
import { pluralOf } from '../../../src/manifest/rights.js';
import { READERS, readerRole } from '../../../src/ops/drift/reader-role.js';
import { renderCluster } from '../../../src/synth/render.js';
import { homelab, pvek8s } from '../../support/clusters.js';

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

const applicationsOf = (cluster: Cluster) =>
  readTree(layOut(cluster.gitops.path, renderCluster(cluster)), '').applications;
const rulesOf = ({ rules }: Manifest): readonly Rule[] => rules as unknown as readonly Rule[];
const roleOf = (cluster: Cluster) => readerRole(cluster, applicationsOf(cluster));

describe.each([['homelab', homelab()] as const, ['pvek8s', pvek8s()] as const])(
  "the reader's role of %s",
  (_, cluster) => {
    const objects = applicationsOf(cluster).flatMap((application) =>
      application.objects.map(({ manifest }) => manifest),
    );
    const rules = roleOf(cluster)
      .filter(({ kind }) => /^(Cluster)?Role$/.test(kind))
      .flatMap(rulesOf);

    test('writes nothing, reads no Secret, and has no wildcard', () => {
      expect(rules.length).toBeGreaterThan(5);
      expect(new Set(rules.flatMap(({ verbs }) => verbs))).toEqual(new Set(['get', 'list']));
      expect(rules.flatMap(({ resources }) => resources)).not.toContain('secrets');
      expect(JSON.stringify(rules)).not.toContain('*');
    });

    test('gets each described object by its name, and no other', () => {
      const may = rules
        .filter(({ verbs }) => verbs.includes('get'))
        .flatMap(({ apiGroups: [group], resources: [resource], resourceNames }) =>
          (resourceNames ?? ['any']).map((name) => `${group}/${resource}/${name}`),
        );
      const asked = objects
        .filter(({ kind }) => kind !== 'Secret')
        .map((object) => `${groupOf(object)}/${pluralOf(object.kind)}/${object.metadata.name}`);

      expect(may.sort()).toEqual([...new Set(asked)].sort());
    });

    test("lists nodes everywhere, and pods in node-bootstrap's namespace alone", () => {
      const lists = (kind: string) =>
        roleOf(cluster)
          .filter((role) => role.kind === kind)
          .flatMap(rulesOf)
          .filter(({ verbs }) => verbs.includes('list'));

      expect(lists('ClusterRole')).toEqual([{ apiGroups: [''], resources: ['nodes'], verbs: ['list'] }]);
      expect(lists('Role')).toEqual([{ apiGroups: [''], resources: ['pods'], verbs: ['list'] }]);
      expect(roleOf(cluster).find(({ kind }) => kind === 'Role')?.metadata.namespace).toBe('kube-system');
    });

    test('is bound to its group and to nobody else', () => {
      const bindings = roleOf(cluster).filter(({ kind }) => kind.endsWith('Binding'));

      expect(bindings.map(({ roleRef }) => roleRef)).toMatchObject([{ kind: 'ClusterRole' }, { kind: 'Role' }]);
      for (const { subjects } of bindings)
        expect(subjects).toEqual([{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: READERS }]);
    });
  },
);

test.each([
  ['NetworkPolicy', 'networkpolicies'],
  ['Gateway', 'gateways'],
  ['StorageClass', 'storageclasses'],
  ['Ingress', 'ingresses'],
  ['PrometheusRule', 'prometheusrules'],
])('a %s is one of %s', (kind, plural) => {
  expect(pluralOf(kind)).toBe(plural);
});
