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
  kube_daemonset_created: ['NodeBootstrapAbsent'],
  kube_node_info: ['KubeStateMetricsMissing'],
  kube_pod_container_status_running: ['NodeBootstrapMissing'],
  kube_pod_info: ['NodeBootstrapMissing', 'NodeMetricsMissing'],
  node_boot_time_seconds: ['NodeMetricsMissing'],
  node_textfile_mtime_seconds: ['HostChecksSilent', 'NodeBootstrapSilent', 'RcuWatchdogSilent'],
  node_time_seconds: ['NodeMetricsMissing'],
  node_watchdog_info: ['HardwareWatchdogNotArmed'],
  probe_success: ['OutsideProberSilent'],
  selfheal_bootstrap_up: ['NodeBootstrapSilent'],
  selfheal_watchdog_up: ['RcuWatchdogSilent'],
};

const AT = 20;
const MINUTES = 90;
const STEP = 3 * 3600;

test.each([...ALERTED.keys()])('the healthy %s has series to look at', (name) => {
  const cluster = ALERTED.get(name)?.();

  expect(cluster === undefined ? 0 : healthy(cluster).length).toBeGreaterThan(20);
});

describeWith(['promtool'], 'by promtool', () => {
  test.each([...ALERTED].map(([name, make]) => ({ name, cluster: make() })))('$name', ({ cluster }) => {
    const well = healthy(cluster);
    const metrics = [...new Set(well.map(({ metric }) => metric))];
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
