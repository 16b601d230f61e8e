/** What the pod mounts: the program, and the description that it works by. */
import { createHash } from 'node:crypto';
import { ApiObject, Lazy } from 'cdk8s';
import { k8s } from 'cdk8s-plus-28';
import type { ApplicationChart } from '../../argo/application-chart.js';
import { FOREIGN } from '../../argo/sync-options.js';
import type { Cluster } from '../../cluster/cluster.js';
import { writeCluster } from '../../cluster/transfer.js';
import { at } from '../../manifest/json.js';
import type { PlacedManifest } from '../../manifest/manifest.js';
import { readRollProgram } from '../script.js';
import { DESCRIPTION, LABELS, NAMESPACE, PROGRAM } from './names.js';

export const PROGRAM_FILE = 'rolling-reboot.cjs';

/** Returns the fingerprint of all of it, which can be told when objects are written. */
export function addFiles(
  chart: ApplicationChart,
  cluster: Cluster,
  others: () => readonly PlacedManifest[],
): () => string {
  const program = readRollProgram();
  const description = () => ({ 'cluster.json': writeCluster(cluster), 'rendered.json': rendered(others()) });
  new k8s.KubeConfigMap(chart, 'Program', {
    metadata: { name: PROGRAM, namespace: NAMESPACE, labels: LABELS },
    data: { [PROGRAM_FILE]: program },
  });
  new ApiObject(chart, 'Description', {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: DESCRIPTION, namespace: NAMESPACE, labels: LABELS },
    data: Lazy.any({ produce: description }),
  });
  return () =>
    createHash('sha256')
      .update([program, ...Object.values(description())].join('\0'))
      .digest('hex');
}

/** What checks read of what is rendered: names of Applications, the DaemonSets of hosts, and patches of others' objects. */
function rendered(all: readonly PlacedManifest[]): string {
  const asked = all.flatMap(({ application, manifest }): readonly PlacedManifest[] => {
    const { apiVersion, kind, metadata } = manifest;
    if (metadata.annotations?.[FOREIGN] !== undefined) return [{ application, manifest }];
    const named = { apiVersion, kind, metadata: { name: metadata.name } };
    if (kind === 'Application') return [{ application, manifest: named }];
    if (kind !== 'DaemonSet') return [];
    // What its hosts are brought: the hash of it.
    const annotations = at(manifest, 'spec', 'template', 'metadata', 'annotations') ?? {};
    return [{ application, manifest: { ...named, spec: { template: { metadata: { annotations } } } } }];
  });
  return JSON.stringify(asked, undefined, 1);
}
