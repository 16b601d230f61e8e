/** How long after its beginning each incident would be told today: docs/incidents.md shows exactly what promtool finds. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ALERTED } from '../support/alerts.js';
import { describeWith } from '../support/tools.js';
import { INCIDENTS as homelab } from './incidents/homelab.js';
import { BEGINS, type Incident } from './incidents/incident.js';
import { INCIDENTS as pvek8s } from './incidents/pvek8s.js';
import { evaluate, type Firing } from './world/evaluate.js';
import { healthy } from './world/healthy.js';

const INCIDENTS = [...homelab, ...pvek8s];

const PAGE = readFileSync(new URL('../../docs/incidents.md', import.meta.url), 'utf8');

test('every incident of the page is looked at', () => {
  const anchors = [...PAGE.matchAll(/<a id="([^"]+)">/g)].map(([, anchor]) => anchor);

  expect(anchors.length).toBeGreaterThan(15);
  expect([...new Set(INCIDENTS.map(({ anchor }) => anchor))].sort()).toEqual(anchors.sort());
});

describeWith(['promtool'], 'by promtool', () => {
  test('the page says of each incident when the first message and the first page would have come', () => {
    const section = PAGE.split('## First page\n')[1]?.split('\n## ')[0] ?? '';
    const shown = section.split('\n').filter((line) => line.startsWith('| ['));

    expect(shown).toEqual(INCIDENTS.map(rowOf));
  });
});

function rowOf({ anchor, when, beganWith, outageAfter, cluster: name, world, minutes, tells }: Incident): string {
  const cluster = ALERTED.get(name)?.();
  if (cluster === undefined) throw new Error(`incident '${anchor}': expected a cluster with alerts`);
  const found = evaluate(
    cluster,
    [{ name: when, world: world(healthy(cluster), cluster), minutes: BEGINS + minutes }],
    tells,
  );
  const firings = found.get(when) ?? [];
  const early = firings.filter(({ from }) => from < BEGINS);
  expect(early, `${anchor}: nothing fires before it begins`).toEqual([]);
  const page = firings.find(({ labels }) => labels.severity === 'critical');
  const cells = [
    `[${when}](#${anchor})`,
    beganWith,
    outageAfter === null ? '–' : `${outageAfter}`,
    told(firings[0]),
    told(page),
  ];
  return `| ${cells.join(' | ')} |`;
}

const told = (firing: Firing | undefined): string =>
  firing === undefined ? '–' : `${firing.from - BEGINS}: ${firing.alert}`;
