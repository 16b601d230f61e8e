/** A planned reboot and a week without trouble set off nothing at all. */
import { expect, test } from 'vitest';
import { ALERTED } from '../support/alerts.js';
import { describeWith } from '../support/tools.js';
import { nodeNames } from './world/disturbances.js';
import { evaluate } from './world/evaluate.js';
import { healthy } from './world/healthy.js';
import { plannedReboot } from './world/planned-reboot.js';

const PROMETHEUS_ON: Readonly<Record<string, string>> = { homelab: 'ultron', pvek8s: 'k8s03' };
const AT = 40;

const clusters = Object.keys(PROMETHEUS_ON).flatMap((name) => {
  const cluster = ALERTED.get(name)?.();
  return cluster === undefined ? [] : [{ name, cluster }];
});

test('both clusters of the project are looked at', () => {
  expect(clusters).toHaveLength(2);
});

describeWith(['promtool'], 'by promtool', () => {
  test.each(clusters)('a planned reboot of any node of $name is silent', ({ name, cluster }) => {
    const cases = nodeNames(cluster).flatMap((node) =>
      (['cordon', 'taint'] as const).map((announcedBy) => ({
        name: `${node} by ${announcedBy}`,
        world: plannedReboot(healthy(cluster), cluster, {
          node,
          at: AT,
          away: 4,
          announcedBy,
          prometheusOn: PROMETHEUS_ON[name] ?? null,
        }),
        minutes: AT + 100,
      })),
    );

    const fired = [...evaluate(cluster, cases)].map(([which, firings]) => [which, firings]);

    expect(fired).toEqual(cases.map((one) => [one.name, []]));
  });

  test.each(clusters)('the same reboot of a node of $name that nobody announced is told', ({ name, cluster }) => {
    const [node = ''] = nodeNames(cluster);
    const world = plannedReboot(healthy(cluster), cluster, {
      node,
      at: AT,
      away: 4,
      announcedBy: 'cordon',
      prometheusOn: PROMETHEUS_ON[name] ?? null,
    }).filter(({ metric }) => metric !== 'kube_node_spec_unschedulable');

    const fired = evaluate(cluster, [{ name: 'it', world, minutes: AT + 60 }], ['NodeUnexpectedReboot']).get('it');

    expect(fired).toMatchObject([{ alert: 'NodeUnexpectedReboot', labels: { node } }]);
  });
});
