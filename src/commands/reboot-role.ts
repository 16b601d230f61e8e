/** The rights that a roll of a person needs and no more: those of the cluster's own, for a group. */
import { FOREIGN } from '../argo/sync-options.js';
import { everywhere, inNamespace } from '../layers/rolling-reboot/rules.js';
import type { Manifest } from '../manifest/manifest.js';
import { rulesFor } from '../manifest/rights.js';
import { binding, RBAC } from '../ops/drift/reader-role.js';
import { LEASE } from '../ops/reboot/names.js';
import { keptObjects } from '../synth/kept-objects.js';
import type { Description } from '../synth/load-clusters.js';

/** To be bound to whom it is for. */
const ROLLERS = 'selfheal-reboot';

export async function rebootRole(description: Description): Promise<readonly Manifest[]> {
  const { cluster } = description;
  const { namespace } = LEASE;
  const name = `selfheal-reboot-${cluster.name}`;
  const patched = (await keptObjects(description))
    .map(({ manifest }) => manifest)
    .filter(({ metadata }) => metadata.annotations?.[FOREIGN] !== undefined);
  const subjects = [{ apiGroup: RBAC, kind: 'Group', name: ROLLERS }];
  const role = (kind: 'ClusterRole' | 'Role', reason: string, rules: readonly object[]): Manifest => ({
    apiVersion: `${RBAC}/v1`,
    kind,
    metadata: {
      name,
      ...(kind === 'Role' && { namespace }),
      annotations: { 'kubernetes.io/description': reason },
    },
    // Plain data, and nothing in it is undefined.
    rules: rules.map((rule) => ({ ...rule })) as Manifest['rules'],
  });
  return [
    role(
      'ClusterRole',
      `What selfheal reboot does to ${cluster.name}: marks and cordons its nodes, evicts pods, lists what the checks look at.`,
      [...everywhere(cluster), ...rulesFor(patched)],
    ),
    binding('ClusterRoleBinding', name, { kind: 'ClusterRole', name }, subjects),
    role(
      'Role',
      'The lock of a roll, and the Jobs that reboot a host. Who may create Jobs here is root on every node.',
      inNamespace(cluster),
    ),
    binding('RoleBinding', name, { kind: 'Role', name }, subjects, namespace),
  ];
}
