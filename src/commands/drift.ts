/** `selfheal drift`: is the live cluster still what the description says? Reads, and changes nothing. */
import { treeOf } from '../argo/read-tree.js';
import type { SyncedApplication } from '../argo/tree.js';
import { didYouMean, show } from '../cluster/parse/issue.js';
import { OperatorError } from '../errors.js';
import { filesOf } from '../manifest/layout.js';
import { driftOf } from '../ops/drift/drift.js';
import { markdownReport } from '../ops/drift/markdown.js';
import { readerRole } from '../ops/drift/reader-role.js';
import { type Report, statusOf } from '../ops/drift/report.js';
import { textReport } from '../ops/drift/text.js';
import { keptObjects } from '../synth/kept-objects.js';
import { type Description, loadDescriptions } from '../synth/load-clusters.js';
import { CLUSTER_FLAGS, CLUSTER_FLAGS_HELP, connectTo } from './cluster-flags.js';
import type { Command } from './command.js';
import { meantCluster, refuseOtherNodes } from './described-cluster.js';
import { chosenOutput, clustersFolder, readFlags } from './flags.js';
import { listNodes, lookAtCluster } from './live-facts.js';
import { printedManifests } from './printed-manifests.js';

const OUTPUTS = ['text', 'json', 'markdown'] as const;
type Output = (typeof OUTPUTS)[number];

const FLAGS = {
  ...CLUSTER_FLAGS,
  cluster: { type: 'string' },
  clusters: { type: 'string' },
  application: { type: 'string' },
  output: { type: 'string', short: 'o' },
  admission: { type: 'boolean' },
  'print-role': { type: 'boolean' },
} as const;

export const drift: Command = {
  help: `Usage: selfheal drift --context NAME [--cluster NAME] [--application NAME] [-o text|json|markdown] [place]

Renders the description in memory, reads each of its objects in the live cluster, and asks the API server what an apply by
Argo CD would change (a dry run), unless the record of owners says that it changes nothing. Also says what Git cannot see:
lost patches, missing protections, Applications that are stuck, hosts that node-bootstrap finds changed. It writes nothing,
here or there, and reads no Secret.

  1. selfheal drift --print-role, once: the rights that this needs, for whom is to look
  2. selfheal drift --context NAME

${CLUSTER_FLAGS_HELP}
  --cluster NAME       which description, where there are several
  --clusters FOLDER    where the descriptions are (default: src/clusters if there is one, else clusters)
  --application NAME   only this Application, as Argo CD names it
  --admission          ask about every object: finds what an admission webhook would change or refuse by now
  -o, --output FORMAT  text (default), json, or markdown for an issue
  --print-role         print the rights that this needs, as YAML, and ask no cluster

Exit status: 0 in step, 1 drift, whatever else could not be told, 2 no drift seen but something could not be told, wrong
input, usage, or another cluster than the described one.

  # is the cluster as Git says?
  selfheal drift --context attic
  # what a reader may do; bind it to a person or a CI job
  selfheal drift --print-role --cluster attic`,

  async run(args, io) {
    const {
      cluster: name,
      clusters: folder,
      application,
      output = 'text',
      admission: askAll = false,
      'print-role': printRole,
      ...flags
    } = readFlags(args, FLAGS);
    const form = chosenOutput(output, OUTPUTS);
    const describe = async () => {
      await eventLoop();
      const description = meantCluster(await loadDescriptions(clustersFolder(folder, io)), name);
      await eventLoop();
      return {
        cluster: description.cluster,
        applications: chosen(await describedApplications(description), application),
      };
    };
    if (printRole) {
      const { cluster, applications } = await describe();
      io.out(printedManifests(readerRole(cluster, applications)));
      return 0;
    }
    const api = await connectTo(flags, io);
    try {
      // Asked first: the connection is made while the description is rendered.
      const nodes = listNodes(api);
      const { cluster, applications } = await describe();
      const facts = await lookAtCluster(api, cluster, applications, { askAll, nodes });
      refuseOtherNodes(facts.nodes, cluster, api.context);
      const report = driftOf(facts);
      io.out(printed(report, form, api.context));
      return statusOf(report);
    } finally {
      api.close();
    }
  },
};

/** Lets the connection be made: rendering does not wait for anything. */
const eventLoop = (): Promise<void> => new Promise((turn) => setImmediate(turn));

/** Every Application of the description and its objects, without a file on a disk. */
const describedApplications = async (description: Description): Promise<readonly SyncedApplication[]> =>
  treeOf(filesOf(description.cluster.gitops.path, await keptObjects(description)), '').applications;

/** The Applications themselves are objects of the root: with one of them asked for, its own object is looked at as well. */
function chosen(applications: readonly SyncedApplication[], name: string | undefined): readonly SyncedApplication[] {
  if (name === undefined) return applications;
  const names = applications.map((application) => application.name);
  if (!names.includes(name))
    throw new OperatorError(
      `--application: expected one of ${names.join(', ')}, got ${show(name)}${didYouMean(name, names)}`,
    );
  return applications.flatMap((application) => {
    if (application.name === name) return [application];
    const own = application.objects.filter(
      ({ manifest: { kind, metadata } }) => kind === 'Application' && metadata.name === name,
    );
    return own.length === 0 ? [] : [{ ...application, objects: own }];
  });
}

function printed(report: Report, form: Output, context: string): string {
  if (form === 'text') return textReport(report).join('\n');
  if (form === 'markdown') return markdownReport(report).join('\n');
  const status = { 0: 'in-step', 1: 'drift', 2: 'cannot-tell' }[statusOf(report)];
  return JSON.stringify({ context, status, ...report }, undefined, 2);
}
