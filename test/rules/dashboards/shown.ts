/** What the boards show beyond what the rules look at, by the seeds' normal figures. */
import type { Cluster } from '../../../src/cluster/cluster.js';
import { cronJob } from '../world/parts/cron-jobs.js';
import { exporterOf } from '../world/parts/nodes.js';
import { pod } from '../world/parts/pods.js';
import { counter, now, type Series, series, type Values, type World } from '../world/world.js';
import { shownOfBackups } from './shown-backups.js';

/** Up and down by so much in so many minutes: nobody's real figures are a straight line. */
const around =
  (middle: number, by: number, period: number): Values =>
  (minute) =>
    middle + by * Math.sin((2 * Math.PI * minute) / period) + by * 0.4 * Math.sin(minute * 1.7);

export const shown = (cluster: Cluster): World => [
  ...cluster.nodes.flatMap((node, index) => ofNode(cluster, node, index)),
  ...ofControlPlane(cluster),
  ...ofStorage(cluster),
  ...shownOfBackups(cluster),
];

function ofNode(cluster: Cluster, { name, address }: Cluster['nodes'][number], index: number): World {
  const exporter = { ...exporterOf(name), instance: `${address}:9100`, job: 'node-exporter' };
  const scraped = (metric: string, values: Series['values'] | number, labels: Series['labels'] = {}): Series =>
    series(metric, { ...exporter, ...labels }, values);
  const told = cluster.monitoring?.textfileCollector ?? false;
  const group = cluster.hosts.find(({ nodes }) => nodes.some((node) => node.name === name));
  return [
    series('up', exporter, 1),
    series('up', { job: 'kubelet', instance: `${address}:10250`, node: name }, 1),
    series('kubelet_runtime_operations_errors_total', { node: name, operation_type: 'run_podsandbox' }, 2),
    scraped('node_cpu_seconds_total', (minute) => minute * 60 * (0.82 - 0.06 * index), { cpu: '0', mode: 'idle' }),
    scraped('node_memory_MemTotal_bytes', 8.2e9),
    scraped('node_memory_MemAvailable_bytes', around(3.7e9 + index * 4e8, 1.5e8, 300)),
    scraped('node_procs_blocked', (minute) => (minute % 37 === 0 ? 1 : 0)),
    scraped('node_nfs_rpcs_total', 0),
    scraped('node_timex_sync_status', 1),
    scraped('node_watchdog_info', 1, {
      name: 'watchdog0',
      state: 'active',
      identity: 'Broadcom BCM2835 Watchdog timer',
    }),
    scraped('node_watchdog_timeout_seconds', 14, { name: 'watchdog0' }),
    ...(cluster.reachability?.prober
      ? [series('probe_success', { job: 'selfheal-reachability', instance: name, node: name }, 1)]
      : []),
    ...(told && group
      ? ['kept', 'drifted', 'refused', 'cannot-tell'].map((state) =>
          scraped('selfheal_bootstrap_items', state === 'kept' ? 24 : 0, { state }),
        )
      : []),
    ...(told && group?.rcuWatchdog ? watchdog(scraped) : []),
  ];
}

function watchdog(scraped: (metric: string, values: Values | number, labels?: Series['labels']) => Series): World {
  const windows = { burst: 10, sustained: 10, chronic: 100 };
  const kinds = 'report grace-period hung-task soft-lockup hard-lockup nfs-not-responding oom-kill unparsed lost'.split(
    ' ',
  );
  return [
    scraped('node_textfile_mtime_seconds', now(25), { file: '/host/textfile/selfheal_watchdog.prom' }),
    ...Object.entries({ budget_remaining: 3, reboots_total: 0, held: 0, black_hole: 0, evidence_files: 0 }).map(
      ([name, value]) => scraped(`selfheal_watchdog_${name}`, value),
    ),
    ...Object.entries(windows).flatMap(([window, threshold]) => [
      scraped('selfheal_watchdog_threshold', threshold, { window }),
      scraped('selfheal_watchdog_stalls', (minute) => (window === 'chronic' ? 9 : minute % 90 < 12 ? 1 : 0), {
        window,
      }),
    ]),
    ...kinds.map((kind) =>
      scraped(
        'selfheal_watchdog_events_total',
        (minute) => (kind === 'report' || kind === 'grace-period' ? Math.floor(minute / 40) : 0),
        { kind },
      ),
    ),
  ];
}

function ofControlPlane({ nodes, controlPlane, leaderElection, dns }: Cluster): World {
  const server = { job: 'apiserver', instance: `${controlPlane.address}:6443` };
  const leases = leaderElection ? ['kube-scheduler', 'kube-controller-manager'] : [];
  return [
    series('etcd_requests_total', server, counter(900)),
    series('etcd_request_errors_total', server, counter(1)),
    series(
      'kube_deployment_status_replicas_available',
      { namespace: 'kube-system', deployment: 'coredns' },
      dns?.replicas ?? 1,
    ),
    ...nodes.slice(0, dns?.replicas ?? 1).flatMap(({ name }, index) =>
      pod({
        namespace: 'kube-system',
        pod: `coredns-7b98-${index}`,
        node: name,
        owner: { kind: 'ReplicaSet', name: 'coredns-7b98' },
        container: 'coredns',
      }),
    ),
    ...leases.flatMap((lease) => [
      series('kube_lease_renew_time', { namespace: 'kube-system', lease }, now(4)),
      series('kube_lease_owner', { namespace: 'kube-system', lease, lease_holder: `${controlPlane.name}_1f6c` }, 1),
    ]),
  ];
}

function ofStorage({ longhorn, jiva, nodes: [node] }: Cluster): World {
  return [
    ...(longhorn && node ? [series('longhorn_node_status', { node: node.name, condition: 'ready' }, 1)] : []),
    ...(longhorn
      ? ['one', 'two'].flatMap((name) =>
          ['healthy', 'degraded', 'faulted'].map((state) =>
            series(
              'longhorn_volume_robustness',
              { volume: `pvc-${name}`, pvc: name, pvc_namespace: 'home', state },
              state === 'healthy' ? 1 : 0,
            ),
          ),
        )
      : []),
    ...[longhorn?.dailySnapshot].flatMap((job) =>
      longhorn && job ? cronJob({ namespace: longhorn.namespace, cronjob: job.name, lastSuccess: now(9 * 3600) }) : [],
    ),
    ...(jiva
      ? ['pvc-a-jiva-rep', 'pvc-b-jiva-rep'].map((statefulset) =>
          series('kube_statefulset_status_replicas_ready', { namespace: jiva.namespace, statefulset }, jiva.replicas),
        )
      : []),
  ];
}
