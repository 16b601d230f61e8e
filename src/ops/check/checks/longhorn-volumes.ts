/** Whether Longhorn's volumes are whole, and whether the node that is to go down takes the last copy of one along. */
import { textAt } from '../../../manifest/json.js';
import type { Answer, LiveObject } from '../../../manifest/live-object.js';
import { counted, listed } from '../../words.js';
import type { CheckFacts, HealthCheck } from '../facts.js';
import { type LonghornVolume, longhornVolume, volumeName } from '../longhorn-volume.js';
import type { CheckResult } from '../result.js';
import { saying } from '../saying.js';

const ID = 'longhorn-volumes';
const say = saying(ID);

const DRAIN_POLICY = 'node-drain-policy';

export const longhornVolumesCheck: HealthCheck = {
  id: ID,
  summary: 'Longhorn volumes that are whole, and have a healthy replica elsewhere than on the node that is to go down',
  asks: ['longhornVolumes', 'longhornReplicas', 'longhornEngines', 'longhornNodes', 'longhornSettings'],
  applies: ({ longhorn }) => longhorn !== null,
  answer: ({ cluster: { longhorn }, node, of }) => {
    if (longhorn === null) return [];
    const { namespace } = longhorn;
    const subject = `Longhorn volumes in ${namespace}`;
    const read = everything(of, namespace);
    if (!read.ok) return [say.unknown(subject, read.failure)];
    const { volumes, nodes, policy } = read.value;
    if (nodes === 0)
      return [say.unknown(subject, `Longhorn knows no node in ${namespace}: its manager does not run there`)];
    const judged = volumes.flatMap((volume) => judge(volume, node) ?? []);
    const drain = node === null ? [] : draining(volumes, node, policy, namespace);
    if (judged.length + drain.length > 0) return [...judged, ...drain];
    const rest = node === null ? 'all whole' : `each with a healthy replica elsewhere than on ${node}`;
    return [
      say.pass(subject, volumes.length === 0 ? 'there is none' : `${counted(volumes.length, 'volume')}, ${rest}`),
    ];
  },
};

/** Whether a node that is back has its replicas again. A volume that is degraded and awaits none was so before. */
export const longhornRebuiltCheck: HealthCheck = {
  ...longhornVolumesCheck,
  answer: ({ cluster: { longhorn }, of }) => {
    if (longhorn === null) return [];
    const subject = `Longhorn volumes in ${longhorn.namespace}`;
    const read = everything(of, longhorn.namespace);
    if (!read.ok) return [say.unknown(subject, read.failure)];
    const judged = read.value.volumes
      .filter(({ robustness, rebuilding, away }) => robustness !== 'degraded' || rebuilding || away.length > 0)
      .flatMap((volume) => judge(volume, null) ?? []);
    return judged.length > 0 ? judged : [say.pass(subject, 'no replica is awaited')];
  },
};

interface Everything {
  readonly volumes: readonly LonghornVolume[];
  readonly nodes: number;
  /** Undefined: Longhorn has not written it down. */
  readonly policy: string | undefined;
}

function everything(of: CheckFacts['of'], namespace: string): Answer<Everything> {
  const [volumes, replicas, engines] = [of('longhornVolumes'), of('longhornReplicas'), of('longhornEngines')];
  const [nodes, settings] = [of('longhornNodes'), of('longhornSettings')];
  if (!volumes.ok) return volumes;
  if (!replicas.ok) return replicas;
  if (!engines.ok) return engines;
  if (!nodes.ok) return nodes;
  if (!settings.ok) return settings;
  const isIts = ({ metadata }: LiveObject): boolean => metadata.namespace === namespace;
  const setting = settings.value.find((each) => isIts(each) && each.metadata.name === DRAIN_POLICY);
  return {
    ok: true,
    value: {
      volumes: volumes.value
        .filter((volume) => isIts(volume) && volume.metadata.deletionTimestamp === undefined)
        .map((volume) => longhornVolume(volume, replicas.value, engines.value)),
      nodes: nodes.value.filter(isIts).length,
      policy: textAt(setting, 'value'),
    },
  };
}

