/** The rights that a look needs and no more: reading by name, no Secret, nothing that writes. */
import type { SyncedApplication } from '../../argo/tree.js';
import type { Cluster } from '../../cluster/cluster.js';
import type { Manifest } from '../../manifest/manifest.js';
import { rulesFor } from '../../manifest/rights.js';

export const RBAC = 'rbac.authorization.k8s.io';

/** To be bound to whom it is for. */
export const READERS = 'selfheal-drift';

export function readerRole(cluster: Cluster, applications: readonly SyncedApplication[]): readonly Manifest[] {
  const name = `selfheal-drift-${cluster.name}`;
  const objects = applications.flatMap((application) => application.objects.map(({ manifest }) => manifest));
  const reason = `What selfheal drift reads of ${cluster.name}: each object by its name, no Secret. Nothing in it writes.`;
  const subjects = [{ apiGroup: RBAC, kind: 'Group', name: READERS }];
  const pods = objects.find(
    ({ kind, metadata }) => kind === 'DaemonSet' && cluster.hosts.some((group) => group.name === metadata.name),
  );
  const namespace = pods?.metadata.namespace;
  const role: Manifest = {
    apiVersion: `${RBAC}/v1`,
    kind: 'ClusterRole',
    metadata: { name, annotations: { 'kubernetes.io/description': reason } },
    rules: [{ apiGroups: [''], resources: ['nodes'], verbs: ['list'] }, ...rulesFor(objects)].map((rule) => ({
      ...rule,
    })),
  };
  return [
    role,
    binding('ClusterRoleBinding', name, { kind: 'ClusterRole', name }, subjects),
    ...(namespace === undefined
      ? []
      : [
          {
            apiVersion: `${RBAC}/v1`,
            kind: 'Role',
            metadata: { name, namespace },
            // A role cannot ask for pods of one label alone.
            rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['list'] }],
          },
          binding('RoleBinding', name, { kind: 'Role', name }, subjects, namespace),
        ]),
  ];
}

export function binding(
  kind: 'ClusterRoleBinding' | 'RoleBinding',
  name: string,
  to: { readonly kind: string; readonly name: string },
  subjects: Manifest['subjects'],
  namespace?: string,
): Manifest {
  return {
    apiVersion: `${RBAC}/v1`,
    kind,
    metadata: { name, ...(namespace !== undefined && { namespace }) },
    roleRef: { apiGroup: RBAC, ...to },
    subjects,
  };
}
