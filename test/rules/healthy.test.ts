/** A healthy cluster sets off nothing: as it is, while an exporter restarts, when a clock jumps, when a series is gone. */
import { expect, test } from 'vitest';
import { ALERTED, alertNames } from '../support/alerts.js';
import { describeWith } from '../support/tools.js';
import { clockStep, EXPORTERS, exporterOfSeries, nodeNames, restart } from './world/disturbances.js';
import { evaluate } from './world/evaluate.js';
import { healthy } from './world/healthy.js';
import { without } from './world/world.js';

/** What is told, and by whom where the cluster has it, when a metric is not there: everything else stays silent. */
const TELLS: Readonly<Record<string, readonly string[]>> = {
  kube_cronjob_created: ['BackupCronJobMissing', 'LonghornRecurringJobMissing'],
  // What was never told to have succeeded counts from when it was made: long ago. Of the backup the runs tell themselves.
  kube_cronjob_status_last_successful_time: ['BackupDrillStale', 'LonghornRecurringJobStale'],
  kube_daemonset_created: ['NodeBootstrapAbsent'],
  kube_node_info: ['KubeStateMetricsMissing'],
  kube_pod_container_status_running: ['NodeBootstrapMissing'],
  kube_pod_info: ['NodeBootstrapMissing', 'NodeMetricsMissing'],
  // Then nobody can tell that it is a volume that is waited for.
  kube_pod_spec_volumes_persistentvolumeclaims_info: ['SchedulerLeaseHolderStalled', 'SchedulerNotProcessingPods'],
  longhorn_node_status: ['LonghornMetricsMissing'],
  node_boot_time_seconds: ['NodeMetricsMissing'],
  node_textfile_mtime_seconds: ['HostChecksSilent', 'NodeBootstrapSilent', 'RcuWatchdogSilent'],
  node_time_seconds: ['NodeMetricsMissing'],
  node_watchdog_info: ['HardwareWatchdogNotArmed'],
  probe_success: ['OutsideProberSilent'],
  selfheal_bootstrap_up: ['NodeBootstrapSilent'],
  selfheal_watchdog_up: ['RcuWatchdogSilent'],
};

/** In which cluster a metric is taken away: the rules that read it are the same in each that has it. */
const SHOWN_IN = new Map(
  [...ALERTED].reverse().flatMap(([name, make]) => healthy(make()).map(({ metric }) => [metric, name] as const)),
);

const AT = 20;
/** Longer than any alert waits that such a thing could set off. */
const MINUTES = 60;
const STEP = 3 * 3600;

test.each([...ALERTED.keys()])('the healthy %s has series to look at', (name) => {
  const cluster = ALERTED.get(name)?.();

  expect(cluster === undefined ? 0 : healthy(cluster).length).toBeGreaterThan(20);
});

describeWith(['promtool'], 'by promtool', () => {
  test.each([...ALERTED].map(([name, make]) => ({ name, cluster: make() })))('$name', ({ name: shown, cluster }) => {
    const well = healthy(cluster);
    const metrics = [...SHOWN_IN].flatMap(([metric, where]) => (where === shown ? [metric] : []));
    const exporters = EXPORTERS.filter((exporter) => well.some((one) => exporterOfSeries(one) === exporter));
    const worlds = new Map([
      ['as it is', well],
      ...exporters.map((each) => [`restart of ${each}`, restart(well, each, AT)] as const),
      ...nodeNames(cluster).flatMap((node) =>
        [STEP, -STEP].map((seconds) => [`clock of ${node} ${seconds}`, clockStep(well, node, AT, seconds)] as const),
      ),
      ...metrics.map((metric) => [`without ${metric}`, without(well, { metric })] as const),
    ]);

    const found = evaluate(
      cluster,
      [...worlds].map(([name, world]) => ({ name, world, minutes: MINUTES })),
    );

    const told = [...found].map(([name, firings]) => [name, [...new Set(firings.map(({ alert }) => alert))].sort()]);
    const alerts = alertNames(cluster);
    const tellers = (name: string) => (TELLS[name.replace('without ', '')] ?? []).filter((one) => alerts.includes(one));
    const expected = [...worlds.keys()].map((name) => [name, [...tellers(name)].sort()]);
    expect(Object.fromEntries(told)).toEqual(Object.fromEntries(expected));
  });
});
