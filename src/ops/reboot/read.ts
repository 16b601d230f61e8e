/** A look at the cluster, of the objects as an API server returns them. */
import { at, listAt, numberAt, textAt } from '../../manifest/json.js';
import type { LiveObject } from '../../manifest/live-object.js';
import type { Json } from '../../manifest/manifest.js';
import { BOOT_ANNOTATION, LEASE, MARK_ANNOTATION, nodeOfJob, ROLL_ANNOTATION, readMark, readRoll } from './names.js';
import type { Seen, SeenJob, SeenLease, SeenNode, SeenPod, SeenWorkload, Taint } from './state.js';

/** Whole lists of their kinds, and of Jobs those in the namespace of the Lease. */
export interface Looked {
  readonly lease: LiveObject | null;
  readonly nodes: readonly LiveObject[];
  readonly pods: readonly LiveObject[];
  readonly jobs: readonly LiveObject[];
  readonly deployments: readonly LiveObject[];
  readonly statefulSets: readonly LiveObject[];
  readonly replicaSets: readonly LiveObject[];
  readonly daemonSets: readonly LiveObject[];
  readonly leaders: readonly string[];
}

export function readSeen(looked: Looked): Seen {
  const { lease, nodes, pods, deployments, statefulSets, replicaSets, daemonSets, leaders } = looked;
  const parents = new Map(
    replicaSets.flatMap((set) => {
      const parent = controllerOf(set);
      return parent === null ? [] : [[key(set.metadata.namespace, set.metadata.name), parent] as const];
    }),
  );
  const alone = replicaSets.filter((set) => controllerOf(set) === null);
  return {
    lease: lease && readLease(lease),
    nodes: nodes.map(readNode),
    pods: pods.map((pod) => readPod(pod, parents)),
    jobs: readJobs(looked),
    workloads: [...deployments, ...statefulSets, ...alone, ...daemonSets].map(readWorkload),
    leaders,
  };
}

type Owner = NonNullable<SeenPod['owner']>;

const key = (namespace: string | undefined, name: string): string => `${namespace}/${name}`;

function controllerOf(object: LiveObject): Owner | null {
  const owners = listAt(object.metadata, 'ownerReferences');
  const owner = owners.find((owner) => at(owner, 'controller') === true) ?? owners[0];
  const [kind, name] = [textAt(owner, 'kind'), textAt(owner, 'name')];
  return kind === undefined || name === undefined ? null : { kind, name };
}

function readLease(lease: LiveObject): SeenLease {
  return {
    uid: lease.metadata.uid,
    resourceVersion: lease.metadata.resourceVersion,
    holder: textAt(lease, 'spec', 'holderIdentity') ?? '',
    durationMs: (numberAt(lease, 'spec', 'leaseDurationSeconds') ?? 60) * 1_000,
    roll: readRoll(textAt(lease, 'metadata', 'annotations', ROLL_ANNOTATION)),
  };
}

function readNode(node: LiveObject): SeenNode {
  const labels = at(node, 'metadata', 'labels');
  const controlPlane = ['node-role.kubernetes.io/control-plane', 'node.kubernetes.io/microk8s-controlplane'];
  return {
    name: node.metadata.name,
    resourceVersion: node.metadata.resourceVersion,
    role: controlPlane.some((label) => at(labels, label) !== undefined) ? 'control-plane' : 'worker',
    ready: hasCondition(node, 'Ready'),
    bootId: textAt(node, 'status', 'nodeInfo', 'bootID') ?? '',
    unschedulable: at(node, 'spec', 'unschedulable') === true,
    taints: listAt(node, 'spec', 'taints').flatMap(readTaint),
    mark: readMark(textAt(node, 'metadata', 'annotations', MARK_ANNOTATION)),
  };
}

function readTaint(taint: Json): readonly Taint[] {
  const [name, effect] = [textAt(taint, 'key'), textAt(taint, 'effect')];
  const [value, timeAdded] = [textAt(taint, 'value'), textAt(taint, 'timeAdded')];
  if (name === undefined || effect === undefined) return [];
  const rest = { ...(value === undefined ? {} : { value }), ...(timeAdded === undefined ? {} : { timeAdded }) };
  return [{ key: name, effect, ...rest }];
}

const hasCondition = (object: LiveObject, type: string): boolean =>
  listAt(object, 'status', 'conditions').some(
    (condition) => textAt(condition, 'type') === type && textAt(condition, 'status') === 'True',
  );

