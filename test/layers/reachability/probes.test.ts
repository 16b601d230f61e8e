import { expect, test } from 'vitest';
import type { Cluster } from '../../../src/cluster/cluster.js';
import { reachabilityAlerts } from '../../../src/layers/reachability/alerts.js';
import { REACHABILITY_JOB } from '../../../src/layers/reachability/job.js';
import { at } from '../../support/change.js';
import { homelab, minimal, objectsOf, parsed } from '../../support/clusters.js';
import { FULL_K3S_SPEC } from '../../support/full-clusters.js';

const probesOf = (cluster: Cluster) => objectsOf(cluster, 'reachability').filter(({ kind }) => kind === 'Probe');

const TARGETS = 'spec.targets.staticConfig.static';

test('nobody is asked where no prober is named', () => {
  expect(probesOf(minimal({ reachability: {} }))).toEqual([]);
});

test('every node is asked by ping and on its SSH port, from the prober outside', () => {
  const probes = probesOf(homelab());

  expect(probes.map((probe) => [at(probe, 'spec.module'), at(probe, TARGETS)])).toEqual([
    ['icmp', ['10.0.1.10', '10.0.1.11']],
    ['tcp_connect', ['10.0.1.10:22', '10.0.1.11:22']],
  ]);
  for (const probe of probes) expect(at(probe, 'spec.prober.url')).toBe('nas.homelab.lan:9115');
});

test('only the nodes that are named are asked', () => {
  const [probe] = probesOf(parsed(FULL_K3S_SPEC));

  expect(at(probe, TARGETS)).toEqual(['192.0.2.10', '192.0.2.11']);
});

test('both answers of a node carry its name, so that one answer is enough', () => {
  const ultron = probesOf(homelab()).map((probe) =>
    [2, 3].map((index) => at(probe, `spec.targets.staticConfig.relabelingConfigs[${index}]`)),
  );

  expect(ultron).toMatchObject([
    [
      { regex: '10\\.0\\.1\\.11', replacement: 'ultron', targetLabel: 'instance' },
      { regex: '10\\.0\\.1\\.11', replacement: 'ultron', targetLabel: 'node' },
    ],
    [
      { regex: '10\\.0\\.1\\.11:22', replacement: 'ultron', targetLabel: 'instance' },
      { regex: '10\\.0\\.1\\.11:22', replacement: 'ultron', targetLabel: 'node' },
    ],
  ]);
});

test('an IPv6 address stands in brackets before the port', () => {
  const cluster = homelab();
  const [jarvis] = cluster.reachability?.nodes ?? [];
  if (cluster.reachability === null || jarvis === undefined) throw new Error('expected nodes that are looked at');
  const nodes = [{ ...jarvis, address: 'fd00::7' }];
  const probes = probesOf({ ...cluster, reachability: { ...cluster.reachability, nodes } });

  expect(probes.map((probe) => at(probe, TARGETS))).toEqual([['fd00::7'], ['[fd00::7]:22']]);
  expect(at(probes[1], 'spec.targets.staticConfig.relabelingConfigs[0]')).toMatchObject({
    regex: '\\[fd00::7\\]:22',
  });
});

test('the two answers of a node are two series, so that one does not hide the other', () => {
  const labels = probesOf(homelab()).map((probe) => at(probe, 'spec.targets.staticConfig.labels'));

  expect(labels).toEqual([{ probe: 'reachability-icmp' }, { probe: 'reachability-ssh' }]);
});

test.each([
  ['1min', 30],
  ['2min', 60],
  ['1h', 3_540],
])('with %s of patience the alert waits for %i s, and fires before that is over', (tolerate, seconds) => {
  const alert = reachabilityAlerts(parsed({ ...FULL_K3S_SPEC, reachability: { prober: 'nas.example:9115', tolerate } }))
    .flatMap(({ rules }) => rules)
    .find(({ name }) => name === 'NodeUnreachableFromOutside');

  expect(alert).toMatchObject({ for: { seconds } });
});

test('the alerts look at what these probes bring', () => {
  const expressions = reachabilityAlerts(homelab()).flatMap(({ rules }) => rules.map(({ expr }) => expr));

  expect(expressions.length).toBeGreaterThan(0);
  for (const expr of expressions) expect(expr).toContain(`job="${REACHABILITY_JOB}"`);
  for (const probe of probesOf(homelab())) expect(at(probe, 'spec.jobName')).toBe(REACHABILITY_JOB);
});

test("Prometheus selects the probes by its rules' labels", () => {
  for (const { metadata } of probesOf(homelab())) expect(metadata.labels).toEqual({ release: 'kube-prometheus-stack' });
});
