/** What Longhorn says of one of its volumes, put together from the objects that it keeps it in. */
import { at, fieldsAt, listAt, textAt } from '../../manifest/json.js';
import { type LiveObject, nameOf, refOf } from '../../manifest/live-object.js';

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
  /** Names of nodes, one for each replica that should run there now and does not. */
  readonly away: readonly string[];
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
  const isHealthy = (replica: LiveObject): boolean =>
    hasData(replica) && (!attached || isRunning(replica, modes.get(replica.metadata.name)));
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
    healthy: replicas.filter(isHealthy).map(nodeOf),
    // One that was never placed is awaited nowhere.
    away: attached
      ? replicas
          .filter((each) => !isGoing(each) && !isHealthy(each))
          .map(nodeOf)
          .filter(Boolean)
      : [],
    unused: replicas.every(({ spec }) => text(spec, 'healthyAt') === '' && text(spec, 'failedAt') === ''),
    rebuilding:
      [...modes.values()].includes('WO') || rebuilds.some(([, rebuild]) => at(rebuild, 'isRebuilding') === true),
    claim: claimOf(object),
  };
}

/** `namespace/claim`, or its own name. */
export function claimOf({ metadata, status }: LiveObject): string {
  const claim = textAt(status, 'kubernetesStatus', 'pvcName') ?? '';
  return claim === '' ? metadata.name : `${textAt(status, 'kubernetesStatus', 'namespace') ?? ''}/${claim}`;
}

/** As a person knows it. */
export function volumeName(object: LiveObject): string {
  const claim = claimOf(object);
  return `${nameOf(refOf(object))}${claim === object.metadata.name ? '' : ` (claim ${claim})`}`;
}

const text = (spec: LiveObject['spec'], field: string): string => textAt(spec, field) ?? '';

const nodeOf = ({ spec }: LiveObject): string => text(spec, 'nodeID');

const isGoing = ({ metadata }: LiveObject): boolean => metadata.deletionTimestamp !== undefined;

const hasData = (replica: LiveObject): boolean =>
  !isGoing(replica) && text(replica.spec, 'healthyAt') !== '' && text(replica.spec, 'failedAt') === '';

/** While the engine runs, it is the one who knows. */
const isRunning = ({ status }: LiveObject, mode: unknown): boolean =>
  textAt(status, 'currentState') === 'running' && mode === 'RW';
