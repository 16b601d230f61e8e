/** `selfheal check`: is a live cluster healthy, may a node go down, and if not, why? Reads, and changes nothing. */

import { FOREIGN } from '../argo/sync-options.js';
import type { Cluster } from '../cluster/cluster.js';
import { didYouMean, show } from '../cluster/parse/issue.js';
import { OperatorError } from '../errors.js';
import { answersOf } from '../ops/check/answers.js';
import { CHECKS } from '../ops/check/checks/index.js';
import { diagnosisOf } from '../ops/check/diagnosis.js';
import type { HealthCheck } from '../ops/check/facts.js';
import { markdownReport } from '../ops/check/markdown.js';
import { checkRole } from '../ops/check/reader-role.js';
import { type CheckReport, jsonReport } from '../ops/check/report.js';
import { verdictOf } from '../ops/check/result.js';
import { textReport } from '../ops/check/text.js';
import { keptObjects } from '../synth/kept-objects.js';
import { type Description, loadDescriptions } from '../synth/load-clusters.js';
import { gatherFacts } from './check-facts.js';
import { CLUSTER_FLAGS, connectTo, readTimeout } from './cluster-flags.js';
import type { Command } from './command.js';
import { inContext, meantCluster, refuseOtherNodes, unknownCluster } from './described-cluster.js';
import { chosen, chosenOutput, clustersFolder, readFlags } from './flags.js';
import { listNodes } from './live-facts.js';
import { printedManifests } from './printed-manifests.js';

const OUTPUTS = ['text', 'json', 'markdown'] as const;

const FLAGS = {
  ...CLUSTER_FLAGS,
  cluster: { type: 'string' },
  clusters: { type: 'string' },
  node: { type: 'string' },
  only: { type: 'string', multiple: true },
  output: { type: 'string', short: 'o' },
  'print-role': { type: 'boolean' },
} as const;

const WIDTH = Math.max(...CHECKS.map(({ id }) => id.length));

export const check: Command = {
  help: `Usage: selfheal check --context NAME [--node NAME] [--only CHECK]... [-o text|json|markdown] [place]

Is this cluster healthy, may this node go down now, and if not, what is it? Each answer is pass, fail or unknown; unknown is
never taken for pass. All root causes are named first, then the one act that answers most of them. It writes nothing, and
reads no Secret.

  1. selfheal check --print-role, once: the rights that this needs, for whom is to look
  2. selfheal check --context NAME

${CHECKS.map(({ id, summary }) => `  ${id.padEnd(WIDTH)}  ${summary}`).join('\n')}

  --node NAME          may this node go down now: each check answers for the cluster without it
  --only CHECK         this one, with each thing that it looked at; may be given again
  --timeout T          the longest that all of it may take; what is not answered by then is unknown (default: 10s)
  --context NAME       the context of the kubeconfig; always named, never the current one
  --kubeconfig FILE    where it stands (default: $KUBECONFIG, else ~/.kube/config)
  --cluster NAME       which description, where there are several
  --clusters FOLDER    where the descriptions are (default: src/clusters if there is one, else clusters)
  -o, --output FORMAT  text (default), json, or markdown for an issue
  --print-role         print the rights that this needs, as YAML, and ask no cluster

Exit status: 0 all passed, 1 something failed, whatever else could not be told, 2 something could not be told, wrong input,
usage, or another cluster than the described one.

  # is it healthy?
  selfheal check --context attic
  # may lamp go down for a kernel update?
  selfheal check --context attic --node lamp
  # before the first sync: will Argo CD be able to patch what is there?
  selfheal check --context attic --cluster attic --only patch-ownership`,

  async run(args, io) {
    const { cluster: name, clusters, node = null, only = [], output = 'text', ...rest } = readFlags(args, FLAGS);
    const { 'print-role': printRole = false, timeout: given = '10s', ...flags } = rest;
    const known = new Map(CHECKS.map((each) => [each.id, each]));
    const asked = only.length === 0 ? CHECKS : [...new Set(only)].map((id) => chosen('--only', id, known));
    const form = chosenOutput(output, OUTPUTS);
    const timeout = readTimeout(given);
    const description = meantCluster(await loadDescriptions(clustersFolder(clusters, io)), name);
    const { cluster } = description;
    if (printRole) {
      io.out(await printedRole(description));
      return 0;
    }
    refuseUnknownNode(cluster, node);
    const checks = asked.filter(({ applies }) => applies?.(cluster) ?? true);
    const api = await connectTo({ ...flags, timeout: given }, io);
    try {
      const nodes = listNodes(api);
      const render = () => keptObjects(description);
      const facts = await gatherFacts(api, { cluster, node, checks, nodes, render, timeout });
      const unknown = refuseOtherNodes(facts.of('nodes'), cluster, api.context);
      const results = [
        ...(unknown === null ? [] : [unknownCluster(cluster, unknown)]),
        ...answersOf(checks, facts),
      ].map((result) => ({ ...result, next: inContext(result.next, api.context) }));
      const named = only.length === 0 ? null : asked.map(({ id }) => id);
      const diagnosis = diagnosisOf(cluster, results);
      for (const line of printed({ cluster: cluster.name, node, only: named, results, diagnosis }, form)) io.out(line);
      return ({ pass: 0, fail: 1, unknown: 2 } as const)[verdictOf(results)];
    } finally {
      api.close();
    }
  },
};

function printed(report: CheckReport, form: (typeof OUTPUTS)[number]): readonly string[] {
  if (form === 'json') return jsonReport(report);
  return form === 'markdown' ? markdownReport(report) : textReport(report);
}

function refuseUnknownNode({ nodes }: Cluster, node: string | null): void {
  const names = nodes.map(({ name }) => name);
  if (node === null || names.includes(node)) return;
  throw new OperatorError(`--node: expected one of ${names.join(', ')}, got ${show(node)}${didYouMean(node, names)}`);
}

/** For all checks that apply: a reader who may ask one of them alone is of no use. */
async function printedRole(description: Description): Promise<string> {
  const { cluster } = description;
  const objects = (await keptObjects(description)).map(({ manifest }) => manifest);
  const checks: readonly HealthCheck[] = CHECKS.filter(({ applies }) => applies?.(cluster) ?? true);
  const bootstrap = objects.find(
    ({ kind, metadata }) => kind === 'DaemonSet' && cluster.hosts.some((group) => group.name === metadata.name),
  );
  return printedManifests(
    checkRole(cluster, {
      checks,
      patched: objects.filter(({ metadata }) => metadata.annotations?.[FOREIGN] !== undefined),
      bootstrapNamespace: bootstrap?.metadata.namespace ?? null,
    }),
  );
}
