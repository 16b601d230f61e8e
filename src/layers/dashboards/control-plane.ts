/** Names, leases, the datastore, sandboxes: what looks alive and does nothing. */
import type { Cluster } from '../../cluster/cluster.js';
import { wantedDns } from '../../cluster/patches.js';
import { promql, readyPods } from '../promql.js';
import { type Limit, type PanelSpec, type Part, sideBySide } from './panel.js';

export function controlPlanePanels(cluster: Cluster): readonly PanelSpec[] {
  const { leaderElection } = cluster;
  const dns = wantedDns(cluster);
  return [
    ...sideBySide(
      ...(dns ? [replicas(dns.replicas)] : []),
      ...(dns && dns.replicas > 1 ? [NODES_WITH_DNS] : []),
      ...(leaderElection ? [RENEWALS] : []),
    ),
    ...(leaderElection ? [HOLDERS] : []),
    { ...DATASTORE, width: leaderElection ? 8 : 12 },
    { ...SANDBOXES, width: leaderElection ? 8 : 12 },
  ];
}

const replicas = (wanted: number): Part => {
  const few: Limit = { at: wanted, is: 'worth a look', alert: 'CoreDnsReplicasLow' };
  return {
    kind: 'stat',
    title: 'CoreDNS replicas',
    description: `Available now; ${wanted} is normal. With none, nothing in the cluster resolves a name.`,
    queries: [
      {
        expr: 'max(kube_deployment_status_replicas_available{namespace="kube-system",deployment="coredns"})',
        legend: 'available',
      },
    ],
    unit: 'short',
    below: [{ at: 1, is: 'bad', alert: 'CoreDnsUnavailable' }, ...(wanted > 1 ? [few] : [])],
  };
};

const NODES_WITH_DNS: Part = {
  kind: 'stat',
  title: 'Nodes with CoreDNS',
  description:
    'Two or more is normal. With one, that node takes all name resolution with it when it goes: delete one of the pods there.',
  queries: [
    {
      expr: promql`
        count(count by (node) (
          ${readyPods('namespace="kube-system",created_by_kind="ReplicaSet",created_by_name=~"coredns-.+"')}
        ))`,
      legend: 'nodes',
    },
  ],
  unit: 'short',
  below: [{ at: 2, is: 'worth a look', alert: 'CoreDnsOnOneNode' }],
};

const LEASES = 'namespace="kube-system",lease=~"kube-scheduler|kube-controller-manager"';

/** Not the age: the clock that wrote the time may be another one. */
const RENEWALS: Part = {
  kind: 'stat',
  title: 'Leases renewed, in 3 min',
  description:
    'Seen once with each scrape: three and more is normal. None: no instance works, or none can write to the datastore. A fresh lease alone proves little: a stalled scheduler went on renewing.',
  queries: [{ expr: `max by (lease) (changes(kube_lease_renew_time{${LEASES}}[3m]))`, legend: '{{lease}}' }],
  unit: 'short',
  below: [{ at: 1, is: 'bad', alert: 'ControlPlaneLeaseNotRenewed' }],
};

const HOLDERS: PanelSpec = {
  kind: 'table',
  title: 'Who holds the leases',
  description:
    'The node in the holder is the one that schedules. If nothing is scheduled, that is where to restart Kubernetes.',
  width: 8,
  height: 8,
  labels: [
    { label: 'lease', title: 'Lease' },
    { label: 'lease_holder', title: 'Holder' },
  ],
  columns: [
    {
      title: 'Held',
      expr: `max by (lease, lease_holder) (kube_lease_owner{${LEASES}})`,
      unit: 'short',
      words: { 1: { text: 'yes', is: 'neither' } },
    },
  ],
};

const DATASTORE: Part = {
  kind: 'timeseries',
  title: 'Failing requests to the datastore',
  description:
    'Share of the requests of each API server. Far below one percent is normal. Look for "context canceled" and "database is locked" in the log of that host.',
  queries: [
    {
      expr: promql`
        max by (host) (
          label_replace(
            sum by (instance) (rate(etcd_request_errors_total[$__rate_interval]))
            / on (instance)
            sum by (instance) (rate(etcd_requests_total[$__rate_interval])),
            "host", "$1", "instance", "(.+):[0-9]+"
          )
        )`,
      legend: '{{host}}',
    },
  ],
  unit: 'percentunit',
  from: [{ at: 0.02, is: 'worth a look', alert: 'DatastoreRequestErrors' }],
};

const SANDBOXES: Part = {
  kind: 'timeseries',
  title: 'Sandboxes that could not be made, in 5 min',
  description:
    'None is normal, some in the first minutes after a boot. A line that stays up is a storm: a name that containerd keeps for a dead sandbox.',
  queries: [
    {
      expr: promql`
        max by (node) (
          increase(kubelet_runtime_operations_errors_total{operation_type="run_podsandbox",node!=""}[5m])
          or
          increase(kubelet_run_podsandbox_errors_total{node!=""}[5m])
        )`,
      legend: '{{node}}',
    },
  ],
  unit: 'short',
  from: [{ at: 5, is: 'worth a look', alert: 'PodSandboxStorm' }],
  leadsTo: 'node',
  // The kubelet has the series from its first error on.
  emptyMeans: 'No sandbox has failed',
};
