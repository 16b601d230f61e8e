/**
 * For how long this process has seen what it sees, folded from look to look.
 *
 * No clock of the cluster is read and none of this machine's that can be set: a deadline counts from when this process
 * first saw its reason, and a Lease is dead when it has not changed for its whole length before these eyes.
 */
import { rollOn } from './standing.js';
import type { Mark, Monotonic, Seen, SeenNode, Watched } from './state.js';
import { rebooted } from './steps.js';

export const NOTHING_WATCHED: Watched = { lease: null, held: null, marked: null, since: new Map() };

/** What is timed. Those of a node end with its mark; a step back and forth does not begin them anew. */
export const timer = {
  drain: (node: string, mark: Mark) => `drain ${node} ${mark.bootId}`,
  boot: (node: string, mark: Mark) => `boot ${node} ${mark.bootId}`,
  verify: (node: string, mark: Mark) => `verify ${node} ${mark.bootId}`,
  /** No node is marked, with so many done. */
  free: (done: number) => `free ${done}`,
  job: (node: string) => `job ${node}`,
  stopping: 'stopping',
} as const;

export function watch(before: Watched, seen: Seen, me: string, now: Monotonic): Watched {
  const { lease } = seen;
  // That there is none is a state like others: somebody may remove it while this run waits.
  const resourceVersion = lease?.resourceVersion ?? '';
  const known = before.lease?.resourceVersion === resourceVersion ? before.lease : null;
  const held = (lease?.holder === me ? rollOn(lease) : null) ?? before.held;
  const marked = seen.nodes.filter(({ mark }) => mark !== null);
  // A run that waits for the lock is not yet one that waits for a node.
  const keys =
    held === null
      ? []
      : [
          ...marked.flatMap((node) => timersOf(node, before)),
          ...seen.jobs.map(({ node }) => timer.job(node)),
          ...(marked.length === 0 ? [timer.free(held.done.length)] : []),
          ...(held.stopped === null ? [] : [timer.stopping]),
        ];
  const [first] = marked;
  return {
    lease: known ?? { resourceVersion, since: now, changed: before.lease !== null },
    held,
    marked: first === undefined ? before.marked : { node: first.name, cordoned: first.unschedulable },
    since: new Map(keys.map((key) => [key, before.since.get(key) ?? now])),
  };
}

function timersOf(node: SeenNode, before: Watched): readonly string[] {
  const { name, mark } = node;
  if (mark === null || mark === 'unreadable') return [];
  const isBack = rebooted(node, mark);
  const verify = timer.verify(name, mark);
  return [
    timer.drain(name, mark),
    ...(mark.step === 'reboot' || isBack ? [timer.boot(name, mark)] : []),
    ...((isBack && node.ready) || before.since.has(verify) ? [verify] : []),
  ];
}
