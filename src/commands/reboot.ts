/** `selfheal reboot`: one node after the other, each looked at before and after. Without --apply it is a plan. */
import type { Cluster } from '../cluster/cluster.js';
import { OperatorError } from '../errors.js';
import type { KubeApi } from '../live/kube-api.js';
import { orderedNodes, type Plan, planOf, verdictOfPlan, type Wanted } from '../ops/reboot/plan.js';
import { planText } from '../ops/reboot/plan-text.js';
import type { RollOptions, Seen } from '../ops/reboot/state.js';
import { loadDescriptions } from '../synth/load-clusters.js';
import { CLUSTER_FLAGS, CLUSTER_FLAGS_HELP, connectOptions, connectTo } from './cluster-flags.js';
import type { Command } from './command.js';
import { meantCluster, refuseOtherCluster } from './described-cluster.js';
import { chosen, chosenOutput, clustersFolder, readFlags } from './flags.js';
import { applyRoll } from './reboot-apply.js';
import { type AskChecks, createChecks, pendingIn } from './reboot-checks.js';
import { look } from './reboot-look.js';

const { timeout: _, ...WHICH } = CLUSTER_FLAGS;

const FLAGS = {
  ...WHICH,
  node: { type: 'string', multiple: true },
  reason: { type: 'string' },
  apply: { type: 'boolean' },
  undo: { type: 'boolean' },
  cluster: { type: 'string' },
  clusters: { type: 'string' },
  output: { type: 'string', short: 'o' },
} as const;

/** For one question; a roll must not act on what it saw longer ago. */
const QUESTION = '10s';

export const reboot: Command = {
  help: `Usage: selfheal reboot --context NAME [--cluster NAME] [--node NODE]... [--reason TEXT] [--apply] [-o text|json]
       selfheal reboot --context NAME [--cluster NAME] --undo [--apply]

Reboots nodes one after the other, agents first and who leads the control plane last. Without --apply it says what it
would do, and changes nothing. For each node: check, lock, cordon, drain through the eviction API, reboot by a Job that
enters the host, wait for another boot, verify by the same check, uncordon, settle. The first thing that is not as
expected stops it. A node that a person has cordoned is never uncordoned, and never is more than one down.

Stopped at any instant, the next call goes on from what stands in the cluster; --undo takes it back instead. Ctrl-C ends
it after what is being written; a second one at once.

${CLUSTER_FLAGS_HELP.split('\n').slice(0, 2).join('\n')}
  --apply              do it
  --node NODE          this one; may be given again (default: those whose hosts wait for a reboot; with --reason all)
  --reason TEXT        why, for whoever finds a node marked
  --undo               take back what an unfinished roll left, where that is safe
  --cluster NAME       which description, where there are several
  --clusters FOLDER    where the descriptions are (default: src/clusters if there is one, else clusters)
  -o, --output FORMAT  text (default) or json

Deadlines, protected workloads and who is told are described: reboots, in the description.

Exit status: 0 done or nothing to do, 1 stopped or something is in the way, 2 something cannot be told, wrong input,
usage, or another cluster than the described one.

  # what would happen
  selfheal reboot --context attic --cluster attic

  # reboot what waits for it
  selfheal reboot --context attic --cluster attic --apply`,

  async run(args, io) {
    const given = readFlags(args, FLAGS);
    const { node = [], reason, undo = false, apply = false } = given;
    const output = chosenOutput(given.output ?? 'text', ['text', 'json']);
    if (undo && (node.length > 0 || reason !== undefined))
      throw new OperatorError('--undo: expected no --node and no --reason with it, got one', [
        'it takes all of it back',
      ]);
    const { cluster } = meantCluster(await loadDescriptions(clustersFolder(given.clusters, io)), given.cluster);
    const names = new Map(cluster.nodes.map(({ name }) => [name, name]));
    const named = [...new Set(node.map((name) => chosen('--node', name, names)))];
    const which = { context: given.context, kubeconfig: given.kubeconfig, timeout: QUESTION };
    const options = rollOptions(cluster);
    if (!apply) {
      const api = await connectTo(which, io);
      return closing(api, async () => {
        const checks = createChecks(api, cluster);
        const { plan } = await planned({ api, cluster, options, checks, named: undo ? [] : named, reason, undo });
        if (output === 'json') io.out(JSON.stringify({ verdict: verdictOfPlan(plan), ...plan }, undefined, 2));
        else for (const line of planText(plan, placeOf(api))) io.out(line);
        return { clear: 0, blocked: 1, unknown: 2 }[verdictOfPlan(plan)] as 0 | 1 | 2;
      });
    }
    // Loaded here: what only reads cannot reach what writes.
    const [{ connectToAct }, { targetOf }] = await Promise.all([
      import('../live/act.js'),
      import('../live/connect.js'),
    ]);
    const api = connectToAct(targetOf(connectOptions(which, io)));
    return closing(api, async () => {
      const checks = createChecks(api, cluster);
      const { plan, wanted } = await planned({ api, cluster, options, checks, named, reason, undo });
      for (const line of planText(plan, placeOf(api)).slice(0, -1)) io.err(line);
      return applyRoll({ api, cluster, options, checks, wanted, undo, output, reason: reason ?? null }, io);
    });
  },
};

