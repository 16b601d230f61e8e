/**
 * What the finished objects bring to hosts, read from the texts that they carry.
 *
 * How node-bootstrap packs a file is its own business; a setting is found by what it says, as the host will read it.
 */
import type { Cluster, HostGroup } from '../cluster/cluster.js';
import { describe, type PlacedManifest } from '../manifest/manifest.js';
import { isScript, type Text } from './scripts.js';
import { configMapsOf, type Workload } from './workloads.js';

export interface HostPayload {
  /** The object, e.g. `ConfigMap kube-system/jarvis-node-bootstrap`. */
  readonly where: string;
  /** The nodes that get it; null where no DaemonSet of a host group mounts it. */
  readonly group: HostGroup | null;
  readonly object: PlacedManifest;
  /** What is not a script: settings, units, plans. */
  readonly texts: readonly Text[];
  readonly settings: readonly Setting[];
}

export interface Setting {
  /** E.g. `ConfigMap kube-system/jarvis-node-bootstrap, key 'watchdog.conf'`. */
  readonly where: string;
  readonly name: string;
  readonly value: string;
}

/** Each ConfigMap with each host group whose DaemonSet mounts it. */
export function hostPayloadsOf(
  cluster: Cluster,
  workloads: readonly Workload[],
  texts: readonly Text[],
): readonly HostPayload[] {
  const mounts = workloads
    .filter(({ kind }) => kind === 'DaemonSet')
    .map((workload) => ({ name: workload.manifest.metadata.name, mounted: new Set(configMapsOf(workload)) }));
  return [...new Set(texts.map(({ object }) => object))].flatMap((object): readonly HostPayload[] => {
    const owners = mounts
      .filter(({ mounted }) => mounted.has(object.manifest.metadata.name))
      .flatMap((owner) => cluster.hosts.find(({ name }) => name === owner.name) ?? []);
    const own = texts.filter((text) => text.object === object && !isScript(text));
    const payload = { where: describe(object.manifest), object, texts: own, settings: own.flatMap(settingsIn) };
    return owners.length === 0 ? [{ ...payload, group: null }] : owners.map((group) => ({ ...payload, group }));
  });
}

/** The `NAME=value` and `NAME = value` lines of a text, comments aside. */
export const settingsIn = ({ where, text }: Pick<Text, 'where' | 'text'>): readonly Setting[] =>
  text.split('\n').flatMap((line) => {
    const match = /^\s*([A-Za-z_][\w.-]*)\s*=\s*(.*?)\s*$/.exec(line);
    return match?.[1] === undefined ? [] : [{ where, name: match[1], value: match[2] ?? '' }];
  });
