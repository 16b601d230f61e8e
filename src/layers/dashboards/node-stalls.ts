/** What the kernel of a node complained about, what was made of it, and what the container runtime made of that. */
import { promql } from '../promql.js';
import { CHOSEN_UPTIME, ofChosen } from './chosen.js';
import type { PanelSpec } from './panel.js';

export const stallPanels = (): readonly PanelSpec[] => [GRACE_PERIODS, WINDOWS, OTHERS, EVIDENCE];

const GRACE_PERIODS: PanelSpec = {
  kind: 'bars',
  title: 'Stalled grace periods, in 10 min',
  description:
    'Each stall counts once, however many lines the kernel writes about it. Up to 5 is the usual noise of a Raspberry Pi, 8 after a hard reset, 55 in the first minute of a boot.',
  queries: [
    {
      expr: ofChosen('increase(selfheal_watchdog_events_total{kind="grace-period"}[10m])'),
      legend: '{{node}}',
    },
  ],
  unit: 'short',
  width: 12,
};

const WINDOWS: PanelSpec = {
  kind: 'timeseries',
  title: 'How near to a reboot',
  description:
    "What counts in each of the watchdog's windows, as a share of what it takes. At 100 % burst and sustained reboot the node; chronic is told. Nothing counts before the start-up grace is over.",
  queries: [
    {
      expr: promql`
        ${ofChosen('selfheal_watchdog_stalls', 'window')}
        / on (node, window)
        (${ofChosen('selfheal_watchdog_threshold', 'window')} > 0)`,
      legend: '{{node}} {{window}}',
    },
  ],
  unit: 'percentunit',
  width: 12,
  from: [{ at: 1, is: 'bad', alert: 'RcuWatchdogRebootedNode', counts: true }],
};

const OTHERS: PanelSpec = {
  kind: 'bars',
  title: 'What else the kernel said, in an hour',
  description:
    'Hung tasks, lockups, silent NFS servers, OOM kills, lines that were lost or not understood. Nothing is normal; nothing reboots for them, and they came before or with most outages.',
  queries: [
    {
      expr: `${ofChosen('increase(selfheal_watchdog_events_total{kind!~"report|grace-period"}[1h])', 'kind')} > 0`,
      legend: '{{node}} {{kind}}',
    },
  ],
  unit: 'short',
  width: 12,
  emptyMeans: 'The kernel said nothing else',
};

const EVIDENCE: PanelSpec = {
  kind: 'table',
  title: 'Why it rebooted: the reports on the node',
  description:
    'One for each boot in which a threshold was crossed, also where it only reported. Read it there: /var/lib/selfheal/rcu-watchdog/evidence/<boot>.txt.',
  width: 12,
  height: 8,
  labels: [
    { label: 'node', title: 'Node' },
    { label: 'path', title: 'Path' },
    { label: 'boot', title: 'Boot' },
  ],
  columns: [
    {
      title: 'Written ago',
      expr: promql`
        max by (node, path, boot) (
          time() - ${ofChosen('selfheal_watchdog_evidence_timestamp_seconds', 'path', 'boot')}
        )`,
      unit: 's',
    },
  ],
  sortedBy: { title: 'Written ago', first: 'lowest' },
  emptyMeans: 'No threshold was ever crossed',
};

export const RUNTIME: readonly PanelSpec[] = [
  {
    kind: 'timeseries',
    title: 'Sandboxes that could not be made, in 5 min',
    description:
      'None is normal, some in the first minutes after a boot. A line that stays up is a storm: a name that containerd keeps for a dead sandbox.',
    queries: [
      {
        expr: promql`
          max by (node) (
            increase(kubelet_runtime_operations_errors_total{operation_type="run_podsandbox",node=~"$node"}[5m])
            or
            increase(kubelet_run_podsandbox_errors_total{node=~"$node"}[5m])
          )`,
        legend: '{{node}}',
      },
    ],
    unit: 'short',
    width: 12,
    from: [{ at: 5, is: 'worth a look', alert: 'PodSandboxStorm' }],
    emptyMeans: 'No sandbox has failed',
  },
  {
    kind: 'bars',
    title: 'Container restarts in an hour',
    description: 'None is normal, some after a boot. Each makes a sandbox and a network: what the kernel stalls under.',
    queries: [
      {
        expr: promql`
          sum by (node) (
            max by (namespace, pod, container) (increase(kube_pod_container_status_restarts_total[1h]))
            * on (namespace, pod) group_left (node)
              max by (namespace, pod, node) (kube_pod_info{node=~"$node"})
          ) > 0`,
        legend: '{{node}}',
      },
    ],
    unit: 'short',
    width: 12,
    emptyMeans: 'No container restarted',
  },
];

export const REBOOTS: PanelSpec = {
  kind: 'timeseries',
  title: 'Uptime',
  description: 'Falls to zero at each boot, and has a gap while the node is away. A straight line upwards is normal.',
  queries: [{ expr: CHOSEN_UPTIME, legend: '{{node}}' }],
  unit: 's',
  width: 12,
};
