/**
 * The ServiceAccount as which NRPE asks the API server: it may read what the checks of this cluster ask for, no more.
 *
 * NRPE runs as `nagios`, which must not read an admin's kubeconfig. The token stands in a Secret that the cluster fills;
 * make-kubeconfig.sh takes it from there to the host.
 */

import type { App } from 'cdk8s';
import { k8s } from 'cdk8s-plus-28';
import { ApplicationChart } from '../../argo/application-chart.js';
import type { Cluster } from '../../cluster/cluster.js';
import { backupCopies } from './plug-ins.js';

export const NAMESPACE = 'kube-system';
const NAME = 'selfheal-checks';

const RBAC = 'rbac.authorization.k8s.io';

export function addAccess(app: App, cluster: Cluster): void {
  const rights = rightsIn(cluster);
  const chart = new ApplicationChart(app, 'checks', {
    ownership: 'owned',
    description: 'What the Nagios plug-ins on the hosts may read.',
    namespaces: [...new Set([NAMESPACE, ...rights.map(({ namespace }) => namespace)])],
    clusterKinds: [`${RBAC}/ClusterRole`, `${RBAC}/ClusterRoleBinding`],
  });
  const subjects = [{ kind: 'ServiceAccount', name: NAME, namespace: NAMESPACE }];
  new k8s.KubeServiceAccount(chart, 'Account', {
    metadata: {
      name: NAME,
      namespace: NAMESPACE,
      annotations: because('As whom NRPE on the hosts asks the API server. No pod uses it.'),
    },
    automountServiceAccountToken: false,
  });
  new k8s.KubeSecret(chart, 'Token', {
    metadata: {
      name: `${NAME}-token`,
      namespace: NAMESPACE,
      annotations: {
        'kubernetes.io/service-account.name': NAME,
        ...because(
          'The cluster puts a token here that does not end by itself: one of the API would end within a day, and the checks would go blind. Delete this Secret to end it.',
        ),
      },
    },
    type: 'kubernetes.io/service-account-token',
  });
  new k8s.KubeClusterRole(chart, 'Everywhere', {
    metadata: {
      name: NAME,
      annotations: because(
        'Pods that wait, their claims and events are in every namespace, and a role cannot ask for pending pods alone. Reads, and no Secret.',
      ),
    },
    rules: [
      { apiGroups: [''], resources: ['pods', 'events', 'persistentvolumeclaims'], verbs: ['list'] },
      { apiGroups: [''], resources: ['nodes'], verbs: ['list'] },
    ],
  });
  new k8s.KubeClusterRoleBinding(chart, 'EverywhereBound', {
    metadata: { name: NAME },
    roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name: NAME },
    subjects,
  });
  for (const { namespace, rules } of rights) {
    new k8s.KubeRole(chart, `In-${namespace}`, {
      metadata: {
        name: NAME,
        namespace,
        annotations: because('What the Nagios plug-ins on the hosts ask for here. Reads, and no Secret.'),
      },
      rules: [...rules],
    });
    new k8s.KubeRoleBinding(chart, `Bound-${namespace}`, {
      metadata: { name: NAME, namespace },
      roleRef: { apiGroup: RBAC, kind: 'Role', name: NAME },
      subjects,
    });
  }
}

/** For who must approve it, and for who finds it in the cluster one day. */
const because = (reason: string) => ({ 'kubernetes.io/description': reason });

interface Rights {
  readonly namespace: string;
  readonly rules: readonly k8s.PolicyRule[];
}

/** One entry for each namespace, also where two layers share one. */
function rightsIn({ leaderElection, dns, jiva, backup }: Cluster): readonly Rights[] {
  const wanted: Rights[] = [];
  if (leaderElection)
    wanted.push({
      namespace: 'kube-system',
      rules: [only('get', 'coordination.k8s.io', 'leases', ['kube-scheduler', 'kube-controller-manager'])],
    });
  if (dns) wanted.push({ namespace: 'kube-system', rules: [only('get', 'apps', 'deployments', ['coredns'])] });
  if (jiva) wanted.push({ namespace: jiva.namespace, rules: [only('list', 'apps', 'statefulsets')] });
  if (backup)
    wanted.push({
      namespace: backup.namespace,
      rules: [
        only(
          'get',
          'batch',
          'cronjobs',
          backupCopies(backup).map(({ name }) => name),
        ),
        only('list', 'batch', 'jobs'),
      ],
    });
  return [...new Set(wanted.map(({ namespace }) => namespace))].map((namespace) => ({
    namespace,
    rules: wanted.filter((each) => each.namespace === namespace).flatMap(({ rules }) => rules),
  }));
}

const only = (verb: string, group: string, resource: string, names: readonly string[] = []): k8s.PolicyRule => ({
  apiGroups: [group],
  resources: [resource],
  verbs: [verb],
  ...(names.length > 0 && { resourceNames: [...names] }),
});