/** Null: all is well with it. */
function judge(volume: LonghornVolume, node: string | null): CheckResult | null {
  const { object, state, robustness, healthy, away, unused, rebuilding } = volume;
  const subject = volumeName(object);
  const next = `kubectl -n ${object.metadata.namespace} get replicas.longhorn.io -l longhornvolume=${object.metadata.name} -o wide`;
  const fail = (expected: string, found: string): CheckResult => say.fail(subject, { expected, found, next });
  if (state === 'deleting') return null;
  if (robustness === 'faulted') return fail('a replica that has the data', 'robustness faulted: none has');
  if (state !== 'attached' && state !== 'detached')
    return say.unknown(
      subject,
      `it is on its way, in state ${state || 'nothing'}: ask again when it has arrived`,
      next,
    );
  if (state === 'detached' && unused) return null;
  if (healthy.length === 0)
    return fail('a replica that has the data', `none is healthy (${state}, robustness ${robustness})`);
  if (rebuilding)
    return fail('no replica that is being filled', `robustness ${robustness}, and a replica is being rebuilt`);
  if (node !== null) {
    // One that is there again is left alone for a while before it is rebuilt: nothing is being filled then.
    const missing = robustness === 'healthy' ? [] : away.filter((each) => each !== node);
    if (healthy.some((each) => each !== node && each !== ''))
      return missing.length === 0
        ? null
        : fail(
            `every replica elsewhere than on ${node} running`,
            `robustness ${robustness}, and none runs on ${listed(missing)}`,
          );
    return fail(
      `a healthy replica elsewhere than on ${node}`,
      healthy.includes(node) ? `the only one is on ${node} (${state})` : 'one on a node that Longhorn does not name',
    );
  }
  if (state === 'detached' || robustness === 'healthy') return null;
  if (robustness === 'degraded')
    return fail('robustness healthy', `degraded: ${counted(healthy.length, 'healthy replica')}`);
  return say.unknown(subject, `attached, and Longhorn says of its robustness ${robustness || 'nothing'}`, next);
}

/** Whether Longhorn will take its budget off the node's instance manager once the node is cordoned. */
function draining(
  volumes: readonly LonghornVolume[],
  node: string,
  policy: string | undefined,
  namespace: string,
): readonly CheckResult[] {
  const subject = `drain of node ${node}`;
  const stays = volumes.filter(({ attachedTo, users }) => attachedTo === node && users.length === 0);
  const copies = volumes.filter(({ healthy }) => healthy.includes(node));
  const setting = `kubectl -n ${namespace} get settings.longhorn.io ${DRAIN_POLICY} -o yaml`;
  return [
    ...(stays.length === 0
      ? []
      : [
          say.fail(subject, {
            expected: 'volumes that are attached only for pods',
            found: `attached to ${node} and used by no pod, so that no drain detaches them: ${listed(stays.map(({ claim }) => claim))}. Longhorn's budget stays until they are detached`,
            next: `kubectl -n ${namespace} get volumeattachments.longhorn.io -o yaml   # who holds them: a backup ends by itself`,
          }),
        ]),
    ...(policy === undefined
      ? [
          say.unknown(
            subject,
            `there is no Setting ${DRAIN_POLICY}: nobody knows when Longhorn lets a node go`,
            setting,
          ),
        ]
      : []),
    ...(policy === 'block-for-eviction' && copies.length > 0
      ? [
          say.fail(subject, {
            expected: `a ${DRAIN_POLICY} that lets a node go with its replicas`,
            found: `${policy}: the drain waits until Longhorn has moved ${counted(copies.length, 'replica')} elsewhere`,
            next: setting,
          }),
        ]
      : []),
  ];
}
