import { describe, expect, test } from 'vitest';
import { eligibleNodes, namedNodes, selectedNodes } from '../../src/guardrails/nodes.js';
import type { Json } from '../../src/manifest/manifest.js';
import { pvek8s } from '../support/clusters.js';
import { clusterOf } from './examples.js';

const CLUSTER = clusterOf(['server', 'one', 'two']);
const HOSTNAME = 'kubernetes.io/hostname';
const CONTROL_PLANE = 'node-role.kubernetes.io/control-plane';

const affinity = (...terms: Json[]) => ({
  affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms } } },
});
const term = (...matchExpressions: Json[]) => ({ matchExpressions });
const names = (nodes: readonly { readonly name: string }[]) => nodes.map(({ name }) => name);

describe('eligibleNodes', () => {
  test.each<[string, Json, readonly string[]]>([
    ['nothing', {}, ['server', 'one', 'two']],
    ['a host name', { nodeSelector: { [HOSTNAME]: 'one' } }, ['one']],
    ['a name that is not there', { nodeName: 'three' }, []],
    ['a label that nobody described', { nodeSelector: { 'example.org/disk': 'ssd' } }, ['server', 'one', 'two']],
    ['another architecture', { nodeSelector: { 'kubernetes.io/arch': 'arm64' } }, []],
    ['the control plane', affinity(term({ key: CONTROL_PLANE, operator: 'Exists' })), ['server']],
    ['no control plane', affinity(term({ key: CONTROL_PLANE, operator: 'DoesNotExist' })), ['one', 'two']],
    ['not this one', affinity(term({ key: HOSTNAME, operator: 'NotIn', values: ['one'] })), ['server', 'two']],
    [
      'one of two terms',
      affinity(
        term({ key: HOSTNAME, operator: 'In', values: ['one'] }),
        term({ key: HOSTNAME, operator: 'In', values: ['server'] }),
      ),
      ['server', 'one'],
    ],
    [
      'two demands of one term',
      affinity(
        term({ key: HOSTNAME, operator: 'In', values: ['one', 'server'] }, { key: CONTROL_PLANE, operator: 'Exists' }),
      ),
      ['server'],
    ],
  ])('admits by %s', (_, podSpec, expected) => {
    expect(names(eligibleNodes(CLUSTER, podSpec))).toEqual(expected);
  });

  test("knows MicroK8s's label of a control plane", () => {
    const pod = { nodeSelector: { 'node.kubernetes.io/microk8s-controlplane': 'microk8s-controlplane' } };

    expect(names(eligibleNodes(pvek8s(), pod))).toEqual(['k8s01', 'k8s02', 'k8s03']);
    expect(names(eligibleNodes(CLUSTER, pod))).toEqual([]);
  });
});

describe('selectedNodes', () => {
  test('reads labels and expressions together', () => {
    const selector = {
      matchLabels: { 'kubernetes.io/arch': 'amd64' },
      matchExpressions: [{ key: CONTROL_PLANE, operator: 'DoesNotExist' }],
    };

    expect(names(selectedNodes(CLUSTER, selector))).toEqual(['one', 'two']);
    expect(names(selectedNodes(CLUSTER, undefined))).toEqual(['server', 'one', 'two']);
  });
});

describe('namedNodes', () => {
  test('collects names from every way of placing a pod', () => {
    const podSpec = {
      nodeName: 'a',
      nodeSelector: { [HOSTNAME]: 'b', disk: 'ssd' },
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [
              term({ key: HOSTNAME, operator: 'NotIn', values: ['c'] }),
              { matchFields: [{ key: 'metadata.name', operator: 'In', values: ['d'] }] },
            ],
          },
          preferredDuringSchedulingIgnoredDuringExecution: [
            { weight: 1, preference: term({ key: HOSTNAME, operator: 'In', values: ['e'] }) },
          ],
        },
      },
    };

    expect(namedNodes(podSpec)).toEqual(['a', 'b', 'c', 'd', 'e']);
  });
});
