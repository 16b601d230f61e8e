/**
 * November 30 as this project would have lived it: the figures are the seeds', what is between them is made up.
 *
 * Minute 0 is midnight. The stalls begin at 13:31, at 13:59 the first node goes dark, at 14:05 its watchdog reboots it,
 * and somebody looks at 14:12.
 */
import type { Cluster } from '../../../src/cluster/cluster.js';
import { healthy } from '../world/healthy.js';
import { exporterOf } from '../world/parts/nodes.js';
import { type Series, series, type Values, type World } from '../world/world.js';
import { shown } from './shown.js';

const at = (hour: number, minute: number): number => hour * 60 + minute;

export const NOW = at(14, 12);
const [STALLS, DARK, REBOOT, BACK] = [at(13, 31), at(13, 59), at(14, 5), at(14, 8)];

export function november30(cluster: Cluster): World {
  const rules = healthy(cluster);
  const known = new Set(rules.map(nameOf));
  // What the rules need has its place in the world of the rules; the boards show more.
  const world = [...rules, ...shown(cluster).filter((one) => !known.has(nameOf(one)))];
  return [...world.map((one) => ofThatDay(one, cluster)), ...evidence(cluster)];
}

/** One source of a metric is enough; but each pod is one of its own. */
const nameOf = ({ metric, labels }: Series): string =>
  metric.startsWith('kube_pod_') ? `${metric} ${(labels.pod ?? '').split('-')[0]}` : metric;

/** The node that goes dark says nothing meanwhile, and begins anew. */
function ofThatDay(one: Series, { controlPlane: { name } }: Cluster): Series {
  const { metric, labels, values } = one;
  const isSick = labels.node === name || labels.pod === exporterOf(name).pod;
  const change = (changed: Values): Series => series(metric, labels, changed);
  const seen = (changed: Values): Series =>
    change((minute) => (minute > DARK && minute < BACK ? null : changed(minute)));
  const anew = (before: Values, after: (minutesUp: number) => number): Series =>
    seen((minute) => (minute < BACK ? before(minute) : after(minute - REBOOT - 1)));
  const key = `${metric} ${labels.kind ?? labels.window ?? labels.state ?? ''}`.trim();

  if (metric === 'kube_lease_renew_time')
    return change((minute) => Math.min(minute, DARK) * 60 + Math.max(0, minute - BACK) * 60);
  if (metric === 'longhorn_volume_robustness' && labels.volume?.endsWith('one') && 'state' in labels)
    return change((minute) => (minute < BACK ? values(minute) : labels.state === 'degraded' ? 1 : 0));
  if (!isSick) return one;
  switch (key) {
    case 'probe_success':
      return change((minute) => (minute > DARK && minute < BACK ? 0 : 1));
    case 'up':
      return change((minute) => (minute > DARK && minute < BACK ? 0 : 1));
    case 'kube_pod_container_status_restarts_total':
      return change((minute) => (values(minute) ?? 0) + (minute < BACK ? 0 : 1));
    case 'node_boot_time_seconds':
      return anew(values, () => (REBOOT + 1) * 60);
    case 'selfheal_watchdog_events_total grace-period':
      return anew(
        (minute) => Math.floor(minute / 25) + Math.max(0, Math.floor((minute - STALLS) / 7)),
        (up) => 55 + Math.floor(up / 3),
      );
    case 'selfheal_watchdog_events_total report':
      return anew(
        (minute) => Math.floor(minute / 25) + 4 * Math.max(0, Math.floor((minute - STALLS) / 7)),
        (up) => 160 + 2 * Math.floor(up / 3),
      );
    case 'selfheal_watchdog_stalls sustained':
      return anew(
        (minute) => (minute > STALLS ? 2 + (minute % 3 === 0 ? 1 : 0) : minute % 50 < 15 ? 1 : 0),
        () => 0,
      );
    case 'selfheal_watchdog_stalls burst':
      return anew(
        (minute) => (minute > STALLS && minute % 7 < 2 ? 1 : 0),
        () => 0,
      );
    case 'selfheal_watchdog_stalls chronic':
      return anew(
        (minute) => 14 + Math.max(0, Math.floor((minute - STALLS) / 7)),
        () => 0,
      );
    case 'selfheal_watchdog_budget_remaining':
      return anew(values, () => 2);
    case 'selfheal_watchdog_reboots_total':
      return anew(values, () => (values(0) ?? 0) + 1);
    case 'selfheal_watchdog_evidence_files':
      return anew(values, () => (values(0) ?? 0) + 1);
    case 'kubelet_runtime_operations_errors_total':
      return seen((minute) => (values(minute) ?? 0) + (minute < BACK ? 0 : Math.min(9, 3 * (minute - BACK + 1))));
    case 'node_cpu_seconds_total':
      return anew(values, (up) => up * 60 * 0.6);
    default:
      return labels.pod === exporterOf(name).pod && labels.instance !== undefined ? seen(values) : one;
  }
}

function evidence({ controlPlane, hosts, monitoring }: Cluster): World {
  const watched = hosts.some(({ rcuWatchdog, nodes }) => rcuWatchdog !== null && nodes.includes(controlPlane));
  if (!watched || !monitoring?.textfileCollector) return [];
  const report = {
    ...exporterOf(controlPlane.name),
    instance: `${controlPlane.address}:9100`,
    job: 'node-exporter',
    path: 'black-hole',
    boot: '4f0c6a52-61b5-4e0e-9d4e-2f1f6f0f7a11',
  };
  const written: Values = (minute) => (minute < BACK ? null : REBOOT * 60);
  return [series('selfheal_watchdog_evidence_timestamp_seconds', report, written)];
}
