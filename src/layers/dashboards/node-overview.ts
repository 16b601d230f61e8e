/** Every node in one line, and what the nodes have in common over time. */
import type { Cluster } from '../../cluster/cluster.js';
import { PLANNED } from '../planned-reboot.js';
import { byNode, promql, UPTIME } from '../promql.js';
import type { Column, PanelSpec } from './panel.js';

export const nodeOverview = (cluster: Cluster): readonly PanelSpec[] => [
  {
    kind: 'table',
    title: 'Nodes',
    description:
      'Green all along is normal. A node that was to go down is cordoned or planned, and nothing pages for it. Click its name to see it alone.',
    width: 24,
    height: 5,
    labels: [{ label: 'node', title: 'Node', leadsTo: 'node' }],
    columns: columns(cluster),
  },
  UPTIMES,
  RESTARTS,
];

const columns = ({ reachability, hosts, monitoring }: Cluster): readonly Column[] => [
  {
    title: 'Kubernetes says',
    expr: 'max by (node) (kube_node_status_condition{condition="Ready",status="true"})',
    unit: 'short',
    words: { 0: { text: 'NOT READY', is: 'bad' }, 1: { text: 'Ready', is: 'good' } },
  },
  ...(reachability?.prober ? [FROM_OUTSIDE] : []),
  {
    title: 'Planned',
    expr: promql`max by (node) (${PLANNED} or 0 * max by (node) (kube_node_info))`,
    unit: 'short',
    words: { 0: { text: 'no', is: 'neither' }, 1: { text: 'cordoned or planned', is: 'worth a look' } },
  },
  { title: 'Up for', expr: promql`max by (node) (${UPTIME})`, unit: 's' },
  {
    title: 'Boots in 6 h',
    expr: promql`max by (node) (resets(${UPTIME}[6h]))`,
    unit: 'short',
    from: [
      { at: 1, is: 'worth a look', alert: null },
      { at: 3, is: 'bad', alert: 'NodeRepeatedReboots' },
    ],
  },
  ...(hosts.some(({ hardwareWatchdog }) => hardwareWatchdog !== null) ? [HARDWARE_WATCHDOG] : []),
  ...(monitoring?.textfileCollector && hosts.some(({ rcuWatchdog }) => rcuWatchdog !== null) ? [BUDGET] : []),
  ...(monitoring?.textfileCollector && hosts.length > 0 ? [DRIFT] : []),
];

const FROM_OUTSIDE: Column = {
  title: 'From outside',
  expr: 'max by (node) (probe_success{job="selfheal-reachability"})',
  unit: 'short',
  words: { 0: { text: 'DARK', is: 'bad' }, 1: { text: 'answers', is: 'good' } },
};

const HARDWARE_WATCHDOG: Column = {
  title: 'Hardware watchdog',
  expr: promql`
    0 * ${UPTIME} + on (node) ${byNode('node_watchdog_info{state="active"}')}
    or
    0 * ${UPTIME}`,
  unit: 'short',
  words: { 0: { text: 'NOT ARMED', is: 'worth a look' }, 1: { text: 'armed', is: 'good' } },
};

const BUDGET: Column = {
  title: 'Watchdog reboots left',
  expr: byNode('selfheal_watchdog_budget_remaining'),
  unit: 'short',
  below: [{ at: 1, is: 'bad', alert: 'RcuWatchdogBudgetSpent' }],
};

const DRIFT: Column = {
  title: 'Not as in Git',
  expr: byNode('sum by (namespace, pod) (selfheal_bootstrap_items{state=~"drifted|refused"})'),
  unit: 'short',
  from: [{ at: 1, is: 'worth a look', alert: 'NodeBootstrapDrifted' }],
};

const UPTIMES: PanelSpec = {
  kind: 'timeseries',
  title: 'Uptime',
  description: 'Falls to zero at each boot, and has a gap while the node is away. A straight line upwards is normal.',
  queries: [{ expr: UPTIME, legend: '{{node}}' }],
  unit: 's',
  width: 12,
  leadsTo: 'node',
};

const RESTARTS: PanelSpec = {
  kind: 'bars',
  title: 'Container restarts in an hour, by namespace',
  description:
    'None is normal, some after a boot. Each restart makes a sandbox and a network: what the kernel stalls under.',
  queries: [
    {
      expr: 'sum by (namespace) (max by (namespace, pod, container) (increase(kube_pod_container_status_restarts_total[1h]))) > 0',
      legend: '{{namespace}}',
    },
  ],
  unit: 'short',
  width: 12,
  emptyMeans: 'No container restarted',
};
