/** How a run ends, and what it says of what it leaves. */
import { elsewhere, leftBehind, remaining, rollOn } from './standing.js';
import type { End, Phase, Roll, RollState, Seen, Step, Stopped } from './state.js';
import { unsettled } from './workloads.js';

export const GO_ON = 'selfheal reboot --apply goes on; selfheal reboot --undo takes back what stands';

/** Before anything was done. `refused`: another run works, and all is well. `stopped`: somebody has to look. */
export const notBegun = (kind: 'refused' | 'stopped', why: string, next: string): Step => ({
  do: 'end',
  end: { kind, node: null, step: 'lock', why, left: [], next },
});

/** Of a run that no longer holds the Lease: it gave it back, or somebody took it. */
export function endOf({ seen }: RollState, roll: Roll): Step {
  if (roll.stopped !== null) {
    const next = [...first(roll.stopped, seen), GO_ON].join('; ');
    return { do: 'end', end: { kind: 'stopped', ...roll.stopped, left: leftBehind(seen), next } };
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

/** Before anybody goes on. */
function first({ node: name, step }: Stopped, { nodes }: Seen): readonly string[] {
  const node = nodes.find((each) => each.name === name);
  if (step === 'check' && name !== null) return [`selfheal check --node ${name} has a command for each finding`];
  if (node?.ready === false) return [`look at ${name} itself, at its console and its power`];
  return step === 'verify' || step === 'settle' ? ['selfheal check has a command for each finding'] : [];
}

function kept({ settling }: Roll, seen: Seen): Pick<End & { readonly kind: 'finished' }, 'kept'> {
  const lines = settling === null ? [] : unsettled(seen, settling).kept;
  return lines.length === 0 ? {} : { kept: lines.map((line) => `${line}, as long as ${settling?.node} is cordoned`) };
}

/** It was given back, and another one may have begun since: while it was held, another run would have gone on with it. */
function isOver({ lease }: Seen, { id }: Roll): boolean {
  const now = rollOn(lease);
  return lease?.holder === '' || (now !== null && now.id !== id);
}

function lostTo({ lease }: Seen): string {
  if (lease === null) return 'somebody removed the Lease, which is the lock';
  if (rollOn(lease) === null) return 'somebody overwrote the roll on the Lease';
  return lease.holder === '' ? 'somebody gave the Lease back' : `${lease.holder} has taken the Lease over`;
}

export const stoppedAt = (node: string | null, step: Phase, why: string) => ({ node, step, why });
