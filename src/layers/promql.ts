/**
 * PromQL that more than one layer writes.
 *
 * k3s and MicroK8s expose the same series under several jobs, and every stack names its jobs as it likes. So nothing
 * here selects by job, and everything is aggregated with `max by` before it is counted or summed.
 */
import { type Duration, formatPromDuration } from '../cluster/duration.js';

/** Uptime by node, from the clock and the boot time of one scrape: a clock step cancels out, only a boot lowers it. */
export const UPTIME = 'node:node_uptime_seconds:max';

/** Shows that kube-state-metrics is seen at all. */
const KUBE_STATE_METRICS_SEEN = '(count(kube_node_info) > 0)';

/**
 * A PromQL text without the indentation of the source; what is put in keeps its shape at the place where it stands.
 * Backslashes are PromQL's own.
 */
export function promql(strings: TemplateStringsArray, ...values: readonly (string | number | Duration)[]): string {
  const text = strings.raw.reduce((before, part, index) => {
    const value = values[index - 1];
    const column = /^ */.exec(before.slice(before.lastIndexOf('\n') + 1))?.[0] ?? '';
    return before + asText(value).replaceAll('\n', `\n${column}`) + part;
  });
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const margin = Math.min(...lines.map((line) => line.length - line.trimStart().length));
  return lines.map((line) => line.slice(margin)).join('\n');
}

const asText = (value: string | number | Duration | undefined): string =>
  typeof value === 'object' ? formatPromDuration(value) : String(value ?? '');

/** The inside of a matcher `=~"…"` that accepts exactly these names. */
export const anyOf = (names: readonly string[]): string =>
  [...new Set(names)].map((name) => name.replaceAll('.', '\\\\.')).join('|');

/** A series of node-exporter by node, and by its own labels that matter: the chart gives it no `node`, but its pod has one. */
export const byNode = (series: string, ...labels: readonly string[]): string => byNodeOf('node!=""', series, ...labels);

/** The same, of the nodes that a matcher selects. */
export const byNodeOf = (nodes: string, series: string, ...labels: readonly string[]): string => promql`
  max by (${['node', ...labels].join(', ')}) (
    ${series}
    * on (namespace, pod) group_left (node)
      max by (namespace, pod, node) (kube_pod_info{${nodes}})
  )`;

/**
 * By node, where a file of node-exporter's textfile folder was written anew within a time.
 *
 * Not by its age: a clock that is set back after the last writing would make an old file one of the future, for hours.
 */
export const rewritten = (file: string, within: Duration): string =>
  promql`${byNode(promql`changes(node_textfile_mtime_seconds{file=~".*/${file}[.]prom"}[${within}])`)} > 0`;

/** The pods behind a selector of `kube_pod_info` that are Ready, one series each with namespace, pod and node. */
export const readyPods = (selector: string): string => promql`
  max by (namespace, pod, node, created_by_name) (kube_pod_info{${selector}})
  * on (namespace, pod) group_left ()
    (max by (namespace, pod) (kube_pod_status_ready{condition="true"}) == 1)`;

/** Absent although kube-state-metrics answers: while it is away, nothing is known to be missing. */
export const missing = (series: string): string => promql`absent(${series}) and on () ${KUBE_STATE_METRICS_SEEN}`;

/**
 * How many seconds ago a CronJob last succeeded, where that is too long; one that never did counts from its creation.
 * A suspended CronJob is no exception: what it should have made is just as old.
 */
export const cronJobStale = (selector: string, staleAfter: Duration): string => promql`
  time() - (
    max by (namespace, cronjob) (kube_cronjob_status_last_successful_time{${selector}})
    or
    max by (namespace, cronjob) (kube_cronjob_created{${selector}})
  ) > ${staleAfter.seconds}`;

/** The numbers that `longhorn_volume_robustness` had before it had a label for its state. */
const ROBUSTNESS = { degraded: 2, faulted: 3 } as const;

/**
 * Longhorn's volumes in a state. Up to 1.10 the value of the one series says which; since 1.11 there is a series for each
 * state that is 0 or 1, and a comparison with the number would never be true again.
 */
export const longhornVolumes = (state: keyof typeof ROBUSTNESS): string => promql`
  max by (volume, pvc_namespace, pvc) (
    longhorn_volume_robustness{state="${state}"} == 1
    or
    longhorn_volume_robustness{state=""} == ${ROBUSTNESS[state]}
  )`;
