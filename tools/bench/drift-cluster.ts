/**
 * A cluster to look for drift in, until its input ends: the homelab as synthesized and applied, and 1,000 objects more.
 *
 * Prints a line of JSON with what is needed to look.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readTree } from '../../src/argo/read-tree.js';
import { tracked } from '../../src/ops/drift/tracking.js';
import { startBench } from '../../test/live-cluster/bench/bench.js';
import { pathOf } from '../../test/live-cluster/bench/tools.js';
import { generatedDist } from '../../test/live-cluster/support/committed.js';
import { homelabWorld } from '../../test/live-cluster/world/homelab.js';
import { nodesOf } from '../../test/live-cluster/world/nodes.js';
import { homelab } from '../../test/support/clusters.js';

const MANAGER = 'argocd-controller';
const cluster = homelab();
const bench = await startBench({ nodes: nodesOf(cluster) });
try {
  homelabWorld(bench, cluster);
  bench.kubectl(['create', 'namespace', 'many']);
  const { applications } = readTree(generatedDist(cluster, cluster.gitops.repoUrl), '');
  const described = applications.flatMap((application) =>
    application.objects.map(({ manifest }) => tracked(manifest, application, null)),
  );
  const many = Array.from({ length: 1_000 }, (_, index) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { namespace: 'many', name: `object-${index}` },
    data: { value: 'as described' },
  }));
  // Not validated here: a patch of a foreign object is no whole one.
  const how = ['--server-side', '--force-conflicts', `--field-manager=${MANAGER}`, '--validate=false', '--filename=-'];
  for (const items of [described, many])
    bench.kubectl(['apply', ...how], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  const folderOf = (name: string, objects: readonly object[]): string => {
    const folder = join(bench.folder, name);
    mkdirSync(folder);
    objects.forEach((object, index) => {
      writeFileSync(join(folder, `${index}.json`), JSON.stringify(object));
    });
    return folder;
  };
  console.log(
    JSON.stringify({
      kubeconfig: bench.kubeconfig,
      kubectl: pathOf('kubectl'),
      layer: folderOf('layer', described),
      many: folderOf('many', many),
    }),
  );
  process.stdin.resume();
  await new Promise((ended) => process.stdin.on('end', ended));
} finally {
  await bench.close();
}
