/** Every query of every board, asked as Grafana would ask it, of a real Prometheus that has lived through a bad day. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ALERTED } from '../../support/alerts.js';
import { objectsOf } from '../../support/clusters.js';
import { describeWith } from '../../support/tools.js';
import { NOW, november30 } from './day.js';
import { askPanel, type GrafanaDashboard, interpolate } from './grafana.js';
import { RecordedDay } from './recorded-day.js';

const LOOK = { from: (NOW - 360) * 60, to: NOW * 60, step: 300 };

const dashboardsOf = (cluster: Parameters<typeof objectsOf>[0]): readonly GrafanaDashboard[] =>
  objectsOf(cluster, 'dashboards').flatMap((manifest) =>
    Object.values((manifest as unknown as { data: Record<string, string> }).data).map((json) => JSON.parse(json)),
  );

test.each(['$__interval', '${node}', '$cluster'])('a variable that nobody sets is told: %s', (variable) => {
  expect(() => interpolate(`up{node=~"${variable}"}`, ['jarvis'])).toThrow(`expected no variable beside $node`);
});

describeWith(['prometheus', 'promtool'], 'the boards', () => {
  describe.each([...ALERTED])('of %s', (_, make) => {
    const cluster = make();
    const nodes = cluster.nodes.map(({ name }) => name);
    const boards = dashboardsOf(cluster);
    const panels = boards.flatMap((board) =>
      board.panels
        .filter(({ type }) => type !== 'row')
        .map((panel) => ({ board: board.title, title: panel.title, panel })),
    );
    let day: RecordedDay;
    beforeAll(async () => {
      day = await RecordedDay.of(cluster, november30(cluster), NOW);
    }, 300_000);
    afterAll(() => day?.destroy());

    test('there are panels', () => {
      expect(panels.length).toBeGreaterThan(10);
    });

    test.each(panels)('$board, $title: each query is answered with something to see', async ({ panel }) => {
      const asked = await askPanel(day, panel, nodes, LOOK);

      expect(asked.length).toBeGreaterThan(0);
      if (panel.fieldConfig.defaults.noValue !== undefined) return;
      expect(asked.filter(({ answers }) => answers.length === 0).map(({ target }) => target.expr)).toEqual([]);
    });

    test.each(panels.filter(({ panel }) => panel.type === 'table'))(
      '$board, $title: all columns have the labels by which the rows are put together',
      async ({ panel }) => {
        const named = panel.transformations.flatMap(({ options }) => Object.keys(options.renameByName ?? {}));
        const labels = named.filter((name) => !name.startsWith('Value'));

        const asked = await askPanel(day, panel, nodes, LOOK);

        for (const { answers } of asked)
          for (const { metric } of answers) expect(labels).toEqual(expect.arrayContaining(Object.keys(metric)));
      },
    );

    test('every annotation is a query that Prometheus takes', async () => {
      for (const { annotations } of boards)
        for (const { expr } of annotations.list)
          await expect(day.range(interpolate(expr, nodes), LOOK.from, LOOK.to, 60)).resolves.toBeDefined();
    });
  });
});
