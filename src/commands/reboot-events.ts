/** What somebody is told of a roll, from its steps: of the one that is under way, which may be another than was asked for. */
import { endText } from '../ops/reboot/progress.js';
import type { Ask, End, Roll, Step } from '../ops/reboot/state.js';
import type { Event } from './reboot-notify.js';

export type Told = Omit<Event, 'cluster'>;

interface RollEvents {
  /** Before a step is sent, and after one that was taken. */
  readonly of: (when: 'before' | 'after', step: Step) => readonly Told[];
  /** Null: nothing has come about that anybody was not told of. `interrupted`: somebody has asked the run to end. */
  readonly atEnd: (end: End, how: { readonly interrupted: boolean }) => Told | null;
  /** The roll that this run works on; null: on none so far. */
  readonly roll: () => string | null;
}

export function createRollEvents(ask: Ask): RollEvents {
  let under: Roll | null = null;
  let going: string | null = null;
  const told = (event: Told['event'], node: string | null, text: string): Told => ({
    ...{ event, node, text },
    roll: under?.id ?? null,
  });

  function before(step: Step): readonly Told[] {
    // Sent again where its kubelet or somebody else was faster: nobody is told twice that it goes.
    if (step.do !== 'mark' || step.what !== 'cordon' || step.node === going) return [];
    going = step.node;
    const { reason } = under ?? ask;
    return [told('node-goes', step.node, `${step.node} is drained and rebooted now: ${reason}`)];
  }

  function after(step: Step): readonly Told[] {
    if (step.do !== 'lease' || step.roll === null) return [];
    under = step.roll;
    const { by, nodes, done, reason } = under;
    switch (step.what) {
      case 'begin':
        return [told('begins', null, `a roll begins, ${nodes.join(', ')}: ${reason}`)];
      case 'go-on': {
        const so = done.length === 0 ? '' : `, done ${done.join(', ')}`;
        return [told('goes-on', null, `the roll of ${by} goes on, ${nodes.join(', ')}${so}: ${reason}`)];
      }
      case 'done': {
        const last = done.at(-1);
        return last === undefined ? [] : [told('node-is-back', last, `${last} is back in a new boot, and all is well`)];
      }
      default:
        return [];
    }
  }

  return {
    of: (when, step) => (when === 'before' ? before(step) : after(step)),
    atEnd: (end, { interrupted }) => {
      if (isQuiet(end)) return null;
      const text = endText(end).join('\n');
      if (!('why' in end)) return told('ended', null, text);
      return told(interrupted ? 'interrupted' : 'stopped', end.node, text);
    },
    roll: () => under?.id ?? null,
  };
}

/** Nothing has come about. Who asked at a desk is told there; an alert would call them to a roll that goes well. */
const isQuiet = (end: End): boolean =>
  end.kind === 'refused' ||
  (end.kind === 'finished' && end.done.length === 0 && end.elsewhere.length === 0) ||
  (end.kind === 'closed' && end.done.length === 0);
