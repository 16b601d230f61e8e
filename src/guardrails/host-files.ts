/**
 * What the finished objects bring to hosts, read from the texts that they carry.
 *
 * How node-bootstrap packs a file is its own business; a setting is found by what it says, as the host will read it.
 */
import type { Cluster, HostGroup } from '../cluster/cluster.js';
import { describe, type PlacedManifest } from '../manifest/manifest.js';
import { configTextsOf, type Text } from './scripts.js';
import { configMapsOf, workloadsOf } from './workloads.js';

export interface HostPayload {
  /** The object, e.g. `ConfigMap kube-system/jarvis-node-bootstrap`. */
  readonly where: string;
  /** The nodes that get it; null where no DaemonSet of a host group mounts it. */
  readonly group: HostGroup | null;
  readonly texts: readonly Text[];
}

/** Each ConfigMap's texts and the host group whose DaemonSet mounts it. */
export function hostPayloadsOf(cluster: Cluster, objects: readonly PlacedManifest[]): readonly HostPayload[] {
  const mounts = workloadsOf(objects)
    .filter(({ kind }) => kind === 'DaemonSet')
    .map((workload) => ({ name: workload.manifest.metadata.name, mounted: new Set(configMapsOf(workload)) }));
  return objects
    .filter(({ manifest }) => manifest.kind === 'ConfigMap')
    .map((object) => {
      const owner = mounts.find(({ mounted }) => mounted.has(object.manifest.metadata.name));
      return {
        where: describe(object.manifest),
        group: cluster.hosts.find(({ name }) => name === owner?.name) ?? null,
        texts: configTextsOf([object]),
      };
    });
}

/** The values of a `NAME=value` or `NAME = value` line, comments aside. */
export function settingsIn(text: string, name: RegExp): readonly { readonly name: string; readonly value: string }[] {
  return text.split('\n').flatMap((line) => {
    const match = /^\s*([A-Za-z_][\w.-]*)\s*=\s*(.*?)\s*$/.exec(line);
    return match?.[1] !== undefined && name.test(match[1]) ? [{ name: match[1], value: match[2] ?? '' }] : [];
  });
}
