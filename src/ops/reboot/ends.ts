/** How a run ends, and what it says of what it leaves. */
import { jobName } from '../../manifest/reboot-job-name.js';
import { unsettled } from './drain.js';
import { LEASE } from './names.js';
import type { End, Phase, Roll, RollState, Seen, Step } from './state.js';

export const GO_ON = 'selfheal reboot --apply goes on; selfheal reboot --undo takes back what stands';

export const refused = (_state: RollState, why: string, next: string): Step => ({
  do: 'end',
  end: { kind: 'refused', node: null, step: 'lock', why, left: [], next },
});

/** Of a run that no longer holds the Lease: it gave it back, or somebody took it. */
export function endOf({ seen }: RollState, roll: Roll): Step {
  if (roll.stopped !== null) {
    return { do: 'end', end: { kind: 'stopped', ...roll.stopped, left: leftBehind(seen), next: GO_ON } };
  }
  if (isOver(seen, roll) && remaining(roll, seen).length === 0) {
    return {
      do: 'end',
      end: { kind: 'finished', done: roll.done, elsewhere: elsewhere(roll, seen), ...kept(roll, seen) },
    };
  }
  return {
    do: 'end',
    end: { kind: 'lost', node: null, step: 'lock', why: lostTo(seen), left: leftBehind(seen), next: GO_ON },
  };
}

function kept({ settling }: Roll, seen: Seen): Pick<End & { readonly kind: 'finished' }, 'kept'> {
  const lines = settling === null ? [] : unsettled(seen, settling).kept;
  return lines.length === 0 ? {} : { kept: lines.map((line) => `${line}, as long as ${settling?.node} is cordoned`) };
}

/** It was given back, and another one may have begun since: while it was held, another run would have gone on with it. */
const isOver = ({ lease }: Seen, { id }: Roll): boolean =>
  lease !== null &&
  (lease.holder === '' || (lease.roll !== null && lease.roll !== 'unreadable' && lease.roll.id !== id));

function lostTo({ lease }: Seen): string {
  if (lease === null) return 'somebody removed the Lease, which is the lock';
  if (lease.roll === null || lease.roll === 'unreadable') return 'somebody overwrote the roll on the Lease';
  return lease.holder === '' ? 'somebody gave the Lease back' : `${lease.holder} has taken the Lease over`;
}

/** Neither done nor rebooted by anybody else since the roll began. One that is not there is still to be done. */
export const remaining = (roll: Roll, { nodes }: Seen): readonly string[] =>
  roll.nodes.filter((name) => {
    const node = nodes.find((node) => node.name === name);
    return !roll.done.includes(name) && (node === undefined || sinceBegun(roll, node.name, node.bootId));
  });

const sinceBegun = ({ boots }: Roll, name: string, bootId: string): boolean =>
  !Object.hasOwn(boots, name) || boots[name] === bootId;

/** Rebooted since the roll began, but not by it. */
export const elsewhere = (roll: Roll, seen: Seen): readonly string[] => {
  const open = remaining(roll, seen);
  return roll.nodes.filter((name) => !roll.done.includes(name) && !open.includes(name));
};

/** Every node that is not as it was before, one line each. */
export const leftBehind = ({ nodes, jobs }: Seen): readonly string[] => [
  ...nodes.flatMap(({ name, mark, unschedulable, ready }) => {
    if (mark === null) return [];
    if (mark === 'unreadable') return [`node ${name}: has a mark that is not a roll's`];
    const by = mark.cordoned === 'by-us' ? 'by the roll' : 'by somebody else';
    const state = [unschedulable ? `cordoned ${by}` : 'not cordoned', ready ? 'Ready' : 'not Ready'].join(', ');
    return [`node ${name}: marked, ${state}${mark.why === null ? '' : `: ${mark.why}`}`];
  }),
  ...jobs
    .filter(({ uid, overSsh }) => uid !== null && !overSsh)
    .map(({ node, going }) => `Job ${LEASE.namespace}/${jobName(node)}: ${going ? 'is being removed' : 'is there'}`),
];

export const stoppedAt = (node: string | null, step: Phase, why: string) => ({ node, step, why });
