/** How the objects of a roll are called in the cluster, and what stands in their annotations. */
import { jobName } from '../../manifest/reboot-job-name.js';
import type { Mark, NodeWrite, Roll } from './state.js';

export const LEASE = { namespace: 'kube-system', name: 'selfheal-reboot' } as const;

/** Of the Lease: the whole roll. Of a Job: its id. */
export const ROLL_ANNOTATION = 'selfheal.dev/roll';

/** Of a Job: the boot that it is to end. */
export const BOOT_ANNOTATION = 'selfheal.dev/boot-id';

/** Of a node. */
export const MARK_ANNOTATION = 'selfheal.dev/reboot';

/** The node of a Job of ours: the one where its pods are `placed`, otherwise as its name says. Undefined for another's Job. */
export function nodeOfJob(name: string, placed?: string): string | undefined {
  if (placed !== undefined && jobName(placed) === name) return placed;
  return name.startsWith(`${LEASE.name}-`) ? name.slice(LEASE.name.length + 1) : undefined;
}

/** A merge patch that is refused if the node has changed since it was looked at. */
export const nodePatch = ({ guard, mark, unschedulable, taints }: NodeWrite) => ({
  metadata: {
    resourceVersion: guard,
    annotations: { [MARK_ANNOTATION]: mark === null ? null : JSON.stringify(mark) },
  },
  ...(unschedulable === undefined && taints === undefined
    ? {}
    : {
        spec: {
          ...(unschedulable === undefined ? {} : { unschedulable: unschedulable || null }),
          ...(taints === undefined ? {} : { taints: taints.length === 0 ? null : taints }),
        },
      }),
});

type Fields = Readonly<Record<string, unknown>>;

export function readMark(text: string | undefined): Mark | 'unreadable' | null {
  const read = parse(text);
  if (read === null || read === 'unreadable') return read;
  const { roll, step, bootId, cordoned, workloads, before, why } = read;
  if (typeof roll !== 'string' || typeof bootId !== 'string' || bootId === '') return 'unreadable';
  if (step !== 'drain' && step !== 'reboot') return 'unreadable';
  if (cordoned !== 'by-us' && cordoned !== 'by-others') return 'unreadable';
  if (!isTexts(workloads) || !isTexts(before) || !isTextOrNull(why)) return 'unreadable';
  return { roll, step, bootId, cordoned, workloads, before, why };
}

export function readRoll(text: string | undefined): Roll | 'unreadable' | null {
  const read = parse(text);
  if (read === null || read === 'unreadable') return read;
  const { id, reason, by, nodes, boots, done, settling, stopped } = read;
  if (typeof id !== 'string' || typeof reason !== 'string' || typeof by !== 'string') return 'unreadable';
  if (!isTexts(nodes) || !isTexts(done) || !isFields(boots) || !isTexts(Object.values(boots))) return 'unreadable';
  if (!isSettling(settling) || !isStopped(stopped)) return 'unreadable';
  // Its values were all looked at above.
  return { id, reason, by, nodes, boots: boots as Readonly<Record<string, string>>, done, settling, stopped };
}

function parse(text: string | undefined): Fields | 'unreadable' | null {
  if (text === undefined) return null;
  try {
    const read: unknown = JSON.parse(text);
    return isFields(read) ? read : 'unreadable';
  } catch {
    // Why it is no JSON does not matter: somebody else wrote it.
    return 'unreadable';
  }
}

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((entry) => typeof entry === 'string');

const isTextOrNull = (value: unknown): value is string | null => value === null || typeof value === 'string';

const isSettling = (value: unknown): value is Roll['settling'] =>
  value === null || (isFields(value) && typeof value.node === 'string' && isTexts(value.workloads));

const isStopped = (value: unknown): value is Roll['stopped'] =>
  value === null ||
  (isFields(value) &&
    isTextOrNull(value.node) &&
    typeof value.why === 'string' &&
    typeof value.step === 'string' &&
    ['lock', 'check', 'drain', 'reboot', 'verify', 'settle'].includes(value.step));
