/** The rights of a roll, each for what it does with it. */
import type { k8s } from 'cdk8s-plus-28';
import type { Cluster } from '../../cluster/cluster.js';
import { jobName } from '../../manifest/reboot-job-name.js';
import { LEASE } from './names.js';

const rule = (
  verbs: readonly string[],
  group: string,
  resources: readonly string[],
  names: readonly string[] = [],
): k8s.PolicyRule => ({
  apiGroups: [group],
  resources: [...resources],
  verbs: [...verbs],
  ...(names.length > 0 && { resourceNames: [...names] }),
});

/** In all namespaces, and of the nodes. */
export function everywhere({ nodes, jiva, longhorn }: Cluster): readonly k8s.PolicyRule[] {
  return [
    // Its mark, its taint and its cordon, on these nodes and no other.
    rule(
      ['patch'],
      '',
      ['nodes'],
      nodes.map(({ name }) => name),
    ),
    // Only through the budgets; never by deleting.
    rule(['create'], '', ['pods/eviction']),
    // Whether it is still the pod that was to be evicted: an eviction with an old UID uses up the new pod's budget.
    rule(['get'], '', ['pods']),
    rule(['list'], '', ['events', 'nodes', 'persistentvolumeclaims', 'pods']),
    rule(['list'], 'apps', ['daemonsets', 'deployments', 'replicasets', 'statefulsets']),
    rule(['list'], 'argoproj.io', ['applications']),
    rule(['list'], 'batch', ['cronjobs', 'jobs']),
    rule(['list'], 'coordination.k8s.io', ['leases']),
    rule(['list'], 'policy', ['poddisruptionbudgets']),
    rule(['list'], 'upgrade.cattle.io', ['plans']),
    ...(jiva ? [rule(['list'], 'openebs.io', ['jivavolumes'])] : []),
    ...(longhorn ? [rule(['list'], 'longhorn.io', ['engines', 'nodes', 'replicas', 'settings', 'volumes'])] : []),
  ];
}

/** Where the lock and the Jobs are. A role cannot say of what name something may be created. */
export function inNamespace({ nodes, reboots: { notify } }: Cluster): readonly k8s.PolicyRule[] {
  const leases = 'coordination.k8s.io';
  return [
    rule(['get'], leases, ['leases'], [LEASE, 'kube-scheduler', 'kube-controller-manager']),
    rule(['update', 'delete'], leases, ['leases'], [LEASE]),
    rule(['create'], leases, ['leases']),
    // A Job that enters a host: with this right alone its holder is root on every node.
    rule(['create'], 'batch', ['jobs']),
    rule(
      ['delete'],
      'batch',
      ['jobs'],
      nodes.map(({ name }) => jobName(name)),
    ),
    // What node-bootstrap reports of a host; a pod's name is new at each roll-out.
    rule(['get'], '', ['pods/log']),
    ...(notify === null ? [] : [rule(['get'], '', ['secrets'], [notify.urlSecret.name])]),
  ];
}
