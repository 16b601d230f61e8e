/**
 * Where each metric of a rule or a panel comes from, since which version, and which clusters do not have it.
 *
 * An alert on a metric that nobody exports never fires and looks like one that has nothing to say. What the real
 * exporters answer is recorded in test/fixtures/metrics; a test holds this table against it.
 */
import type { Cluster } from '../cluster/cluster.js';

export interface MetricSource {
  /** Whole names. Of several sources that fit, the first counts. */
  readonly metric: RegExp;

  /** The program that answers the scrape. */
  readonly exporter: string;

  /** The first version of the exporter that has the metric with the labels that rules use. */
  readonly since: string;

  /** Why a cluster does not have it, or null where it does. @default - every cluster has it */
  readonly missing?: (cluster: Cluster) => string | null;
}

type Missing = NonNullable<MetricSource['missing']>;

const noTextfiles: Missing = ({ monitoring }) =>
  monitoring?.textfileCollector
    ? null
    : 'node_exporter does not read the textfile folder (monitoring.textfileCollector)';

const either =
  (...reasons: readonly Missing[]): Missing =>
  (cluster) =>
    reasons.map((reason) => reason(cluster)).find((reason) => reason !== null) ?? null;

const noWatchdog: Missing = ({ hosts }) =>
  hosts.some(({ rcuWatchdog }) => rcuWatchdog !== null) ? null : 'no host has the RCU watchdog';

const noBootstrap: Missing = ({ hosts }) => (hosts.length > 0 ? null : 'no host is described');

const noChecks: Missing = ({ hosts }) =>
  hosts.some(({ checks }) => checks !== null) ? null : 'no host has the checks (hosts[].checks)';

const noSnapshots: Missing = ({ backup }) =>
  backup?.form === 'snapshots' ? null : 'there is no backup in the form "snapshots"';

const noDrill: Missing = ({ backup }) =>
  backup?.form === 'snapshots' && backup.drill !== null ? null : 'no restore drill is described';

const noLeases: Missing = ({ leaderElection }) =>
  leaderElection ? null : 'k3s on SQLite runs without leader election and keeps no leases';

const noProber: Missing = ({ reachability }) =>
  reachability !== null && reachability.prober !== null ? null : 'no prober outside the cluster is described';

const noLonghorn: Missing = ({ longhorn }) => (longhorn === null ? 'Longhorn is not described' : null);

const longhorn = (metric: RegExp, since: string): MetricSource => ({
  metric,
  exporter: 'longhorn-manager',
  since,
  missing: either(noLonghorn, ({ longhorn: described }) =>
    described === null || isAtLeast(described.version, since)
      ? null
      : `Longhorn ${described.version} does not export it, ${since} does`,
  ),
});

const textfile = (metric: RegExp, ...reasons: readonly Missing[]): MetricSource => ({
  metric,
  exporter: 'node_exporter',
  // The label `file` of node_textfile_mtime_seconds is the whole path since then.
  since: '1.3.0',
  missing: either(noTextfiles, ...reasons),
});

const nodeExporter = (metric: RegExp, since: string): MetricSource => ({ metric, exporter: 'node_exporter', since });

const kubeState = (metric: RegExp, since: string): MetricSource => ({ metric, exporter: 'kube-state-metrics', since });

export const METRIC_SOURCES: readonly MetricSource[] = [
  { metric: /^(ALERTS|ALERTS_FOR_STATE|up)$/, exporter: 'Prometheus', since: '2.0.0' },

  textfile(/^node_textfile_(mtime_seconds|scrape_error)$/),
  textfile(/^selfheal_watchdog_/, noWatchdog),
  textfile(/^selfheal_(bootstrap|reboot)_/, noBootstrap),
  textfile(/^selfheal_check_/, noChecks),
  textfile(/^selfheal_backup_drill_/, noSnapshots, noDrill),
  textfile(/^selfheal_backup_/, noSnapshots),
  nodeExporter(/^node_watchdog_/, '1.8.0'),
  nodeExporter(/^node_/, '0.16.0'),

  { ...kubeState(/^kube_lease_/, '2.9.0'), missing: noLeases },
  kubeState(/^kube_cronjob_status_last_successful_time$/, '2.5.0'),
  kubeState(/^kube_/, '2.0.0'),

  { metric: /^kubelet_/, exporter: 'kubelet', since: '1.14' },
  { metric: /^etcd_request(s_total|_errors_total)$/, exporter: 'kube-apiserver', since: '1.28' },

  longhorn(/^longhorn_volume_last_backup_at$/, '1.11.0'),
  longhorn(/^longhorn_snapshot_actual_size_bytes$/, '1.6.0'),
  // Before that it does not say which job made a backup.
  longhorn(/^longhorn_backup_target_status$/, '1.12.2'),
  longhorn(/^longhorn_backup_/, '1.8.0'),
  longhorn(/^longhorn_volume_/, '1.5.3'),
  longhorn(/^longhorn_/, '1.1.0'),

  { metric: /^probe_/, exporter: 'blackbox_exporter', since: '0.1.0', missing: noProber },
];

/** Whether a version is one or later than it; what is not said counts as 0. */
export function isAtLeast(version: string, since: string): boolean {
  const [actual, wanted] = [version, since].map((text) =>
    text
      .replace(/^v/, '')
      .split('.')
      .map((part) => Number.parseInt(part, 10)),
  );
  for (const [index, part] of (wanted ?? []).entries()) {
    const difference = (actual?.[index] ?? 0) - part;
    if (difference !== 0) return difference > 0;
  }
  return true;
}

/** What is no metric though it looks like one, once texts are emptied: matchers, the labels of a clause. */
const NO_METRIC = /\{[^{}]*\}|\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^()]*\)/g;

/** The metrics of an expression, each once, in their order. Recorded series (`a:b:c`) stand for those of their rules. */
export function metricsIn(expr: string, recorded: ReadonlyMap<string, string> = new Map()): readonly string[] {
  const text = expr.replaceAll(/"(?:[^"\\]|\\.)*"/g, '""').replaceAll(NO_METRIC, ' ');
  const names = [...text.matchAll(/[A-Za-z_:][\w:]*/g)].map(([name]) => name);
  return [
    ...new Set(
      names.flatMap((name) => {
        const rule = recorded.get(name);
        if (rule !== undefined) return metricsIn(rule, recorded);
        return METRIC_SOURCES.some(({ metric }) => metric.test(name)) ? [name] : [];
      }),
    ),
  ];
}

/** Whether its exporter has a metric at a version. */
export const isExported = (metric: string, version: string): boolean => isAtLeast(version, sourceOf(metric).since);

/** Who exports what an expression asks for, each source once. `recorded` maps recording rules to their expressions. */
export const sourcesOf = (expr: string, recorded?: ReadonlyMap<string, string>): readonly MetricSource[] => [
  ...new Set(metricsIn(expr, recorded).map(sourceOf)),
];

/** @throws Error for a name that no source has. */
export function sourceOf(name: string): MetricSource {
  const source = METRIC_SOURCES.find(({ metric }) => metric.test(name));
  if (source === undefined) throw new Error(`metric '${name}': expected one of METRIC_SOURCES, got none`);
  return source;
}
