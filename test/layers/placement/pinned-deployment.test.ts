import { Testing } from 'cdk8s';
import type { k8s } from 'cdk8s-plus-28';
import { expect, test } from 'vitest';
import { PinnedDeployment, requireNodes } from '../../../src/layers/placement/pinned-deployment.js';

const CONTAINERS = [{ name: 'grafana', image: 'docker.io/grafana/grafana:11.0.0' }];
const onUltron = { key: 'kubernetes.io/hostname', operator: 'In', values: ['ultron'] };

const termsOf = ({ affinity }: k8s.PodSpec) =>
  affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;

test('refuses to require no node at all', () => {
  expect(() => requireNodes({ containers: CONTAINERS }, [])).toThrow(
    "node affinity 'In': expected at least one node, got none",
  );
});

test('never prefers where it is to require', () => {
  const { affinity } = requireNodes({ containers: CONTAINERS }, ['ultron']);

  expect(affinity).toEqual({
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [onUltron] }] },
    },
  });
});

test('joins every alternative that the pod requires already, so that none leads around it', () => {
  const arm64 = { key: 'kubernetes.io/arch', operator: 'In', values: ['arm64'] };
  const ssd = { key: 'disk', operator: 'Exists' };
  const nodeAffinity = {
    requiredDuringSchedulingIgnoredDuringExecution: {
      nodeSelectorTerms: [{ matchExpressions: [arm64] }, { matchExpressions: [ssd] }],
    },
  };

  const pod = requireNodes({ containers: CONTAINERS, affinity: { nodeAffinity } }, ['ultron']);

  expect(termsOf(pod)).toEqual([{ matchExpressions: [arm64, onUltron] }, { matchExpressions: [ssd, onUltron] }]);
});

test('keeps the other affinities of the pod', () => {
  const podAntiAffinity = {
    requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'kubernetes.io/hostname' }],
  };

  const { affinity } = requireNodes({ containers: CONTAINERS, affinity: { podAntiAffinity } }, ['ultron']);

  expect(affinity?.podAntiAffinity).toEqual(podAntiAffinity);
});

test('a pinned Deployment requires its nodes and is otherwise what was asked for', () => {
  const chart = Testing.chart();

  new PinnedDeployment(chart, 'Grafana', {
    nodes: ['ultron'],
    metadata: { name: 'grafana', namespace: 'monitoring' },
    spec: {
      replicas: 1,
      selector: { matchLabels: { app: 'grafana' } },
      template: { metadata: { labels: { app: 'grafana' } }, spec: { containers: CONTAINERS } },
    },
  });

  const [deployment] = chart.toJson();
  expect(deployment.metadata).toEqual({ name: 'grafana', namespace: 'monitoring' });
  expect(deployment.spec.replicas).toBe(1);
  expect(deployment.spec.template.spec.containers).toEqual(CONTAINERS);
  expect(termsOf(deployment.spec.template.spec)).toEqual([{ matchExpressions: [onUltron] }]);
});
