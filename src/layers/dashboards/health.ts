/** The cluster at a glance: what is wrong now, and what of the control plane works. */
import type { Cluster } from '../../cluster/cluster.js';
import { longhornVolumes, promql, UPTIME } from '../promql.js';
import type { DashboardSpec, PanelSpec } from './dashboard.js';

export const healthDashboard = (cluster: Cluster): Omit<DashboardSpec, 'uid'> => ({
  title: `${cluster.name}: health`,
  description: `Whether ${cluster.name} is well, and if not, where to look.`,
  panels: [
    ...OVERVIEW,
    ...(cluster.dns ? [coreDns(cluster.dns.replicas)] : []),
    ...(cluster.leaderElection ? [LEASES] : []),
    ALERTS,
    UPTIMES,
    DATASTORE,
    RESTARTS,
    ...(cluster.longhorn ? [LONGHORN] : []),
    ...(cluster.jiva ? [jivaReplicas(cluster.jiva.namespace)] : []),
  ],
});

const OVERVIEW: readonly PanelSpec[] = [
  {
    kind: 'stat',
    title: 'Alerts firing',
    description: 'Every alert of severity warning or critical. Nothing is normal.',
    queries: [
      { expr: 'count(ALERTS{alertstate="firing",severity=~"warning|critical"}) or vector(0)', legend: 'alerts' },
    ],
    unit: 'short',
    width: 6,
    badFrom: 1,
  },
  {
    kind: 'stat',
    title: 'Nodes not Ready',
    description: 'Nodes whose Ready condition is not true.',
    queries: [
      {
        expr: 'count(max by (node) (kube_node_status_condition{condition="Ready",status="true"}) == 0) or vector(0)',
        legend: 'nodes',
      },
    ],
    unit: 'short',
    width: 6,
    badFrom: 1,
  },
  {
    kind: 'stat',
    title: 'Pods that nobody scheduled',
    description: 'Pending without any scheduling result: the signature of a stalled scheduler.',
    queries: [
      {
        expr: 'count((max by (namespace, pod, uid) (kube_pod_status_phase{phase="Pending"}) == 1) unless on (namespace, pod, uid) kube_pod_status_scheduled) or vector(0)',
        legend: 'pods',
      },
    ],
    unit: 'short',
    width: 6,
    badFrom: 1,
  },
  {
    kind: 'stat',
    title: 'Nodes cordoned',
    description: 'A node that stays cordoned was forgotten.',
    queries: [{ expr: 'sum(max by (node) (kube_node_spec_unschedulable)) or vector(0)', legend: 'nodes' }],
    unit: 'short',
    width: 6,
  },
];

const coreDns = (replicas: number): PanelSpec => ({
  kind: 'stat',
  title: 'CoreDNS replicas',
  description: `Available replicas; ${replicas} are asked for.`,
  queries: [
    {
      expr: 'max(kube_deployment_status_replicas_available{namespace="kube-system",deployment="coredns"})',
      legend: 'available',
    },
  ],
  unit: 'short',
  width: 12,
  badBelow: replicas,
});

const LEASES: PanelSpec = {
  kind: 'stat',
  title: 'Age of control-plane leases',
  description: 'Time since the holder last renewed. Seconds are normal; minutes mean that nobody works.',
  queries: [
    {
      expr: 'time() - max by (lease) (kube_lease_renew_time{namespace="kube-system",lease=~"kube-scheduler|kube-controller-manager"})',
      legend: '{{lease}}',
    },
  ],
  unit: 's',
  width: 12,
  badFrom: 180,
};

const ALERTS: PanelSpec = {
  kind: 'table',
  title: 'What is firing',
  description: 'Each alert has a runbook page of its name.',
  queries: [
    {
      expr: 'sum by (alertname, severity, node) (ALERTS{alertstate="firing",severity=~"warning|critical"})',
      legend: '{{alertname}}',
    },
  ],
  unit: 'short',
  width: 24,
};

const UPTIMES: PanelSpec = {
  kind: 'timeseries',
  title: 'Uptime',
  description: 'Falls to zero at each boot.',
  queries: [{ expr: UPTIME, legend: '{{node}}' }],
  unit: 's',
  width: 12,
};

const DATASTORE: PanelSpec = {
  kind: 'timeseries',
  title: 'Failing requests to the datastore',
  description: 'Share of the requests of each API server that fail. Zero is normal.',
  queries: [
    {
      expr: 'sum by (instance) (rate(etcd_request_errors_total[$__rate_interval])) / on (instance) sum by (instance) (rate(etcd_requests_total[$__rate_interval]))',
      legend: '{{instance}}',
    },
  ],
  unit: 'percentunit',
  width: 12,
};

const RESTARTS: PanelSpec = {
  kind: 'timeseries',
  title: 'Container restarts in an hour',
  description: 'By namespace. Container churn is what the kernel stalls under.',
  queries: [
    {
      expr: 'sum by (namespace) (max by (namespace, pod, container) (increase(kube_pod_container_status_restarts_total[1h]))) > 0',
      legend: '{{namespace}}',
    },
  ],
  unit: 'short',
  width: 12,
};

const LONGHORN: PanelSpec = {
  kind: 'timeseries',
  title: 'Longhorn volumes degraded or faulted',
  description: 'In both forms of the metric: by state since Longhorn 1.11, by number before.',
  queries: [
    {
      expr: promql`count(${longhornVolumes('degraded')}) or vector(0)`,
      legend: 'degraded',
    },
    {
      expr: promql`count(${longhornVolumes('faulted')}) or vector(0)`,
      legend: 'faulted',
    },
  ],
  unit: 'short',
  width: 12,
};

const jivaReplicas = (namespace: string): PanelSpec => ({
  kind: 'timeseries',
  title: 'Ready replicas of Jiva volumes',
  description: 'A volume is writable while more than half of its replicas are ready.',
  queries: [
    {
      expr: `max by (statefulset) (kube_statefulset_status_replicas_ready{namespace="${namespace}",statefulset=~".+-rep"})`,
      legend: '{{statefulset}}',
    },
  ],
  unit: 'short',
  width: 12,
});
