/**
 * As whom the roll acts, and what it may do: what a roll of a person does, and no more.
 *
 * That is much. Who may create Jobs in a namespace where pods may enter hosts is root on every node, whatever else is
 * refused. Whoever can change this CronJob, or its ConfigMaps, or read this account's token, can do that too.
 */
import { ApiObject, Lazy } from 'cdk8s';
import { k8s } from 'cdk8s-plus-28';
import type { ApplicationChart } from '../../argo/application-chart.js';
import { FOREIGN } from '../../argo/sync-options.js';
import type { Cluster } from '../../cluster/cluster.js';
import type { PlacedManifest } from '../../manifest/manifest.js';
import { rulesFor } from '../../manifest/rights.js';
import { NAME, NAMESPACE, RBAC } from './names.js';
import { everywhere, inNamespace } from './rules.js';

const SUBJECTS = [{ kind: 'ServiceAccount', name: NAME, namespace: NAMESPACE }];

const because = (reason: string) => ({ 'kubernetes.io/description': reason });

export function addAccess(chart: ApplicationChart, cluster: Cluster, others: () => readonly PlacedManifest[]): void {
  new k8s.KubeServiceAccount(chart, 'Account', {
    metadata: { name: NAME, namespace: NAMESPACE, annotations: because('As whom the cluster reboots its own nodes.') },
    automountServiceAccountToken: false,
  });
  new ApiObject(chart, 'Everywhere', {
    apiVersion: `${RBAC}/v1`,
    kind: 'ClusterRole',
    metadata: {
      name: NAME,
      annotations: because(
        'Marks and cordons the described nodes, evicts pods, and lists what the checks before and after a reboot look at. No Secret.',
      ),
    },
    // What others own and a layer patches is known when all layers have built.
    rules: Lazy.any({ produce: () => [...everywhere(cluster), ...rulesFor(patched(others()))] }),
  });
  new k8s.KubeClusterRoleBinding(chart, 'EverywhereBound', {
    metadata: { name: NAME },
    roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name: NAME },
    subjects: SUBJECTS,
  });
  new k8s.KubeRole(chart, 'Here', {
    metadata: {
      name: NAME,
      namespace: NAMESPACE,
      annotations: because(
        'The lock of a roll, and the Jobs that reboot a host. Who may create Jobs here is root on every node: this account is to be guarded as that.',
      ),
    },
    rules: [...inNamespace(cluster)],
  });
  new k8s.KubeRoleBinding(chart, 'HereBound', {
    metadata: { name: NAME, namespace: NAMESPACE },
    roleRef: { apiGroup: RBAC, kind: 'Role', name: NAME },
    subjects: SUBJECTS,
  });
}

const patched = (all: readonly PlacedManifest[]) =>
  all.map(({ manifest }) => manifest).filter(({ metadata }) => metadata.annotations?.[FOREIGN] !== undefined);
