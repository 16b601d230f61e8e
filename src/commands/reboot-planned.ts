/** What a roll is to do, worked out from one look at the cluster: for the verb, and for the program in the cluster. */
import type { Cluster } from '../cluster/cluster.js';
import { OperatorError } from '../errors.js';
import type { KubeApi } from '../live/kube-api.js';
import type { Failure } from '../manifest/live-object.js';
import { nextAfter } from '../ops/check/saying.js';
import { orderedNodes, type Plan, planOf, type Wanted } from '../ops/reboot/plan.js';
import { isBegun, remaining, rollOn } from '../ops/reboot/standing.js';
import type { RollOptions, Seen } from '../ops/reboot/state.js';
import { inContext, refuseOtherCluster, whereSilent } from './described-cluster.js';
import { type AskChecks, pendingIn } from './reboot-checks.js';
import { look } from './reboot-look.js';

export const placeOf = ({ server, context }: KubeApi): string => `${server} (context ${context})`;

interface Asked {
  readonly api: KubeApi;
  readonly cluster: Cluster;
  readonly options: RollOptions;
  readonly checks: AskChecks;
  readonly named: readonly string[];
  readonly reason: string | undefined;
  readonly undo: boolean;
}

export async function planned(asked: Asked): Promise<{ readonly plan: Plan; readonly wanted: readonly Wanted[] }> {
  const { api, cluster, options, checks, undo } = asked;
  const unknown = await refuseOtherCluster(api, cluster);
  if (unknown !== null) throw unanswered(unknown, asked);
  const seen = await look(api, cluster);
  if (!seen.ok) throw unanswered(seen.failure, asked);
  if (undo) return { plan: planOf({ cluster, options, wanted: [], checked: new Map(), seen: seen.value }), wanted: [] };
  const { facts, answers } = await checks();
  const wanted = inOrder(
    wantedOf(asked, seen.value, () => pendingIn(facts)),
    cluster,
    seen.value,
  );
  const checked = new Map(wanted.map(({ node }) => [node, answers(node, 'before')]));
  return { plan: planOf({ cluster, options, wanted, checked, seen: seen.value }), wanted };
}

function unanswered(why: Failure, { api, cluster }: Asked): OperatorError {
  const next =
    why.kind === 'forbidden'
      ? 'selfheal reboot --print-role | kubectl apply -f -   # by an administrator: the rights of the group selfheal-reboot'
      : inContext(whereSilent(cluster, why) ?? nextAfter(why), api.context);
  return new OperatorError(`${placeOf(api)}: expected an answer, got ${why.message}`, [next]);
}

/** @throws OperatorError where nobody says which nodes, and no host can; where others are named than are under way. */
function wantedOf(
  { cluster, named, reason }: Asked,
  seen: Seen,
  pending: () => ReturnType<typeof pendingIn>,
): readonly Wanted[] {
  refuseOtherThanBegun(named, seen);
  if (named.length > 0) return named.map((node) => ({ node, reason: reason ?? 'somebody asked for it' }));
  if (reason !== undefined) return cluster.nodes.map(({ name: node }) => ({ node, reason }));
  const { wanted, unknown } = pending();
  const [first, ...more] = unknown;
  // What was begun goes before, and the node that is away for it is one that cannot be told of.
  if (first === undefined || isBegun(seen)) return wanted;
  throw new OperatorError(`hosts: expected each to say whether a reboot waits, got ${first}`, [
    ...more,
    ...wanted.map(({ node, reason: why }) => `host ${node}: ${why}`),
    'mend that, or name the nodes with --node, or all of them with --reason',
  ]);
}

/** A roll that stands unfinished goes before another: others than those named would be rebooted, and those named not. */
function refuseOtherThanBegun(named: readonly string[], seen: Seen): void {
  const roll = rollOn(seen.lease);
  if (named.length === 0 || roll === null || !isBegun(seen)) return;
  const open = remaining(roll, seen);
  if (named.every((node) => roll.nodes.includes(node)) && open.every((node) => named.includes(node))) return;
  throw new OperatorError(
    `--node: expected ${roll.nodes.join(', ')}, or none, while the roll of ${roll.by} stands unfinished, got ${named.join(', ')}`,
    [
      `it is for: ${roll.reason}; still to go: ${open.join(', ') || 'none'}`,
      'selfheal reboot --apply without --node goes on with it; selfheal reboot --undo takes back what stands',
    ],
  );
}

function inOrder(wanted: readonly Wanted[], cluster: Cluster, seen: Seen): readonly Wanted[] {
  const order = orderedNodes(cluster, seen);
  return wanted.toSorted((a, b) => order.indexOf(a.node) - order.indexOf(b.node));
}

export function rollOptions({ reboots, jiva, longhorn }: Cluster): RollOptions {
  return {
    protected: reboots.protected,
    mayBeDown: reboots.mayBeDown,
    bare: reboots.barePods,
    volumes: jiva !== null || longhorn !== null,
    fixedOrder: reboots.order !== null,
    drainMs: reboots.drainDeadline.seconds * 1_000,
    bootMs: reboots.bootDeadline.seconds * 1_000,
    verifyMs: reboots.verifyDeadline.seconds * 1_000,
    settleMs: reboots.settle.seconds * 1_000,
  };
}
