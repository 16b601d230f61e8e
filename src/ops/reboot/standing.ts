/** What stands of a roll in the cluster, and what of it is still to be done. */
import { jobName } from '../../manifest/reboot-job-name.js';
import { LEASE } from './names.js';
import type { Roll, Seen, SeenLease, SeenNode } from './state.js';

/** Null: none is noted, or nobody can read what is. */
export const rollOn = (lease: SeenLease | null): Roll | null =>
  lease === null || lease.roll === 'unreadable' ? null : lease.roll;

/** A mark, or a Job, whether a Lease tells of their roll or not. */
export const isUnderWayIn = ({ jobs, nodes }: Seen): boolean =>
  jobs.length > 0 || nodes.some(({ mark }) => mark !== null);

/** Something of a roll stands, or is still to be done. What all has rebooted without it, nobody has to go on with. */
export function isBegun(seen: Seen): boolean {
  const roll = rollOn(seen.lease);
  return isUnderWayIn(seen) || (roll !== null && remaining(roll, seen).length > 0);
}

/** Neither done nor rebooted by anybody else since the roll began. One that is not there is still to be done. */
export const remaining = (roll: Roll, { nodes }: Seen): readonly string[] =>
  roll.nodes.filter((name) => {
    const node = nodes.find((node) => node.name === name);
    return !roll.done.includes(name) && (node === undefined || sinceBegun(roll, node.name, node.bootId));
  });

const sinceBegun = ({ boots }: Roll, name: string, bootId: string): boolean =>
  !Object.hasOwn(boots, name) || !isAnotherBoot(boots[name] ?? '', bootId);

/** Empty: nobody knows which one, and nothing is taken for a reboot. */
export const isAnotherBoot = (before: string, now: string): boolean => before !== '' && now !== '' && before !== now;

/** Rebooted since the roll began, but not by it. */
export const elsewhere = (roll: Roll, seen: Seen): readonly string[] => {
  const open = remaining(roll, seen);
  return roll.nodes.filter((name) => !roll.done.includes(name) && !open.includes(name));
};

/** What nobody can tell of: no roll begins, or goes on, beside it. */
export const unreadable = ({ lease, nodes }: Seen): readonly string[] => [
  ...(lease?.roll === 'unreadable' ? [`Lease ${LEASE.namespace}/${LEASE.name}: its annotation is not a roll's`] : []),
  ...nodes.filter(({ mark }) => mark === 'unreadable').map(withForeignMark),
];

const withForeignMark = ({ name }: SeenNode): string => `node ${name}: has a mark that is not a roll's`;

/** Every node that is not as it was before, one line each. */
export const leftBehind = ({ nodes, jobs }: Seen): readonly string[] => [
  ...nodes.flatMap((node) => {
    const { name, mark, unschedulable, ready } = node;
    if (mark === null) return [];
    if (mark === 'unreadable') return [withForeignMark(node)];
    const by = mark.cordoned === 'by-us' ? 'by the roll' : 'by somebody else';
    const state = [unschedulable ? `cordoned ${by}` : 'not cordoned', ready ? 'Ready' : 'not Ready'].join(', ');
    return [`node ${name}: marked, ${state}${mark.why === null ? '' : `: ${mark.why}`}`];
  }),
  ...jobs
    .filter(({ uid, overSsh }) => uid !== null && !overSsh)
    .map(({ node, going }) => `Job ${LEASE.namespace}/${jobName(node)}: ${going ? 'is being removed' : 'is there'}`),
];
