/** `selfheal check`: does a live cluster have what the description counts on? Reads, and changes nothing. */
import type { Cluster } from '../cluster/cluster.js';
import type { KubeApi } from '../live/kube-api.js';
import { jsonResults, markdownResults, textResults } from '../ops/check/report.js';
import { type CheckResult, verdictOf } from '../ops/check/result.js';
import { loadDescriptions } from '../synth/load-clusters.js';
import { checkPatchOwnership } from './check-patch-ownership.js';
import { CLUSTER_FLAGS, CLUSTER_FLAGS_HELP, connectTo } from './cluster-flags.js';
import type { Command } from './command.js';
import { meantCluster, refuseOtherCluster, unknownCluster } from './described-cluster.js';
import { chosen, clustersFolder, readFlags } from './flags.js';

interface Check {
  readonly id: string;
  /** One line for the list of checks. */
  readonly summary: string;
  readonly run: (cluster: Cluster, api: KubeApi) => Promise<readonly CheckResult[]>;
}

/** What a later check adds itself to. */
const CHECKS: readonly Check[] = [
  {
    id: 'patch-ownership',
    summary: 'who owns the fields of each object that is patched, and whether partial or whole is right',
    run: checkPatchOwnership,
  },
];

const OUTPUTS = new Map([
  ['text', textResults],
  ['json', jsonResults],
  ['markdown', markdownResults],
]);

const FLAGS = {
  ...CLUSTER_FLAGS,
  cluster: { type: 'string' },
  clusters: { type: 'string' },
  only: { type: 'string', multiple: true },
  output: { type: 'string', short: 'o' },
} as const;

export const check: Command = {
  help: `Usage: selfheal check --context NAME [--cluster NAME] [--only CHECK]... [-o text|json|markdown] [place]

Asks a live cluster the questions on which a description depends, before Argo CD has to. Each answer is pass, fail or
unknown; unknown is never taken for pass. It writes nothing, and reads no Secret.

${CHECKS.map(({ id, summary }) => `  ${id}  ${summary}`).join('\n')}

${CLUSTER_FLAGS_HELP}
  --only CHECK         this one; may be given again
  --cluster NAME       which description, where there are several
  --clusters FOLDER    where the descriptions are (default: src/clusters if there is one, else clusters)
  -o, --output FORMAT  text (default), json, or markdown for an issue

Exit status: 0 all passed, 1 something failed, 2 something could not be told, wrong input, usage, or another cluster than
the described one.

  # before the first sync: will Argo CD be able to patch what is there?
  selfheal check --context attic --cluster attic --only patch-ownership`,

  async run(args, io) {
    const { cluster: name, clusters, only = [], output = 'text', ...flags } = readFlags(args, FLAGS);
    const known = new Map(CHECKS.map((each) => [each.id, each]));
    const asked = only.length === 0 ? CHECKS : only.map((id) => chosen('--only', id, known));
    const format = chosen('--output', output, OUTPUTS);
    const { cluster } = meantCluster(await loadDescriptions(clustersFolder(clusters, io)), name);
    const api = await connectTo(flags, io);
    try {
      const results = await answered(cluster, api, asked);
      for (const line of format(results)) io.out(line);
      return { pass: 0, fail: 1, unknown: 2 }[verdictOf(results)] as 0 | 1 | 2;
    } finally {
      api.close();
    }
  },
};

async function answered(cluster: Cluster, api: KubeApi, asked: readonly Check[]): Promise<readonly CheckResult[]> {
  const unknown = await refuseOtherCluster(api, cluster);
  return [
    ...(unknown === null ? [] : [unknownCluster(cluster, unknown)]),
    ...(await Promise.all(asked.map(({ run }) => run(cluster, api)))).flat(),
  ];
}
