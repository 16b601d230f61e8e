/** Nobody has cordoned a node, or what is cordoned is the node that is to go down. */
import type { LiveObject } from '../../../manifest/live-object.js';
import { MARK_ANNOTATION } from '../../reboot/names.js';
import type { HealthCheck } from '../facts.js';
import { ALL_NODES_AT_ONCE } from '../incidents.js';
import { isCordoned } from '../live.js';
import type { CheckResult } from '../result.js';
import { saying } from '../saying.js';

const { pass, fail, unknown } = saying('cordons');

export const cordonsCheck: HealthCheck = {
  id: 'cordons',
  summary: 'no node is cordoned, by a person or by a roll of ours that has not ended',
  asks: ['nodes'],
  answer: ({ cluster, node, of }) => {
    const nodes = of('nodes');
    const all = `nodes of ${cluster.name}`;
    if (!nodes.ok) return [unknown(all, nodes.failure)];
    if (nodes.value.length === 0) return [unknown(all, 'the cluster reports no nodes')];
    const held = nodes.value.filter(({ metadata }) => metadata.name !== node).flatMap((each) => judge(each, node));
    if (held.length > 0) return held;
    const own = nodes.value.find(({ metadata }) => metadata.name === node);
    return [pass(all, `${node === null ? 'none' : 'no other'} is cordoned${own === undefined ? '' : ownState(own)}`)];
  },
};

function judge(object: LiveObject, node: string | null): readonly CheckResult[] {
  const { name } = object.metadata;
  const expected = node === null ? 'no node cordoned' : `no node but ${node} out of service`;
  const isOurs = isMarked(object);
  if (!isOurs && !isCordoned(object)) return [];
  return [
    fail(`node ${name}`, {
      expected,
      incident: ALL_NODES_AT_ONCE,
      ...(isOurs
        ? {
            found: `a roll of ours works on it${stepOf(object)}, or was stopped`,
            next: 'let it end, or go on with it: selfheal reboot --apply',
          }
        : {
            found: 'cordoned, and not by us: no pod is put there',
            next: `ask who cordoned it; then: kubectl uncordon ${name}`,
          }),
    }),
  ];
}

const isMarked = ({ metadata }: LiveObject): boolean => metadata.annotations?.[MARK_ANNOTATION] !== undefined;

function ownState(node: LiveObject): string {
  const { name } = node.metadata;
  if (isMarked(node)) return `; ${name} is, by a roll of ours`;
  return isCordoned(node) ? `; ${name} is, and not by us` : '';
}

/** The mark is ours, but a node's annotations can be written by many. */
function stepOf({ metadata }: LiveObject): string {
  const step = /"step":"([a-z]{1,20})"/.exec(metadata.annotations?.[MARK_ANNOTATION] ?? '')?.[1];
  return step === undefined ? '' : ` (${step})`;
}
