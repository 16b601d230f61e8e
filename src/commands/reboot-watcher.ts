/** What a person sees of a roll while it goes: a line a step, what it waits for, and messages to whoever is to be told. */

import type { Downtime } from '../ops/reboot/downtime.js';
import { downtimeText, elapsedText, endText, stepText } from '../ops/reboot/progress.js';
import type { End, Step } from '../ops/reboot/state.js';
import type { Io } from './command.js';

export interface Watcher {
  /** Before it is done. */
  readonly step: (step: Step) => void;
  /** Something that is no step, in one line. */
  readonly say: (line: string) => void;
  readonly end: (end: End, downtime: readonly Downtime[]) => void;
}

/** What is waited for is told again when it has changed after so long, to whoever has no line that is drawn anew. */
const TOLD_AGAIN_MS = 30_000;

export function createWatcher({ out, err, status }: Io, clock: () => number): Watcher {
  const began = clock();
  let waiting = { place: '', text: '', at: began };
  let [asking, last] = ['', ''];
  const line = (text: string): void => {
    last = text;
    status?.('');
    err(`${elapsedText(clock() - began)}  ${text}`);
  };

  function wait(step: Step & { readonly do: 'wait' }, text: string): void {
    // Whether its Job has begun is news at once: from then on nobody calls the reboot back.
    const place = `${step.phase} ${step.node ?? ''}${step.phase === 'reboot' ? text : ''}`;
    const now = clock();
    const isNews = place !== waiting.place || (text !== waiting.text && now - waiting.at >= TOLD_AGAIN_MS);
    if (!isNews) {
      status?.(`${elapsedText(now - began)}  ${text}`);
      return;
    }
    waiting = { place, text, at: now };
    line(text);
  }

  return {
    step: (step) => {
      const text = stepText(step);
      if (text === null) return;
      // Somebody was faster than the write, which is sent again at once.
      const isAgain = step.do === 'check' ? asking === text : step.do !== 'evict' && last === text;
      if (step.do === 'wait') wait(step, text);
      else if (isAgain) status?.(`${elapsedText(clock() - began)}  ${text}`);
      else line(text);
      // What is asked again every few seconds is told once, and what it waits for by the wait.
      if (step.do === 'check') asking = text;
    },
    say: line,
    end: (end, downtime) => {
      status?.('');
      for (const text of endText(end)) out(text);
      out(`it took${elapsedText(clock() - began).replace(/^ */, ' ')}`);
      for (const text of downtimeText(downtime)) out(text);
    },
  };
}
