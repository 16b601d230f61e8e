/** `selfheal reboot`: one node after the other, each looked at before and after. Without --apply it is a plan. */
import { OperatorError } from '../errors.js';
import type { KubeApi } from '../live/kube-api.js';
import { verdictOfPlan } from '../ops/reboot/plan.js';
import { planText } from '../ops/reboot/plan-text.js';
import { loadDescriptions } from '../synth/load-clusters.js';
import { renderCluster } from '../synth/render.js';
import { CLUSTER_FLAGS, CLUSTER_FLAGS_HELP, connectOptions, connectTo } from './cluster-flags.js';
import type { Command } from './command.js';
import { meantCluster } from './described-cluster.js';
import { chosen, chosenOutput, clustersFolder, readFlags } from './flags.js';
import { applyRoll } from './reboot-apply.js';
import { createChecks } from './reboot-checks.js';
import { placeOf, planned, rollOptions } from './reboot-planned.js';
import { refuseUnreachable } from './reboot-reachable.js';

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
enters the host or over SSH where that is described, wait for another boot, verify by the same check, uncordon, settle.
The first thing that is not as expected stops it. A node that a person has cordoned is never uncordoned, and never is
more than one down.

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
        const checks = createChecks(api, cluster, async () => renderCluster(cluster));
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
      const checks = createChecks(api, cluster, async () => renderCluster(cluster));
      const { plan, wanted } = await planned({ api, cluster, options, checks, named, reason, undo });
      for (const line of planText(plan, placeOf(api)).slice(0, -1)) io.err(line);
      if (!undo) await refuseUnreachable({ api, cluster, wanted }, io);
      return applyRoll(
        { api, cluster, options, checks, wanted, undo, output, reason: reason ?? null, mayBegin: null },
        io,
      );
    });
  },
};

async function closing<T>(api: KubeApi, body: () => Promise<T>): Promise<T> {
  try {
    return await body();
  } finally {
    api.close();
  }
}
