/** The nodes are those that are described, and Ready. */
import { at, textAt } from '../../../manifest/json.js';
import type { LiveObject } from '../../../manifest/live-object.js';
import type { CheckFacts, HealthCheck } from '../facts.js';
import { ALL_NODES_AT_ONCE } from '../incidents.js';
import { conditionOf, isReady } from '../live.js';
import type { CheckResult } from '../result.js';
import { saying } from '../saying.js';

const { pass, fail, unknown } = saying('nodes');

export const nodesCheck: HealthCheck = {
  id: 'nodes',
  summary: 'the nodes are those that are described, and Ready',
  asks: ['nodes'],
  answer: (facts) => {
    const live = facts.of('nodes');
    const all = `nodes of ${facts.cluster.name}`;
    if (!live.ok) return [unknown(all, live.failure)];
    if (live.value.length === 0) return [unknown(all, 'the cluster reports no nodes')];
    const wrong = [...described(facts, live.value), ...notDescribed(facts, live.value)];
    if (wrong.length > 0) return wrong;
    const others = facts.cluster.nodes.map(({ name }) => name).filter((name) => name !== facts.node);
    if (facts.node === null) return [pass(all, `all ${others.length} described, and no other, Ready`)];
    return [
      pass(
        all,
        others.length === 0
          ? `${facts.node} is the only one: everything is down while it is`
          : `Ready without ${facts.node}: ${others.join(', ')}`,
      ),
    ];
  },
};

/** The one that is to go down need not be Ready: a reboot may be what it needs. */
function described({ cluster, node }: CheckFacts, live: readonly LiveObject[]): readonly CheckResult[] {
  const found = new Map(live.map((each) => [each.metadata.name, each]));
  return cluster.nodes.flatMap(({ name }): readonly CheckResult[] => {
    const object = found.get(name);
    if (object === undefined)
      return [
        fail(`node ${name}`, {
          expected: 'it in the cluster, as described',
          found: 'no such node',
          next: 'start it, or take it out of the description',
          incident: ALL_NODES_AT_ONCE,
        }),
      ];
    if (name === node || isReady(object)) return [];
    return [
      fail(`node ${name}`, {
        expected: node === null ? 'Ready' : `Ready while ${node} is down`,
        found: stateOf(object),
        next: `kubectl describe node ${name}`,
        incident: ALL_NODES_AT_ONCE,
      }),
    ];
  });
}

function stateOf(node: LiveObject): string {
  const ready = conditionOf(node, 'Ready');
  if (ready === undefined) return 'no condition Ready';
  const why = textAt(ready, 'reason') ?? '';
  const since = textAt(ready, 'lastTransitionTime');
  return `Ready ${String(at(ready, 'status'))}${why === '' ? '' : ` (${why})`}${since === undefined ? '' : ` since ${since}`}`;
}

const notDescribed = ({ cluster }: CheckFacts, live: readonly LiveObject[]): readonly CheckResult[] =>
  live
    .map(({ metadata }) => metadata.name)
    .filter((name) => !cluster.nodes.some((each) => each.name === name))
    .map((name) =>
      fail(`node ${name}`, {
        expected: 'no node but those described',
        found: 'a node that the description does not have: nothing heals it',
        next: `describe it, or: kubectl delete node ${name}`,
      }),
    );
