/** Results of checks for a program, and what the reports for people have in common. */
import type { Diagnosis } from './diagnosis.js';
import { type CheckResult, type Verdict, verdictOf } from './result.js';

export interface CheckReport {
  readonly cluster: string;
  /** The node that is to go down. Null: health alone was asked for. */
  readonly node: string | null;
  /** The checks that alone were asked for. Null: all that apply. */
  readonly only: readonly string[] | null;
  readonly diagnosis: Diagnosis;
  /** In the order of the checks. */
  readonly results: readonly CheckResult[];
}

/** What has to be looked at first. */
const VERDICTS: readonly Verdict[] = ['fail', 'unknown', 'pass'];

export const sorted = (results: readonly CheckResult[]): readonly CheckResult[] =>
  VERDICTS.flatMap((verdict) => results.filter((result) => result.verdict === verdict));

export const namesOf = (results: readonly CheckResult[]): readonly string[] => [
  ...new Set(results.map(({ check }) => check)),
];

/** `3 passed, 1 failed, 2 cannot be told`: of checks, not of what they looked at. */
function counted(results: readonly CheckResult[]): string {
  const verdicts = namesOf(results).map((name) => verdictOf(results.filter(({ check }) => check === name)));
  const many = (verdict: Verdict): number => verdicts.filter((each) => each === verdict).length;
  const parts = [
    [many('fail'), 'failed'],
    [many('unknown'), 'cannot be told'],
    [many('pass'), 'passed'],
  ] as const;
  return parts.flatMap(([count, word]) => (count === 0 ? [] : [`${count} ${word}`])).join(', ');
}

/** The answer to the question that was asked, on one line. */
export function headline({ cluster, node, only, results }: CheckReport): string {
  const verdict = verdictOf(results);
  // What was not asked may still speak against it.
  const passes = only === null ? { all: 'healthy', one: 'may go down' } : PASSES_IN_PART;
  const answer =
    node === null
      ? { pass: passes.all, fail: 'not healthy', unknown: 'cannot be told' }[verdict]
      : `${node} ${{ pass: passes.one, fail: 'must not go down now', unknown: 'must not go down: it cannot be told' }[verdict]}`;
  return `${cluster}: ${answer} (${counted(results)})`;
}

const PASSES_IN_PART = { all: 'nothing wrong in what was asked', one: 'may go down, as far as was asked' } as const;

export const jsonReport = (report: CheckReport): readonly string[] => {
  const { cluster, node, only, diagnosis, results } = report;
  return [JSON.stringify({ cluster, node, only, verdict: verdictOf(results), diagnosis, results }, undefined, 2)];
};
