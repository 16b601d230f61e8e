/** Clusters for tests: the two of the project, and one that nobody has. */
import type { Cluster } from '../../src/cluster/cluster.js';
import { parseCluster } from '../../src/cluster/parse/cluster.js';
import type { K3sClusterSpec } from '../../src/cluster/spec.js';
import homelabSpec from '../../src/clusters/homelab.js';
import pvek8sSpec from '../../src/clusters/pvek8s.js';
import type { Manifest } from '../../src/manifest/manifest.js';
import { renderCluster } from '../../src/synth/render.js';

export const homelab = (): Cluster => parsed(homelabSpec);
export const pvek8s = (): Cluster => parsed(pvek8sSpec);

/** An invented cluster of one node with nothing switched on. */
export const MINIMAL_SPEC = {
  name: 'attic',
  distribution: 'k3s',
  datastore: 'sqlite',
  gitops: { repoUrl: 'https://git.example/attic.git' },
  nodes: {
    lamp: {
      role: 'server',
      address: '192.0.2.7',
      timeZone: 'Europe/Vienna',
      architecture: 'amd64',
      board: 'generic',
      bootLoader: 'grub',
    },
  },
} as const satisfies K3sClusterSpec;

/** The invented cluster with some sections on top. */
export const minimal = (sections: Partial<K3sClusterSpec> = {}): Cluster => parsed({ ...MINIMAL_SPEC, ...sections });

/** Parses, and shows the issues where that fails. */
export function parsed(spec: unknown): Cluster {
  const result = parseCluster(spec);
  if (!result.ok) throw new Error(result.issues.map(({ path, message }) => `${path}: ${message}`).join('\n'));
  return result.value;
}

/** The manifests of a cluster, or of one of its Applications. */
export const objectsOf = (cluster: Cluster, application?: string): readonly Manifest[] =>
  renderCluster(cluster)
    .filter((object) => application === undefined || object.application === application)
    .map(({ manifest }) => manifest);
