/** The rights that a look needs and no more: reading by name, no Secret, nothing that writes. */
import type { SyncedApplication } from '../../argo/tree.js';
import type { Cluster } from '../../cluster/cluster.js';
import type { Manifest } from '../../manifest/manifest.js';
import { rulesFor } from '../../manifest/rights.js';
import { granted } from '../../manifest/roles.js';

/** To be bound to whom it is for. */
export const READERS = 'selfheal-drift';

export function readerRole(cluster: Cluster, applications: readonly SyncedApplication[]): readonly Manifest[] {
  const name = `selfheal-drift-${cluster.name}`;
  const objects = applications.flatMap((application) => application.objects.map(({ manifest }) => manifest));
  const reason = `What selfheal drift reads of ${cluster.name}: each object by its name, no Secret. Nothing in it writes.`;
  const pods = objects.find(
    ({ kind, metadata }) => kind === 'DaemonSet' && cluster.hosts.some((group) => group.name === metadata.name),
  );
  const namespace = pods?.metadata.namespace;
  const both = { name, group: READERS, reason };
  return [
    ...granted({
      ...both,
      rules: [{ apiGroups: [''], resources: ['nodes'], verbs: ['list'] }, ...rulesFor(objects)],
    }),
    ...(namespace === undefined
      ? []
      : // A role cannot ask for pods of one label alone.
        granted({ ...both, namespace, rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['list'] }] })),
  ];
}
