/** The rights that checks need and no more: listing kinds, getting what is patched, one container's log. No Secret. */
import type { Cluster } from '../../cluster/cluster.js';
import { groupOf, type Manifest } from '../../manifest/manifest.js';
import { pluralOf, rulesFor } from '../../manifest/rights.js';
import { granted } from '../../manifest/roles.js';
import { FACT_KINDS, type FactName, type HealthCheck } from './facts.js';

/** To be bound to whom it is for. */
const CHECKERS = 'selfheal-check';

interface Read {
  readonly checks: readonly HealthCheck[];
  /** What is patched of others' objects. */
  readonly patched: readonly Manifest[];
  /** Where node-bootstrap's pods are; null where there are none. */
  readonly bootstrapNamespace: string | null;
}

export function checkRole(cluster: Cluster, { checks, patched, bootstrapNamespace }: Read): readonly Manifest[] {
  const name = `selfheal-check-${cluster.name}`;
  const reason = `What selfheal check reads of ${cluster.name}: lists, what is patched, no Secret. Nothing in it writes.`;
  const asked = new Set(checks.flatMap(({ asks }) => asks));
  const both = { name, group: CHECKERS, reason };
  const logs = asked.has('hostReports') ? bootstrapNamespace : null;
  return [
    ...granted({
      ...both,
      rules: [...listed(asked), ...rulesFor(asked.has('patched') ? patched : [])],
    }),
    ...(logs === null
      ? []
      : // A pod's name is new at each roll-out: a role cannot ask for one DaemonSet's pods alone.
        granted({
          ...both,
          namespace: logs,
          rules: [{ apiGroups: [''], resources: ['pods/log'], verbs: ['get'] }],
        })),
  ];
}

/** Each API group once. */
function listed(asked: ReadonlySet<FactName>) {
  const groups = new Map<string, string[]>();
  for (const [name, kind] of Object.entries(FACT_KINDS)) {
    // Nodes tell which cluster it is, and reports of hosts are found through pods. Its own keys.
    const needed = asked.has(name as FactName) || name === 'nodes' || (asked.has('hostReports') && name === 'pods');
    if (!needed) continue;
    const group = groupOf({ ...kind, metadata: { name } });
    groups.set(group, [...(groups.get(group) ?? []), pluralOf(kind.kind)]);
  }
  return [...groups].sort().map(([group, resources]) => ({
    apiGroups: [group],
    resources: [...new Set(resources)].sort(),
    verbs: ['list'],
  }));
}
