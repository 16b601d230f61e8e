import { describe, expect, test } from 'vitest';
import { dnsOnTwoNodes } from '../../../src/guardrails/rules/dns-on-two-nodes.js';
import type { Json } from '../../../src/manifest/manifest.js';
import { minimal } from '../../support/clusters.js';
import { annotated, clusterOf, deployment, FOREIGN_PARTIAL, foundIn, inNamespace, pod } from '../examples.js';

const TWO = clusterOf(['a', 'b']);
const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution';
const PREFERRED = 'preferredDuringSchedulingIgnoredDuringExecution';
const TERM = { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app: 'thing' } } };

const coredns = (podSpec: { readonly [key: string]: Json }, replicas?: number) =>
  inNamespace(deployment(pod(podSpec), replicas === undefined ? {} : { replicas }, 'coredns'), 'kube-system');
const spread = (whenUnsatisfiable: string, topologyKey = 'kubernetes.io/hostname') => ({
  topologySpreadConstraints: [{ maxSkew: 1, topologyKey, whenUnsatisfiable }],
});

describe('dns-on-two-nodes', () => {
  test.each([1, undefined])('refuses %s replicas', (replicas) => {
    expect(
      foundIn(dnsOnTwoNodes, [coredns({ affinity: { podAntiAffinity: { [REQUIRED]: [TERM] } } }, replicas)], TWO),
    ).toEqual([`Deployment kube-system/coredns: expected at least 2 replicas, got ${replicas ?? 'nothing'}`]);
  });

  test.each<[string, { readonly [key: string]: Json }]>([
    ['nothing keeps apart', {}],
    [
      'are only preferred apart',
      { affinity: { podAntiAffinity: { [PREFERRED]: [{ weight: 100, podAffinityTerm: TERM }] } } },
    ],
    ['a soft spread keeps apart', spread('ScheduleAnyway')],
    ['a hard spread keeps in different zones', spread('DoNotSchedule', 'topology.kubernetes.io/zone')],
    [
      'repel other pods only',
      {
        affinity: { podAntiAffinity: { [REQUIRED]: [{ ...TERM, labelSelector: { matchLabels: { app: 'other' } } }] } },
      },
    ],
    [
      'repel each other per zone',
      { affinity: { podAntiAffinity: { [REQUIRED]: [{ ...TERM, topologyKey: 'zone' }] } } },
    ],
  ])('refuses two replicas that %s', (_, podSpec) => {
    expect(foundIn(dnsOnTwoNodes, [coredns(podSpec, 2)], TWO)).toEqual([
      'Deployment kube-system/coredns: expected a rule that keeps replicas on different nodes, got none or a preferred one',
    ]);
  });

  test.each<[string, { readonly [key: string]: Json }]>([
    ['required anti-affinity', { affinity: { podAntiAffinity: { [REQUIRED]: [TERM] } } }],
    ['a hard spread', spread('DoNotSchedule')],
  ])('accepts two replicas with %s', (_, podSpec) => {
    expect(foundIn(dnsOnTwoNodes, [coredns(podSpec, 2)], TWO)).toEqual([]);
  });

  test("accepts a patch of k3s's CoreDNS, which has a hard spread of its own", () => {
    const patch = annotated(inNamespace(deployment({}, { replicas: 2 }, 'coredns'), 'kube-system'), FOREIGN_PARTIAL);

    expect(foundIn(dnsOnTwoNodes, [patch], TWO)).toEqual([]);
  });

  test('asks nothing of a cluster of one node, nor of other Deployments', () => {
    expect(foundIn(dnsOnTwoNodes, [coredns({}, 1)], minimal())).toEqual([]);
    expect(foundIn(dnsOnTwoNodes, [deployment()], TWO)).toEqual([]);
  });
});
