/** Results of checks for a terminal, for a program and for an issue. */
import { type CheckResult, type Verdict, verdictOf } from './result.js';

const VERDICTS: readonly Verdict[] = ['fail', 'unknown', 'pass'];

/** What has to be looked at first; otherwise in the order of the checks. */
const sorted = (results: readonly CheckResult[]): readonly CheckResult[] =>
  VERDICTS.flatMap((verdict) => results.filter((result) => result.verdict === verdict));

const counted = (results: readonly CheckResult[]): string =>
  VERDICTS.toReversed()
    .map((verdict) => `${results.filter((result) => result.verdict === verdict).length} ${verdict}`)
    .join(', ');

export const textResults = (results: readonly CheckResult[]): readonly string[] => [
  ...sorted(results).flatMap(({ verdict, check, subject, found, mend }) => [
    `${verdict.padEnd(7)} ${check}: ${subject}: ${found}`,
    ...(mend === '' ? [] : [`        mend: ${mend}`]),
  ]),
  counted(results),
];

export const jsonResults = (results: readonly CheckResult[]): readonly string[] => [
  JSON.stringify({ verdict: verdictOf(results), results }, undefined, 2),
];

export const markdownResults = (results: readonly CheckResult[]): readonly string[] => [
  `**${counted(results)}**`,
  '',
  '| | check | object | found | mend |',
  '|---|---|---|---|---|',
  ...sorted(results).map(
    ({ verdict, check, subject, found, mend }) =>
      `| ${[verdict, check, subject, found, mend].map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`,
  ),
];
