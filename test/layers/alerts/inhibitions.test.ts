import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Cluster } from '../../../src/cluster/cluster.js';
import { applicable, type Inhibition, inhibitions } from '../../../src/layers/alerts/inhibitions.js';
import { ALERTED, rulesOf } from '../../support/alerts.js';
import { homelab, minimal, parsed, pvek8s } from '../../support/clusters.js';
import { firedLabels } from '../../support/fired-labels.js';
import { FULL_K3S_SPEC } from '../../support/full-clusters.js';

const clusters = [...[...ALERTED.values()].map((make) => make()), parsed(FULL_K3S_SPEC)];
const entries = clusters.flatMap(inhibitions);
const claims = entries.flatMap(({ source, target }) =>
  source.alerts.flatMap((one) => target.alerts.map((other) => [one, other] as const)),
);
const rules = clusters.flatMap(rulesOf);
const severities = new Map(rules.map(({ alert, labels }) => [alert ?? '', labels?.severity ?? '']));
const fired = firedLabels();

const titleOf = ({ source, target }: Inhibition): string =>
  `${source.alerts.join(', ')} over ${target.alerts.join(', ')}`;
const each = [...new Map(entries.map((entry) => [titleOf(entry), entry])).entries()];

test('there are entries to look at', () => {
  expect(each.length).toBeGreaterThan(12);
  expect(fired.size).toBeGreaterThan(40);
});

describe.each(each)('%s', (_, { source, target, equal, incident }) => {
  const names = [...source.alerts, ...target.alerts];

  test('names alerts that exist', () => {
    expect(names.filter((name) => !severities.has(name))).toEqual([]);
  });

  test('is tied together by labels that the alerts have', () => {
    for (const label of equal) for (const name of names) expect(fired.get(name), name).toHaveProperty(label);
    for (const { alerts, where = {} } of [source, target])
      for (const name of alerts) for (const label of Object.keys(where)) expect(fired.get(name)).toHaveProperty(label);
  });

  test('hides nothing that wakes behind what does not', () => {
    const [quiet, wakes] = [source, target].map(({ alerts }) => alerts.map((name) => severities.get(name)));

    if (wakes?.includes('critical')) expect(new Set(quiet)).toEqual(new Set(['critical']));
    else expect(wakes).not.toContain('critical');
  });

  test('tells of an incident', () => {
    expect(readFileSync('docs/incidents.md', 'utf8')).toContain(`<a id="${incident}"></a>`);
  });
});

test('nothing is silenced by what it silences itself', () => {
  const hides = (name: string, seen: readonly string[] = []): readonly string[] =>
    claims
      .filter(([source]) => source === name)
      .flatMap(([, target]) => (seen.includes(target) ? [target] : [target, ...hides(target, [...seen, target])]));

  expect(claims.filter(([source]) => hides(source).includes(source))).toEqual([]);
});

test('a DaemonSet of several nodes hides nothing behind one of them', () => {
  const [first, second] = [homelab(), parsed(FULL_K3S_SPEC)].map((cluster) =>
    inhibitions(cluster)
      .filter(({ target }) => target.alerts.includes('NodeBootstrapUnavailable'))
      .map(({ source }) => source.where),
  );

  expect(first).toEqual([{ node: ['jarvis'] }, { node: ['ultron'] }]);
  expect(second).toEqual([{ node: ['barrel'] }]);
});

test('a lease that nobody renews is hidden by a dark node where that is the only server, and nowhere else', () => {
  const hidden = (cluster: Cluster) =>
    inhibitions(cluster)
      .filter(({ target }) => target.alerts.includes('ControlPlaneLeaseNotRenewed'))
      .map(({ source }) => source);

  expect(hidden(homelab())).toEqual([{ alerts: ['NodeUnreachableFromOutside'], where: { node: ['jarvis'] } }]);
  expect(hidden(pvek8s())).toEqual([]);
});

test('of three CoreDNS replicas two on one node are told beside the third that is missing', () => {
  const hidden = (replicas: number) =>
    inhibitions({ hosts: [], nodes: [], dns: { replicas } }).flatMap(({ target }) => target.alerts);

  expect(hidden(3)).not.toContain('CoreDnsOnOneNode');
  expect(hidden(2)).toContain('CoreDnsOnOneNode');
});

test('what a cluster does not have is left out, with the entry where a side is empty', () => {
  const has = new Set(['NodeRepeatedReboots', 'NodeUnexpectedReboot', 'JivaReplicaNotReady']);

  const found = applicable(inhibitions(minimal()), has);

  expect(found.map(titleOf)).toEqual(['NodeRepeatedReboots over NodeUnexpectedReboot']);
});
