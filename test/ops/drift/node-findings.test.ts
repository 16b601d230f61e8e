import { expect, test } from 'vitest';
import { nodeFindings } from '../../../src/ops/drift/node-findings.js';
import { homelab } from '../../support/clusters.js';
import { liveObject } from './live.js';

const node = (name: string) => liveObject({ apiVersion: 'v1', kind: 'Node', metadata: { name } });
const said = (...names: readonly string[]) =>
  nodeFindings({ cluster: homelab(), nodes: { ok: true, value: names.map(node) } });

test('nothing is said of the described nodes, in whatever order', () => {
  expect(said('ultron', 'jarvis')).toEqual({ findings: [], unknown: [] });
});

test('a node that is not there, and one that nobody described, are told', () => {
  const { findings } = said('jarvis', 'friday');

  expect(findings.map(({ id, subject }) => `${id} ${subject}`)).toEqual([
    'node-missing node ultron',
    'node-not-described node friday',
  ]);
});

test('without the nodes it cannot be told that this is the described cluster', () => {
  const failure = { kind: 'forbidden', message: 'list Node: 403' } as const;

  expect(nodeFindings({ cluster: homelab(), nodes: { ok: false, failure } })).toEqual({
    findings: [],
    unknown: [{ subject: 'that this is homelab', why: 'list Node: 403' }],
  });
});
