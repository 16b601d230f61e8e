/** What is proven in an invented world holds only if its series look like those that the exporters really give. */
import { expect, test } from 'vitest';
import { ALERTED } from '../../support/alerts.js';
import { recordings, scraped } from '../../support/exporters.js';
import { healthy } from './healthy.js';
import type { Series } from './world.js';

const RECORDED = recordings().flatMap(({ exporter, samples }) =>
  samples.map(({ metric, labels }) => ({ metric, labels: [...labels.keys(), ...scraped(exporter)] })),
);

/** Why a series could not have come from any recorded exporter, or nothing. It may leave labels out that nobody reads. */
function strange({ metric, labels }: Series): readonly string[] {
  const real = RECORDED.filter((one) => one.metric === metric);
  if (real.length === 0) return [`metric '${metric}': expected it in test/fixtures/metrics, got nothing`];
  return Object.keys(labels)
    .filter((label) => !real.some((one) => one.labels.includes(label)))
    .map((label) => `metric '${metric}': expected no label '${label}', for no exporter and no scrape gives it`);
}

test.each([...ALERTED])('the healthy world of %s has no series that no exporter gives', (_, make) => {
  const world = healthy(make());

  expect(world.length).toBeGreaterThan(50);
  expect([...new Set(world.flatMap(strange))]).toEqual([]);
});
