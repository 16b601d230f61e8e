/**
 * From what failed to what to do first: all root causes together, then the fewest acts that answer them.
 *
 * The order is the lesson: whoever acts on the first symptom that he sees restarts what was not the reason.
 */
import type { Cluster, ClusterNode } from '../../cluster/cluster.js';
import type { Distribution } from '../../cluster/distribution.js';
import { restartOf } from './hosts.js';
import type { Cause, CauseId, CheckResult } from './result.js';

export interface Diagnosis {
  /** Each root cause once, what others stand on first. */
  readonly causes: readonly NamedCause[];
  /** The one that answers most comes first; none is listed that answers nothing new. */
  readonly actions: readonly Action[];
}

interface NamedCause extends Cause {
  /** `RC-1`. */
  readonly name: string;
  readonly what: string;
}

export interface Action {
  /** Null: from anywhere. */
  readonly node: string | null;
  /** A command, or a sentence. */
  readonly command: string;
  readonly answers: readonly string[];
}

/** In the order in which they are told. */
const CAUSES: Readonly<Record<CauseId, { readonly name: string; readonly what: string }>> = {
  'rc-1': { name: 'RC-1', what: 'the scheduler renews its lease and schedules nothing' },
  'rc-2': { name: 'RC-2', what: 'the rules for ClusterIPs are missing since the boot' },
  'rc-3': { name: 'RC-3', what: 'names of sandboxes are held by records of before the boot' },
  'kubelet-stall': { name: 'kubelet', what: 'the kubelet does not see the pods that it was given' },
  datastore: { name: 'datastore', what: 'the datastore ends what it is asked ("context canceled")' },
  'jiva-budget': { name: 'Jiva budget', what: 'stuck pods keep their own disruption budget from being met' },
  'jiva-orphans': { name: 'Jiva orphans', what: 'pods that nobody owns stand in the way' },
};

/** An act, and which causes on its node it answers. In this order where two answer as many: what is gentler comes first. */
interface Remedy {
  readonly answers: readonly CauseId[];
  readonly command: (distribution: Distribution, node: ClusterNode) => string;
}

/**
 * k3s runs scheduler, kubelet, containerd and kine in one unit. MicroK8s has kubelite for the first two, whose restart
 * freed calico-node and the sandboxes as well on the day from which this was learned; dqlite is a unit of its own.
 */
const REMEDIES: Readonly<Record<Distribution['name'], readonly Remedy[]>> = {
  k3s: [
    {
      answers: ['rc-1', 'rc-2', 'rc-3', 'kubelet-stall', 'datastore'],
      command: (distribution, { role }) => restartOf(distribution.kubeletUnit[role]),
    },
  ],
  microk8s: [
    {
      answers: ['rc-1', 'rc-2', 'rc-3', 'kubelet-stall'],
      command: (distribution, { role }) => restartOf(distribution.kubeletUnit[role]),
    },
    { answers: ['datastore'], command: ({ datastoreUnit }) => restartOf(datastoreUnit) },
  ],
};

export function diagnosisOf(cluster: Cluster, results: readonly CheckResult[]): Diagnosis {
  const guilty = results.filter(({ verdict }) => verdict === 'fail');
  const causes = inOrder(unique(guilty.flatMap(({ cause }) => (cause === null ? [] : [cause]))));
  return {
    causes: causes.map((cause) => ({ ...cause, ...CAUSES[cause.id] })),
    actions: fewest(causes, [...restarts(cluster, causes), ...byHand(guilty)]),
  };
}

const inOrder = (causes: readonly Cause[]): readonly Cause[] =>
  Object.keys(CAUSES).flatMap((id) => causes.filter((cause) => cause.id === id));

const unique = (causes: readonly Cause[]): readonly Cause[] =>
  causes.filter((cause, index) => causes.findIndex((other) => isSame(other, cause)) === index);

const isSame = (one: Cause, other: Cause): boolean => one.id === other.id && one.node === other.node;

interface Candidate extends Omit<Action, 'answers'> {
  readonly answers: readonly Cause[];
}

const restarts = ({ distribution, nodes }: Cluster, causes: readonly Cause[]): readonly Candidate[] =>
  nodes.flatMap((node) =>
    REMEDIES[distribution.name].map((remedy) => ({
      node: node.name,
      command: remedy.command(distribution, node),
      answers: causes.filter((cause) => cause.node === node.name && remedy.answers.includes(cause.id)),
    })),
  );

/** What no restart answers: the finding itself says what to do. */
const byHand = (guilty: readonly CheckResult[]): readonly Candidate[] =>
  guilty.flatMap(({ cause, next }) =>
    cause === null || next === '' ? [] : [{ node: null, command: next, answers: [cause] }],
  );

/** The one that answers most, then the one that answers most of the rest, until nothing is left or nothing helps. */
function fewest(causes: readonly Cause[], candidates: readonly Candidate[]): readonly Action[] {
  const left = ({ answers }: Candidate) => answers.filter((cause) => causes.some((other) => isSame(other, cause)));
  const best = candidates.reduce<Candidate | null>(
    (most, each) => (left(each).length > (most === null ? 0 : left(most).length) ? each : most),
    null,
  );
  if (best === null) return [];
  const answered = left(best);
  const rest = causes.filter((cause) => !answered.some((other) => isSame(other, cause)));
  const { node, command } = best;
  return [{ node, command, answers: answered.map(wordOf) }, ...fewest(rest, candidates)];
}

const wordOf = ({ id }: Cause): string => CAUSES[id].name;
