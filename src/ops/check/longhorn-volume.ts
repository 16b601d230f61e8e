/** What Longhorn says of one of its volumes, put together from the objects that it keeps it in. */
import { at, fieldsAt, listAt, textAt } from '../../manifest/json.js';
import type { LiveObject } from '../../manifest/live-object.js';

export interface LonghornVolume {
  readonly object: LiveObject;
  /** `attached`, `detached`, or one of the states between; empty where Longhorn has not looked at it. */
  readonly state: string;
  readonly robustness: string;
  /** Where its engine runs; empty while it is detached. */
  readonly attachedTo: string;
  /** Pods that use it now. */
  readonly users: readonly string[];
  /** Names of nodes, one for each replica that has the data. */
  readonly healthy: readonly string[];
  /** Nothing was ever written to it. */
  readonly unused: boolean;
  /** A replica of it is being filled. */
  readonly rebuilding: boolean;
  /** `namespace/claim`, or its own name. */
  readonly claim: string;
}

export function longhornVolume(
  object: LiveObject,
  allReplicas: readonly LiveObject[],
  allEngines: readonly LiveObject[],
): LonghornVolume {
  const { metadata, status } = object;
  const isIts = ({ spec }: LiveObject): boolean => textAt(spec, 'volumeName') === metadata.name;
  const replicas = allReplicas.filter(isIts);
  const modes = new Map(allEngines.filter(isIts).flatMap((engine) => fieldsAt(engine.status, 'replicaModeMap')));
  const rebuilds = allEngines.filter(isIts).flatMap((engine) => fieldsAt(engine.status, 'rebuildStatus'));
  const state = textAt(status, 'state') ?? '';
  const attached = state === 'attached';
  const kubernetes = at(status, 'kubernetesStatus');
  const claim = textAt(kubernetes, 'pvcName') ?? '';
  return {
    object,
    state,
    robustness: textAt(status, 'robustness') ?? '',
    attachedTo: textAt(status, 'currentNodeID') ?? '',
    // With a time of the last pod it is history.
    users:
      (textAt(kubernetes, 'lastPodRefAt') ?? '') === ''
        ? listAt(kubernetes, 'workloadsStatus').flatMap((each) => textAt(each, 'podName') ?? [])
        : [],
    healthy: replicas
      .filter((replica) => hasData(replica) && (!attached || isRunning(replica, modes.get(replica.metadata.name))))
      .map(({ spec }) => textAt(spec, 'nodeID') ?? ''),
    unused: replicas.every(({ spec }) => text(spec, 'healthyAt') === '' && text(spec, 'failedAt') === ''),
    rebuilding:
      [...modes.values()].includes('WO') || rebuilds.some(([, rebuild]) => at(rebuild, 'isRebuilding') === true),
    claim: claim === '' ? metadata.name : `${textAt(kubernetes, 'namespace') ?? ''}/${claim}`,
  };
}

const text = (spec: LiveObject['spec'], field: string): string => textAt(spec, field) ?? '';

const hasData = ({ metadata, spec }: LiveObject): boolean =>
  metadata.deletionTimestamp === undefined && text(spec, 'healthyAt') !== '' && text(spec, 'failedAt') === '';

/** While the engine runs, it is the one who knows. */
const isRunning = ({ status }: LiveObject, mode: unknown): boolean =>
  textAt(status, 'currentState') === 'running' && mode === 'RW';
