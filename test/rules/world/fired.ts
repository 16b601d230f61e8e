/** Which alerts fired in a case, as the rules themselves say. */
import { type RuleCase, runCases } from './run-cases.js';

export interface Firing {
  readonly alert: string;

  /** Without `alertname`, `alertstate`. */
  readonly labels: Readonly<Record<string, string>>;

  /** The first and the last minute in which it fired. */
  readonly from: number;
  readonly to: number;

  /** In how many minutes it fired: fewer than lie between the two where it came and went. */
  readonly minutes: number;
}

/** promtool loads no more than 10,000 samples for a query: 120 minutes of more than 80 alerts at once. */
const WINDOW = 120;

const QUESTIONS = { from: 'min_over_time', to: 'max_over_time', minutes: 'count_over_time' } as const;
type Question = keyof typeof QUESTIONS;

/** For each case what fired. */
export function fired(cases: readonly RuleCase[]): readonly (readonly Firing[])[] {
  const output = runCases(cases, ({ minutes }, index) =>
    windowEnds(minutes).flatMap((minute) =>
      Object.entries(QUESTIONS).map(([question, over]) => ({
        minute,
        expr: `label_replace(${over}((time() * (ALERTS{alertstate="firing"} == 1))[${WINDOW}m:1m]), "asked", "${index}:${question}", "", "")`,
      })),
    ),
  );
  const found = cases.map(() => new Map<string, Firing>());
  for (const [, text = '', value = ''] of output.matchAll(/\{([^{}]*)\} ([-+.\dEe]+)/g)) {
    const { asked = '', alertstate: _, alertname: alert = '', ...labels } = labelsOf(text);
    const [index, question = ''] = asked.split(':');
    const ofCase = found[Number(index)];
    const key = JSON.stringify([alert, Object.entries(labels).sort()]);
    const before = ofCase?.get(key) ?? { alert, labels, from: Number.POSITIVE_INFINITY, to: 0, minutes: 0 };
    if (question in QUESTIONS) ofCase?.set(key, heard(before, question as Question, Number(value)));
  }
  return found.map((ofCase) => [...ofCase.values()]);
}

/** A range that ends at a minute has its first step one minute after its beginning, or at it, as the version goes. */
const windowEnds = (minutes: number): readonly number[] =>
  Array.from({ length: Math.ceil((minutes + 1) / WINDOW) }, (_, index) => Math.min((index + 1) * WINDOW, minutes));

const labelsOf = (text: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    [...text.matchAll(/(\w+)=("(?:[^"\\]|\\.)*")/g)].map(([, name = '', quoted = '""']) => [name, JSON.parse(quoted)]),
  );

function heard(before: Firing, question: Question, value: number): Firing {
  switch (question) {
    case 'from':
      return { ...before, from: Math.min(before.from, value / 60) };
    case 'to':
      return { ...before, to: Math.max(before.to, value / 60) };
    case 'minutes':
      return { ...before, minutes: before.minutes + value };
  }
}
