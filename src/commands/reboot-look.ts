/** One look at a live cluster for a roll: all of it, or none. */
import type { Cluster } from '../cluster/cluster.js';
import type { KubeApi } from '../live/kube-api.js';
import { listAt, textAt } from '../manifest/json.js';
import type { Answer, LiveObject } from '../manifest/live-object.js';
import { LEASE } from '../ops/reboot/names.js';
import { readSeen } from '../ops/reboot/read.js';
import type { Seen } from '../ops/reboot/state.js';

const LEASES = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', namespace: LEASE.namespace } as const;
const LEADING = ['kube-scheduler', 'kube-controller-manager'] as const;

export async function look(api: KubeApi, cluster: Cluster): Promise<Answer<Seen>> {
  const apps = (kind: string) => api.list({ apiVersion: 'apps/v1', kind });
  const asked = await Promise.all([
    api.get({ ...LEASES, name: LEASE.name }),
    Promise.all(LEADING.map((name) => api.get({ ...LEASES, name }))),
    api.list({ apiVersion: 'v1', kind: 'Node' }),
    api.list({ apiVersion: 'v1', kind: 'Pod' }),
    api.list({ apiVersion: 'batch/v1', kind: 'Job' }, { namespace: LEASE.namespace }),
    ...(['Deployment', 'StatefulSet', 'ReplicaSet', 'DaemonSet'] as const).map(apps),
  ]);
  const [lease, leading, nodes, pods, jobs, deployments, statefulSets, replicaSets, daemonSets] = asked;
  const failed = asked.flat().find((answer) => answer !== undefined && !answer.ok);
  if (failed !== undefined && !failed.ok) return failed;
  const leases = leading.flatMap((answer) => (answer.ok && answer.value !== null ? [answer.value] : []));
  return {
    ok: true,
    value: readSeen({
      lease: lease.ok ? lease.value : null,
      nodes: listed(nodes),
      pods: listed(pods),
      jobs: listed(jobs),
      deployments: listed(deployments),
      statefulSets: listed(statefulSets),
      replicaSets: listed(replicaSets),
      daemonSets: listed(daemonSets),
      leaders: leadersIn(listed(nodes), leases, { server: api.server, cluster }),
    }),
  };
}

/** That there is an answer was asked above. */
const listed = (answer: Answer<readonly LiveObject[]> | undefined): readonly LiveObject[] =>
  answer?.ok === true ? answer.value : [];

interface Here {
  readonly server: string;
  readonly cluster: Cluster;
}

/** Holders are called `<host>_<a random part>`. */
function leadersIn(nodes: readonly LiveObject[], leases: readonly LiveObject[], { server, cluster }: Here) {
  const holders = leases.map((lease) => (textAt(lease, 'spec', 'holderIdentity') ?? '').replace(/_[^_]*$/, ''));
  const asked = new URL(server).hostname.replace(/^\[|\]$/g, '');
  return nodes
    .filter((node) => {
      const addresses = listAt(node, 'status', 'addresses').map((address) => textAt(address, 'address'));
      const described = cluster.nodes.find(({ name }) => name === node.metadata.name)?.address;
      return holders.includes(node.metadata.name) || [...addresses, described].includes(asked);
    })
    .map(({ metadata }) => metadata.name);
}
