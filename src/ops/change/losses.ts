/** What is lost with an object that Argo CD deletes, by its kind. */

import { configMapsOf, workloadsOf } from '../../guardrails/workloads.js';
import { at, numberAt, textAt } from '../../manifest/json.js';
import { nameOf } from '../../manifest/live-object.js';
import type { Manifest } from '../../manifest/manifest.js';
import { counted, listed } from '../words.js';
import type { Placed } from './placed.js';
import { nodesOf } from './rollout.js';

/** `staying`: of all clusters. */
export function lossOf(lost: Placed, staying: readonly Placed[]): readonly string[] {
  const { manifest, ref } = lost;
  switch (ref.kind) {
    case 'Namespace':
      return ['Everything in the namespace is deleted with it, whoever made it.'];
    case 'CustomResourceDefinition':
      return [
        `Every ${textAt(manifest.spec, 'names', 'kind') ?? 'object of this kind'} of the cluster is deleted with it.`,
      ];
    case 'PersistentVolumeClaim':
      return ['Its data are deleted with it, unless the volume is kept (reclaim policy Retain).'];
    case 'PersistentVolume':
      return ['What is stored on it is bound to no claim any more.'];
    case 'StatefulSet':
      return [
        `${podsOf(manifest)} ${at(manifest.spec, 'persistentVolumeClaimRetentionPolicy', 'whenDeleted') === 'Delete' ? 'Its claims and their data are deleted too.' : 'Its claims and their data stay.'}`,
      ];
    case 'Deployment':
    case 'ReplicaSet':
    case 'DaemonSet':
    case 'Pod':
      return [podsOf(manifest)];
    case 'CronJob':
      return ['It runs no more, and a run that is under way is ended.'];
    case 'Job':
      return ['If it still runs, it is ended.'];
    case 'NetworkPolicy':
      return ['What it forbade is allowed, unless another policy selects the same pods.'];
    case 'Service':
      return ['Its name and its address lead nowhere.'];
    case 'Secret':
      return ['Its values are deleted with it: the cluster alone may have them.'];
    case 'ConfigMap':
      return namedStill(lost, staying);
    default:
      return [];
  }
}

function podsOf({ kind, spec }: Manifest): string {
  if (kind === 'DaemonSet') {
    const nodes = nodesOf(at(spec, 'template', 'spec'));
    return nodes === undefined ? 'Its pods on all nodes end.' : `Its pods on ${listed(nodes)} end.`;
  }
  const replicas = kind === 'Pod' ? 1 : (numberAt(spec, 'replicas') ?? 1);
  return replicas === 1 ? 'Its pod ends.' : `Its ${counted(replicas, 'pod')} end.`;
}

function namedStill(lost: Placed, staying: readonly Placed[]): readonly string[] {
  const readers = workloadsReading(lost, staying);
  return readers.length === 0
    ? []
    : [
        `${listed(readers.map(({ ref }) => nameOf(ref)))} still ${readers.length === 1 ? 'names' : 'name'} it: a new pod will not start without it.`,
      ];
}

/** Workloads that a ConfigMap is mounted in. */
export const workloadsReading = ({ ref, cluster }: Placed, staying: readonly Placed[]): readonly Placed[] =>
  staying.filter(
    (each) =>
      each.cluster === cluster &&
      each.ref.namespace === ref.namespace &&
      workloadsOf([{ application: '', manifest: each.manifest }]).some((workload) =>
        configMapsOf(workload).includes(ref.name),
      ),
  );