const placeOf = ({ server, context }: KubeApi): string => `${server} (context ${context})`;

async function closing<T>(api: KubeApi, body: () => Promise<T>): Promise<T> {
  try {
    return await body();
  } finally {
    api.close();
  }
}

interface Asked {
  readonly api: KubeApi;
  readonly cluster: Cluster;
  readonly options: RollOptions;
  readonly checks: AskChecks;
  readonly named: readonly string[];
  readonly reason: string | undefined;
  readonly undo: boolean;
}

async function planned(asked: Asked): Promise<{ readonly plan: Plan; readonly wanted: readonly Wanted[] }> {
  const { api, cluster, options, checks, undo } = asked;
  const unknown = await refuseOtherCluster(api, cluster);
  const seen = await look(api, cluster);
  if (unknown !== null || !seen.ok) {
    const why = unknown ?? (seen.ok ? '' : seen.failure.message);
    throw new OperatorError(`${placeOf(api)}: expected an answer, got ${why}`);
  }
  if (undo) return { plan: planOf({ cluster, options, wanted: [], checked: new Map(), seen: seen.value }), wanted: [] };
  const { facts, answers } = await checks();
  const wanted = inOrder(
    wantedOf(asked, () => pendingIn(facts)),
    cluster,
    seen.value,
  );
  const checked = new Map(wanted.map(({ node }) => [node, answers(node, 'before')]));
  return { plan: planOf({ cluster, options, wanted, checked, seen: seen.value }), wanted };
}

/** @throws OperatorError where nobody says which nodes, and no host can. */
function wantedOf({ cluster, named, reason }: Asked, pending: () => ReturnType<typeof pendingIn>): readonly Wanted[] {
  if (named.length > 0) return named.map((node) => ({ node, reason: reason ?? 'somebody asked for it' }));
  if (reason !== undefined) return cluster.nodes.map(({ name: node }) => ({ node, reason }));
  const { wanted, unknown } = pending();
  const [first, ...more] = unknown;
  if (first === undefined) return wanted;
  throw new OperatorError(`--node: expected the nodes that are meant, got none, and ${first}`, [
    ...more,
    'name them with --node, or all of them with --reason',
  ]);
}

function inOrder(wanted: readonly Wanted[], cluster: Cluster, seen: Seen): readonly Wanted[] {
  const order = orderedNodes(cluster, seen);
  return wanted.toSorted((a, b) => order.indexOf(a.node) - order.indexOf(b.node));
}

function rollOptions({ reboots }: Cluster): RollOptions {
  return {
    protected: reboots.protected,
    mayBeDown: reboots.mayBeDown,
    bare: reboots.barePods,
    fixedOrder: reboots.order !== null,
    drainMs: reboots.drainDeadline.seconds * 1_000,
    bootMs: reboots.bootDeadline.seconds * 1_000,
    verifyMs: reboots.verifyDeadline.seconds * 1_000,
    settleMs: reboots.settle.seconds * 1_000,
  };
}
