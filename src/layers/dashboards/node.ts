/** What happens on the nodes themselves: reboots, stalls, sandboxes, load, the state of the host. */
import type { Cluster } from '../../cluster/cluster.js';
import { byNode, UPTIME } from '../promql.js';
import type { DashboardSpec, PanelSpec } from './dashboard.js';

export function nodeDashboard(cluster: Cluster): Omit<DashboardSpec, 'uid'> {
  const watched = cluster.monitoring?.textfileCollector && cluster.hosts.some((group) => group.rcuWatchdog !== null);
  return {
    title: `${cluster.name}: nodes`,
    description: 'Reboots, kernel stalls, sandboxes and load, node by node.',
    panels: [
      UPTIMES,
      REBOOTS,
      ...(cluster.hosts.some((group) => group.hardwareWatchdog !== null) ? [HARDWARE_WATCHDOG] : []),
      ...(watched ? WATCHDOG : []),
      SANDBOXES,
      ...LOAD,
    ],
  };
}

const UPTIMES: PanelSpec = {
  kind: 'stat',
  title: 'Uptime',
  description: "Time since the boot, by the node's own clock.",
  queries: [{ expr: UPTIME, legend: '{{node}}' }],
  unit: 's',
  width: 12,
};

const REBOOTS: PanelSpec = {
  kind: 'stat',
  title: 'Reboots in a week',
  description: 'Planned ones count too.',
  queries: [{ expr: `resets(${UPTIME}[7d])`, legend: '{{node}}' }],
  unit: 'short',
  width: 12,
};

const HARDWARE_WATCHDOG: PanelSpec = {
  kind: 'stat',
  title: 'Hardware watchdog time-out',
  description: 'Of the devices that are armed. A node that is missing here has none that is.',
  queries: [
    {
      expr: byNode(
        '(node_watchdog_timeout_seconds * on (namespace, pod, name) group_left () node_watchdog_info{state="active"})',
      ),
      legend: '{{node}}',
    },
  ],
  unit: 's',
  width: 24,
};

const WATCHDOG: readonly PanelSpec[] = [
  {
    kind: 'timeseries',
    title: "RCU stalls in the watchdog's windows",
    description: 'What the watchdog counts now in the windows of its three counting paths.',
    queries: [
      { expr: byNode('selfheal_watchdog_stalls{window="burst"}'), legend: '{{node}} burst' },
      { expr: byNode('selfheal_watchdog_stalls{window="sustained"}'), legend: '{{node}} sustained' },
      { expr: byNode('selfheal_watchdog_stalls{window="chronic"}'), legend: '{{node}} chronic' },
    ],
    unit: 'short',
    width: 12,
  },
  {
    kind: 'timeseries',
    title: 'What else the watchdog saw',
    description: 'Since boot: hung tasks, lockups, silent NFS servers, OOM kills, lines lost or not understood.',
    queries: [
      {
        expr: byNode('selfheal_watchdog_events_total{kind!~"report|grace-period"}', 'kind'),
        legend: '{{node}} {{kind}}',
      },
    ],
    unit: 'short',
    width: 12,
  },
  {
    kind: 'stat',
    title: 'Watchdog reboots left',
    description: 'At zero the watchdog only reports. It comes back after a healthy time.',
    queries: [{ expr: byNode('selfheal_watchdog_budget_remaining'), legend: '{{node}}' }],
    unit: 'short',
    width: 6,
    badBelow: 1,
  },
  {
    kind: 'stat',
    title: 'Watchdog last looked',
    description: 'Time since it wrote its metrics.',
    queries: [
      {
        expr: `${byNode('node_time_seconds')} - on (node) ${byNode('node_textfile_mtime_seconds{file=~".*/selfheal_watchdog[.]prom"}')}`,
        legend: '{{node}}',
      },
    ],
    unit: 's',
    width: 6,
  },
];

const SANDBOXES: PanelSpec = {
  kind: 'timeseries',
  title: 'Pod sandboxes that could not be created',
  description: 'A few after a boot are normal; a line that stays up is a storm.',
  queries: [
    {
      expr: 'max by (node) (increase(kubelet_runtime_operations_errors_total{operation_type="run_podsandbox",node!=""}[$__rate_interval]))',
      legend: '{{node}}',
    },
  ],
  unit: 'short',
  width: 12,
};

const LOAD: readonly PanelSpec[] = [
  {
    kind: 'timeseries',
    title: 'CPU in use',
    description: 'Share of all cores. In the black hole it was 12 percent: low does not mean well.',
    queries: [
      {
        expr: `1 - ${byNode('avg by (namespace, pod) (rate(node_cpu_seconds_total{mode="idle"}[$__rate_interval]))')}`,
        legend: '{{node}}',
      },
    ],
    unit: 'percentunit',
    width: 12,
  },
  {
    kind: 'timeseries',
    title: 'Memory in use',
    description: 'Share of the memory that is not available to new programs.',
    queries: [
      { expr: `1 - ${byNode('(node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes)')}`, legend: '{{node}}' },
    ],
    unit: 'percentunit',
    width: 12,
  },
  {
    kind: 'timeseries',
    title: 'Tasks blocked in the kernel',
    description: 'Processes in uninterruptible sleep. A number that stays up is a hanging mount or disk.',
    queries: [{ expr: byNode('node_procs_blocked'), legend: '{{node}}' }],
    unit: 'short',
    width: 12,
  },
];
