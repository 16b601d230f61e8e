/**
 * What of OpenEBS Jiva stands in a cluster.
 *
 * Its operator makes for each volume a Deployment `<volume>-jiva-ctrl`, a StatefulSet `<volume>-jiva-rep` and a
 * PodDisruptionBudget of the replicas, and writes into the JivaVolume what the controller says of each replica. The
 * Jiva before the operator named its pods `<volume>-ctrl-…` and `<volume>-rep-…`.
 */
import { listAt, numberAt, textAt } from '../../manifest/json.js';
import type { Answer, LiveObject } from '../../manifest/live-object.js';
import type { CheckFacts } from './facts.js';
import { isReady, nodeOf } from './live.js';
import { isTerminating } from './pod.js';

const VOLUME = 'openebs.io/persistent-volume';
const COMPONENT = 'openebs.io/component';

interface JivaPod {
  readonly part: 'controller' | 'replica';
  readonly volume: string;
}

/** Null: no pod of a volume. */
export function jivaPod({ metadata: { name, labels = {} } }: LiveObject): JivaPod | null {
  const [, nameVolume, part] = /^(.+?)(?:-jiva)?-(ctrl|rep)-/.exec(name) ?? [];
  const component = labels[COMPONENT];
  const volume = labels[VOLUME] ?? nameVolume;
  if (volume === undefined) return null;
  if (component === 'jiva-controller' || (component === undefined && part === 'ctrl'))
    return { part: 'controller', volume };
  if (component === 'jiva-replica' || (component === undefined && part === 'rep')) return { part: 'replica', volume };
  return null;
}

/** What the published definition serves, and what its source has had since. */
export function jivaVolumes(of: CheckFacts['of']): Answer<readonly LiveObject[]> {
  const answers = [of('jivaVolumes'), of('jivaVolumesV1')];
  const failed = answers.find((answer) => !answer.ok && answer.failure.kind !== 'unknown-kind');
  const found = answers.filter((answer) => answer.ok);
  if (failed !== undefined) return failed;
  const [first] = answers;
  if (found.length === 0 && first !== undefined) return first;
  // A server that serves both has each of them twice.
  return {
    ok: true,
    value: [...new Map(found.flatMap(({ value }) => value).map((each) => [each.metadata.uid, each])).values()],
  };
}

export interface JivaReplicas {
  readonly wanted: number;
  readonly quorum: number;
  /** Read and write, on a pod that is Ready. By node; null where nobody can say on which. */
  readonly healthy: readonly (string | null)[];
  /** Being filled: `WO`. */
  readonly rebuilding: number;
}

export function replicasOf(volume: LiveObject, pods: readonly LiveObject[], usual: number): JivaReplicas {
  const wanted =
    numberAt(volume.spec, 'desiredReplicationFactor') ??
    numberAt(volume.spec, 'policy', 'target', 'replicationFactor') ??
    usual;
  const byAddress = new Map(pods.map((pod) => [textAt(pod.status, 'podIP') ?? '', pod]));
  const statuses = listAt(volume.status, 'replicaStatus');
  const healthy = statuses
    .filter((each) => textAt(each, 'mode') === 'RW')
    .flatMap((each): readonly (string | null)[] => {
      const host = hostOf(textAt(each, 'address') ?? '');
      const pod = host === undefined ? undefined : byAddress.get(host);
      if (pod === undefined) return [null];
      return isReady(pod) && !isTerminating(pod) ? [nodeOf(pod) ?? null] : [];
    });
  return {
    wanted,
    quorum: Math.floor(wanted / 2) + 1,
    healthy,
    rebuilding: statuses.filter((each) => textAt(each, 'mode') === 'WO').length,
  };
}

/** Of `tcp://10.1.216.73:9502`; the scheme and the port may be missing. */
const hostOf = (address: string): string | undefined =>
  /^(?:[a-z]+:\/\/)?(\[[^\]]+\]|[^:/]+)(?::\d+)?$/.exec(address)?.[1]?.replace(/^\[(.*)\]$/, '$1');