function readPod(pod: LiveObject, parents: ReadonlyMap<string, Owner>): SeenPod {
  const { namespace = '', name, uid } = pod.metadata;
  const owner = controllerOf(pod);
  const phase = textAt(pod, 'status', 'phase');
  const completed = phase === 'Succeeded' || phase === 'Failed';
  return {
    ...{ namespace, name, uid, completed },
    node: textAt(pod, 'spec', 'nodeName') ?? null,
    labels: new Map(
      Object.entries(at(pod, 'metadata', 'labels') ?? {}).flatMap(([label, value]) =>
        typeof value === 'string' ? [[label, value] as const] : [],
      ),
    ),
    owner: (owner?.kind === 'ReplicaSet' ? parents.get(key(namespace, owner.name)) : undefined) ?? owner,
    mirror: textAt(pod, 'metadata', 'annotations', 'kubernetes.io/config.mirror') !== undefined,
    ready: !completed && hasCondition(pod, 'Ready'),
    terminating: pod.metadata.deletionTimestamp !== undefined,
    priority: numberAt(pod, 'spec', 'priority') ?? 0,
    unplaced: listAt(pod, 'status', 'conditions').some(
      (condition) =>
        textAt(condition, 'type') === 'PodScheduled' &&
        textAt(condition, 'status') === 'False' &&
        textAt(condition, 'reason') === 'Unschedulable',
    ),
    containers: listAt(pod, 'status', 'containerStatuses').flatMap((status) => {
      const id = textAt(status, 'containerID');
      return id === undefined ? [] : [id.replace(/^.*:\/\//, '').slice(0, 12)];
    }),
  };
}

const readWorkload = ({ kind, metadata: { namespace = '', name }, ...rest }: LiveObject): SeenWorkload => ({
  ...{ kind, namespace, name },
  desired: numberAt(rest, 'spec', 'replicas') ?? numberAt(rest, 'status', 'desiredNumberScheduled') ?? 1,
});

/** What the host script ends with where it did nothing, and has nothing under way. */
const DID_NOTHING: readonly (number | undefined)[] = [1, 2];

function readJobs({ jobs, pods }: Looked): readonly SeenJob[] {
  const names = new Set([...jobs.map(({ metadata }) => metadata.name), ...pods.flatMap(jobOfPod)]);
  return [...names].flatMap((name) => {
    const job = jobs.find(({ metadata }) => metadata.name === name);
    const own = pods.filter((pod) => jobOfPod(pod).includes(name));
    const placed = textAt(job, 'spec', 'template', 'spec', 'nodeName') ?? textAt(own[0], 'spec', 'nodeName');
    const node = nodeOfJob(name, placed);
    if (node === undefined) return [];
    // The pod carries the Job's annotations, so that one whose Job is gone still says what it is for.
    const source = job ?? own[0];
    const annotation = (which: string) => textAt(source, 'metadata', 'annotations', which) ?? '';
    return [
      {
        ...{ node, uid: job?.metadata.uid ?? null, roll: annotation(ROLL_ANNOTATION) },
        bootId: annotation(BOOT_ANNOTATION),
        ...progressOf(job, own),
        going: job === undefined || job.metadata.deletionTimestamp !== undefined,
      },
    ];
  });
}

function jobOfPod(pod: LiveObject): readonly string[] {
  const owner = pod.metadata.namespace === LEASE.namespace ? controllerOf(pod) : null;
  return owner?.kind === 'Job' ? [owner.name] : [];
}

function progressOf(job: LiveObject | undefined, pods: readonly LiveObject[]): Pick<SeenJob, 'progress' | 'said'> {
  const statuses = pods.flatMap((pod) => listAt(pod, 'status', 'containerStatuses'));
  const begun = statuses.filter((status) => at(status, 'state', 'waiting') === undefined);
  // One that ended and was counted, but whose pod is gone, may have done anything.
  const counted = (numberAt(job, 'status', 'failed') ?? 0) + (numberAt(job, 'status', 'succeeded') ?? 0);
  if (begun.length === 0 && counted === 0 && !pods.some((pod) => hasEnded(pod))) {
    const waiting = statuses.map((status) => textAt(status, 'state', 'waiting', 'reason') ?? '');
    return { progress: 'waiting', said: waiting[0] ?? '' };
  }
  const ends = begun.map((status) => at(status, 'state', 'terminated'));
  const said = ends.map((end) => textAt(end, 'message') ?? '').find((text) => text !== '') ?? '';
  const refused =
    ends.length > 0 && ends.length >= counted && ends.every((end) => DID_NOTHING.includes(numberAt(end, 'exitCode')));
  return { progress: refused ? 'refused' : 'begun', said: said.trim().split('\n').at(-1) ?? '' };
}

const hasEnded = (pod: LiveObject): boolean => ['Succeeded', 'Failed'].includes(textAt(pod, 'status', 'phase') ?? '');
