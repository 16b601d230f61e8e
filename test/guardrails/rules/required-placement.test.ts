import { describe, expect, test } from 'vitest';
import { requiredPlacement } from '../../../src/guardrails/rules/required-placement.js';
import type { Json, Manifest } from '../../../src/manifest/manifest.js';
import { annotated, clusterOf, deployment, findings, foundIn, helmApplication, inNamespace, pod } from '../examples.js';

const hostname = (operator: string, ...values: string[]): Json => ({
  nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator, values }] }],
});
const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution';
const PREFERRED = 'preferredDuringSchedulingIgnoredDuringExecution';
const required = (operator: string, ...values: string[]) => ({
  affinity: { nodeAffinity: { [REQUIRED]: hostname(operator, ...values) } },
});
const preferred = {
  affinity: {
    nodeAffinity: {
      [PREFERRED]: [
        {
          weight: 100,
          preference: { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: ['b'] }] },
        },
      ],
    },
  },
};

const monitored = clusterOf(['a', 'b'], { monitoring: { install: 'kube-prometheus-stack', requiredNode: 'b' } });
const values = (placement: { readonly [key: string]: Json }) => ({
  prometheus: { prometheusSpec: placement },
  alertmanager: { alertmanagerSpec: placement },
  grafana: placement,
  prometheusOperator: placement,
});

const cloudflared = (podSpec: { readonly [key: string]: Json }): Manifest =>
  inNamespace(deployment(pod(podSpec), {}, 'cloudflared'), 'cloudflared');
const keepingOff = clusterOf(['a', 'b'], {
  keepOff: [{ namespace: 'cloudflared', deployment: 'cloudflared', nodes: ['b'], appliedBy: 'helm' }],
});

describe('required-placement', () => {
  test('refuses monitoring that only prefers its node', () => {
    const found = foundIn(requiredPlacement, [helmApplication(values(preferred))], monitored);

    expect(found).toContain(
      `Application argocd/selfheal-monitoring, Helm values, grafana.affinity.nodeAffinity.${PREFERRED}: expected required node affinity, got preferred`,
    );
    expect(found).toContain(
      'Application argocd/selfheal-monitoring, Helm values, prometheus.prometheusSpec: expected to be bound to node "b" alone, got nodes ["a","b"]',
    );
  });

  test('refuses one part of monitoring that was forgotten', () => {
    const { prometheusOperator: _, ...others } = values(required('In', 'b'));

    expect(foundIn(requiredPlacement, [helmApplication(others)], monitored)).toEqual([
      'Application argocd/selfheal-monitoring, Helm values, prometheusOperator: expected to be bound to node "b" alone, got nodes ["a","b"]',
    ]);
  });

  test('refuses a description that asks for monitoring without an Application that installs it', () => {
    expect(findings(requiredPlacement, [], monitored)).toHaveLength(1);
  });

  test.each([
    ['required affinity', required('In', 'b')],
    ['a node selector', { nodeSelector: { 'kubernetes.io/hostname': 'b' } }],
  ])('accepts monitoring with %s', (_, placement) => {
    expect(foundIn(requiredPlacement, [helmApplication(values(placement))], monitored)).toEqual([]);
  });

  test('refuses a Deployment that would only rather not run where it must not', () => {
    expect(foundIn(requiredPlacement, [cloudflared(preferred)], keepingOff)).toEqual([
      'Deployment cloudflared/cloudflared: expected required node affinity away from b, got b still eligible',
    ]);
    expect(findings(requiredPlacement, [], keepingOff)).toHaveLength(1);
  });

  test('accepts a Deployment that is kept off', () => {
    expect(foundIn(requiredPlacement, [cloudflared(required('NotIn', 'b'))], keepingOff)).toEqual([]);
  });

  test('refuses a preference of a workload that is marked critical, and accepts it of any other', () => {
    const wishful = deployment(pod(preferred));

    expect(findings(requiredPlacement, [annotated(wishful, { 'selfheal.dev/critical': 'true' })])).toHaveLength(1);
    expect(findings(requiredPlacement, [wishful])).toEqual([]);
  });
});
