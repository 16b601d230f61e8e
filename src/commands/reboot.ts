/** `selfheal reboot`: one node after the other, each looked at before and after. Without --apply it is a plan. */
import type { KubeApi } from '../live/kube-api.js';
import { verdictOfPlan } from '../ops/reboot/plan.js';
import { beginText, planText, undoText } from '../ops/reboot/plan-text.js';
import { keptObjects } from '../synth/kept-objects.js';
import type { Command, Io } from './command.js';
import { printedManifests } from './printed-manifests.js';
import { applyRoll } from './reboot-apply.js';
import { createChecks } from './reboot-checks.js';
import { type RebootAsked, readRebootFlags } from './reboot-flags.js';
import { placeOf, planned, rollOptions } from './reboot-planned.js';
import { refuseUnreachable } from './reboot-reachable.js';
import { rebootRole } from './reboot-role.js';

export const reboot: Command = {
  help: `Usage: selfheal reboot --context NAME [--cluster NAME] [--node NODE]... [--reason TEXT] [--apply] [-o text|json]
       selfheal reboot --context NAME [--cluster NAME] --undo [--apply]
       selfheal reboot --print-role [--cluster NAME]

Reboots nodes one after the other, agents first and who leads the control plane last. Without --apply it says what it
would do, and changes nothing. For each node: check, lock, cordon, drain through the eviction API, reboot by a Job that
enters the host or over SSH where that is described, wait for another boot, verify by the same check, uncordon, settle.
The first thing that is not as expected stops it. A node that a person has cordoned is never uncordoned, and never is
more than one down.

Without --node and --reason those nodes go whose hosts say that a reboot waits: a newer kernel, kernel arguments that are
described, or what the distribution asks for. Where a host cannot be told of, nothing is guessed: name the nodes.

Stopped at any instant, the next call goes on from what stands in the cluster; --undo takes it back instead. Ctrl-C ends
it after what is being written; a second one at once.

  1. selfheal reboot --print-role, once: the rights that this needs, for whom is to do it
  2. selfheal reboot --context NAME: read what it would do
  3. selfheal reboot --context NAME --apply

  --context NAME       the context of the kubeconfig; always named, never the current one
  --kubeconfig FILE    where it stands (default: $KUBECONFIG, else ~/.kube/config)
  --apply              do it
  --node NODE          this one; may be given again, once for each node
  --reason TEXT        why, for whoever finds a node marked; without --node every node goes
  --undo               take back what an unfinished roll left, where that is safe
  --cluster NAME       which description, where there are several
  --clusters FOLDER    where the descriptions are (default: src/clusters if there is one, else clusters)
  -o, --output FORMAT  text (default) or json
  --print-role         print the rights that this needs, as YAML, and ask no cluster

Deadlines, protected workloads and who is told are described: reboots, in the description.

Exit status: 0 done or nothing to do, 1 stopped or something is in the way, 2 something cannot be told, wrong input,
usage, or another cluster than the described one.

  # what would happen
  selfheal reboot --context attic --cluster attic

  # reboot what waits for it
  selfheal reboot --context attic --cluster attic --apply

  # one node, because somebody says so
  selfheal reboot --context attic --node lamp --reason 'a new power supply' --apply`,

  async run(args, io) {
    const asked = await readRebootFlags(args, io);
    switch (asked.do) {
      case 'print-role':
        io.out(printedManifests(await rebootRole(asked.description)));
        return 0;
      case 'plan':
        return plan(asked, io);
      case 'apply':
        return apply(asked, io);
    }
  },
};

type Asked = Exclude<RebootAsked, { readonly do: 'print-role' }>;

async function plan(asked: Asked, io: Io) {
  const { which, undo, output } = asked;
  // Loaded here: a verb that asks no cluster does not pay for it.
  const { connect } = await import('../live/connect.js');
  return closing(connect(which), async (api): Promise<0 | 1 | 2> => {
    const { plan } = await planned(askingOf(api, asked));
    const verdict = verdictOfPlan(plan);
    if (output === 'json') io.out(JSON.stringify({ verdict, ...plan }, undefined, 2));
    else {
      const text = undo ? undoText(plan, placeOf(api)) : planText(plan, placeOf(api));
      const isToDo = undo ? plan.unfinished !== null || plan.stands.length > 0 : plan.nodes.length > 0;
      const next = isToDo && verdict === 'clear' ? ['with --apply it is done'] : [];
      for (const line of [...text, ...next, 'nothing has been changed']) io.out(line);
    }
    return ({ clear: 0, blocked: 1, unknown: 2 } as const)[verdict];
  });
}

async function apply(asked: Asked, io: Io) {
  const { which, reason, undo, output } = asked;
  // Loaded here: what only reads cannot reach what writes.
  const [{ connectToAct }, { targetOf }] = await Promise.all([import('../live/act.js'), import('../live/connect.js')]);
  return closing(connectToAct(targetOf(which)), async (api) => {
    const asking = askingOf(api, asked);
    const { plan, wanted } = await planned(asking);
    const text = undo ? undoText(plan, placeOf(api)) : beginText(plan, placeOf(api));
    for (const line of text) io.err(line);
    if (!undo) await refuseUnreachable({ ...asking, wanted }, io);
    return applyRoll({ ...asking, wanted, output, reason: reason ?? null, mayBegin: null }, io);
  });
}

function askingOf<Api extends KubeApi>(api: Api, { description, named, reason, undo }: Asked) {
  const { cluster } = description;
  const checks = createChecks(api, cluster, () => keptObjects(description));
  return { api, cluster, checks, named, reason, undo, options: rollOptions(cluster) };
}

async function closing<Api extends KubeApi, T>(api: Api, body: (api: Api) => Promise<T>): Promise<T> {
  try {
    return await body(api);
  } finally {
    api.close();
  }
}
