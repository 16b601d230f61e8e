/** Roles that a verb prints for a group: each with its binding, to be given to whom it is for. */
import type { Manifest } from './manifest.js';

const RBAC = 'rbac.authorization.k8s.io';

interface Granted {
  readonly name: string;

  /** Whoever is in it has the rights. */
  readonly group: string;

  /** For whoever finds it in the cluster. */
  readonly reason: string;
  readonly rules: readonly object[];

  /** @default a ClusterRole: everywhere, and of what has no namespace */
  readonly namespace?: string;
}

export function granted({ name, group, reason, rules, namespace }: Granted): readonly Manifest[] {
  const kind = namespace === undefined ? 'ClusterRole' : 'Role';
  const place = { name, ...(namespace !== undefined && { namespace }) };
  return [
    {
      apiVersion: `${RBAC}/v1`,
      kind,
      metadata: { ...place, annotations: { 'kubernetes.io/description': reason } },
      // Plain data, and nothing in it is undefined.
      rules: rules.map((rule) => ({ ...rule })) as Manifest['rules'],
    },
    {
      apiVersion: `${RBAC}/v1`,
      kind: `${kind}Binding`,
      metadata: place,
      roleRef: { apiGroup: RBAC, kind, name },
      subjects: [{ apiGroup: RBAC, kind: 'Group', name: group }],
    },
  ];
}
