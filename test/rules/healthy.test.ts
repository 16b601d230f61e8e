/** A healthy cluster sets off nothing: as it is, while an exporter restarts, when a clock jumps, when a series is gone. */
import { expect, test } from 'vitest';
import { ALERTED } from '../support/alerts.js';
import { describeWith } from '../support/tools.js';
import { clockStep, EXPORTERS, exporterOfSeries, nodeNames, restart } from './world/disturbances.js';
import { evaluate } from './world/evaluate.js';
import { healthy } from './world/healthy.js';
import { without } from './world/world.js';

/** What is told, and by whom, when a metric is not there: everything else stays silent. */
const TELLS: Readonly<Record<string, readonly string[]>> = {};

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
    const expected = [...worlds.keys()].map((name) => [name, [...(TELLS[name.replace('without ', '')] ?? [])].sort()]);
    expect(Object.fromEntries(told)).toEqual(Object.fromEntries(expected));
  });
});
