/** Steps that more than one part of a roll takes. */
import { PLANNED_REBOOT_TAINT } from '../../manifest/planned-reboot-taint.js';
import { isAnotherBoot } from './standing.js';
import type { Mark, Phase, Seen, SeenJob, SeenNode, Step } from './state.js';

const TAINT = { key: PLANNED_REBOOT_TAINT, effect: 'PreferNoSchedule' } as const;

/** What is looked at closely: a pod that goes, a node that comes back. */
export const SOON_MS = 500;

export const waitFor = (ms: number, phase: Phase, node: string | null, why: string): Step => ({
  do: 'wait',
  ms,
  phase,
  node,
  why,
});

export const cordoned = ({ name, resourceVersion, taints }: SeenNode, mark: Mark): Step => ({
  do: 'mark',
  what: 'cordon',
  node: name,
  guard: resourceVersion,
  mark,
  unschedulable: true,
  taints: [...withoutOurs(taints), TAINT],
  why: mark.cordoned === 'by-us' ? 'cordons it' : 'marks it; somebody else has cordoned it, and it stays so',
});

export const marked = ({ name, resourceVersion }: SeenNode, what: 'step' | 'note', mark: Mark, why: string): Step => ({
  do: 'mark',
  what,
  node: name,
  guard: resourceVersion,
  mark,
  why,
});

/** Mark and taint off, and uncordoned if it was this roll that cordoned it. */
export const givenBack = ({ name, resourceVersion, taints, unschedulable }: SeenNode, mark: Mark): Step => {
  const ours = unschedulable && mark.cordoned === 'by-us';
  return {
    do: 'mark',
    what: 'give-back',
    node: name,
    guard: resourceVersion,
    mark: null,
    ...(ours ? { unschedulable: false } : {}),
    taints: withoutOurs(taints),
    why: ours ? 'uncordons it' : 'takes its mark off, and leaves its cordon as it is',
  };
};

const withoutOurs = (taints: SeenNode['taints']): SeenNode['taints'] =>
  taints.filter(({ key }) => key !== PLANNED_REBOOT_TAINT);

export const jobRemoved = ({ node, uid }: SeenJob, why: string): Step | undefined =>
  uid === null ? undefined : { do: 'remove-job', node, uid, why };

export const rebooted = ({ bootId }: SeenNode, mark: Mark): boolean => isAnotherBoot(mark.bootId, bootId);

/** What it was made for may still come: this boot is to end, and something of it has begun. */
export const isUnderWay = (job: SeenJob | undefined, { bootId }: SeenNode): boolean =>
  job !== undefined && !isAnotherBoot(job.bootId, bootId) && job.progress === 'begun';

/** Other nodes that are not well: none is taken down beside them. */
export const othersDown = ({ nodes }: Seen, node: string): readonly string[] =>
  nodes.filter(({ name, ready }) => name !== node && !ready).map(({ name }) => `node ${name} is not Ready`);

/** Why a node must not go, or go on going, down. */
export const unwell = ({ name, ready, bootId }: SeenNode): readonly string[] => [
  ...(ready ? [] : [`node ${name} is not Ready`]),
  ...(bootId === '' ? [`node ${name} does not say in which boot it is`] : []),
];
