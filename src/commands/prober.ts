/** `selfheal prober`: what looks at the nodes from another host. */
import type { Cluster, Reachability } from '../cluster/cluster.js';
import { didYouMean, show } from '../cluster/parse/issue.js';
import { OperatorError } from '../errors.js';
import { proberScript } from '../layers/reachability/prober-script.js';
import { uptimeKumaBackup } from '../layers/reachability/uptime-kuma.js';
import { loadClusters } from '../synth/load-clusters.js';
import type { Command, Io } from './command.js';
import { clustersFolder, readFlags } from './flags.js';

const FLAGS = {
  'uptime-kuma': { type: 'boolean' },
  cluster: { type: 'string' },
  clusters: { type: 'string' },
} as const;

export const prober: Command = {
  help: `Usage: selfheal prober [--uptime-kuma] [place]

Prints a shell script for a Linux host outside the cluster. Run there as root, it installs a program and a timer that look
at every node of the description and tell somebody when one is silent. It asks nothing, has no secrets in it, and running it
again changes nothing. It prints; nothing is written here.

  1. print it into a file, and read it
  2. run it there: ssh HOST 'sudo sh' <FILE
  3. put the webhook's URL into the file that it names

  --uptime-kuma       instead, monitors for Uptime Kuma 1.x: Settings > Backup > Import (2.x cannot import)
  --cluster NAME      of this description, where several have reachability
  --clusters FOLDER   where the descriptions are (default: src/clusters if there is one, else clusters)

Exit status: 0 printed, 2 wrong input or usage.

  # the script for the only description with reachability
  selfheal prober
  # the same nodes for Uptime Kuma
  selfheal prober --uptime-kuma`,

  async run(args, io) {
    const { 'uptime-kuma': kuma = false, cluster, clusters } = readFlags(args, FLAGS);
    const found = await findReachability(clustersFolder(clusters, io), cluster);
    if (kuma) io.out(JSON.stringify(uptimeKumaBackup(found.reachability), undefined, 2));
    else for (const line of proberScript(found.name, found.reachability).trimEnd().split('\n')) io.out(line);
    narrate(found.reachability, kuma, io);
    return 0;
  },
};

function narrate({ notify }: Reachability, kuma: boolean, io: Io): void {
  if (kuma) {
    io.err(
      'choose "Keep both" and never "Overwrite", which deletes what is there; then give each monitor a notification',
    );
    return;
  }
  if (notify === null) io.err('it will tell nobody: the description has no reachability.notify');
  io.err("put it into a file, read it, and run it there: ssh HOST 'sudo sh' <FILE");
}

async function findReachability(
  folder: string,
  asked: string | undefined,
): Promise<{ readonly name: Cluster['name']; readonly reachability: Reachability }> {
  const described = (await loadClusters(folder)).flatMap(({ name, reachability }) =>
    reachability === null ? [] : [{ name, reachability }],
  );
  const names = described.map(({ name }) => name);
  const meant = described.filter(({ name }) => asked === undefined || name === asked);
  const [first] = meant;
  if (first !== undefined && meant.length === 1) return first;
  if (names.length === 0)
    throw new OperatorError(`clusters '${folder}': expected a description with reachability, got none`);
  throw new OperatorError(
    `--cluster: expected one with reachability in ${folder} (${names.join(', ')}), got ${show(asked)}${didYouMean(asked ?? '', names)}`,
  );
}
