/** Results of checks for a terminal, for a program and for an issue. */
import { type CheckResult, inWords, type Verdict, verdictOf } from './result.js';

const VERDICTS: readonly Verdict[] = ['fail', 'unknown', 'pass'];

/** What has to be looked at first; otherwise in the order of the checks. */
const sorted = (results: readonly CheckResult[]): readonly CheckResult[] =>
  VERDICTS.flatMap((verdict) => results.filter((result) => result.verdict === verdict));

const counted = (results: readonly CheckResult[]): string =>
  VERDICTS.toReversed()
    .map((verdict) => `${results.filter((result) => result.verdict === verdict).length} ${verdict}`)
    .join(', ');

export const textResults = (results: readonly CheckResult[]): readonly string[] => [
  ...sorted(results).flatMap((result) => [
    `${result.verdict.padEnd(7)} ${result.check}: ${result.subject}: ${inWords(result)}`,
    ...(result.next === '' ? [] : [`        next: ${result.next}`]),
  ]),
  counted(results),
];

export const jsonResults = (results: readonly CheckResult[]): readonly string[] => [
  JSON.stringify({ verdict: verdictOf(results), results }, undefined, 2),
];

export const markdownResults = (results: readonly CheckResult[]): readonly string[] => [
  `**${counted(results)}**`,
  '',
  '| | check | object | found | next |',
  '|---|---|---|---|---|',
  ...sorted(results).map(
    (result) =>
      `| ${[result.verdict, result.check, result.subject, inWords(result), result.next].map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`,
  ),
];
