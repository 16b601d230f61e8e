/** Results of checks for a terminal: all root causes, the act that answers most of them, then what was found. */
import type { Action, Diagnosis } from './diagnosis.js';
import { type CheckReport, headline, namesOf, sorted } from './report.js';
import type { CheckResult, Incident } from './result.js';
import { saidOfAll } from './summary.js';

/** `full`: each thing that passed has a line of its own; otherwise each check that passed. */
export function textReport(report: CheckReport, { full }: { readonly full: boolean }): readonly string[] {
  const { results, diagnosis } = report;
  const width = Math.max(...namesOf(results).map((name) => name.length));
  const troubled = sorted(results).filter(({ verdict }) => verdict !== 'pass');
  return [
    headline(report),
    ...diagnosisLines(diagnosis),
    ...troubled.flatMap((result) => ['', ...troubleLines(result)]),
    ...(troubled.length === 0 ? [] : ['']),
    ...(full ? inFull(results) : inShort(results, width)),
  ];
}

function diagnosisLines({ causes, actions }: Diagnosis): readonly string[] {
  if (causes.length === 0) return [];
  const [names, nodes] = [causes.map(({ name }) => name), causes.map(({ node }) => node ?? 'cluster')];
  const [first, ...more] = actions;
  return [
    '',
    causes.length === 1 ? 'root cause' : `${causes.length} root causes`,
    ...causes.map(({ name, node, what }) => `  ${padded(name, names)}  ${padded(node ?? 'cluster', nodes)}  ${what}`),
    ...(first === undefined ? [] : ['do first', actionLine(first)]),
    ...(more.length === 0 ? [] : ['then', ...more.map(actionLine)]),
  ];
}

const padded = (word: string, among: readonly string[]): string =>
  word.padEnd(Math.max(...among.map(({ length }) => length)));

const actionLine = ({ node, command, answers }: Action): string =>
  `  ${node === null ? '' : `on ${node}: `}${command}  (answers ${answers.join(', ')})`;

function troubleLines({ verdict, check, subject, expected, found, incident, next }: CheckResult): readonly string[] {
  const line = (label: string, text: string) => (text === '' ? [] : [`  ${label.padEnd(8)}  ${text}`]);
  return [
    `${verdict.padEnd(7)} ${check}: ${subject}`,
    ...line('expected', expected),
    ...line(verdict === 'fail' ? 'found' : 'why', found),
    ...line('once', incident === null ? '' : wordsOf(incident)),
    ...line('next', next),
  ];
}

export const wordsOf = ({ anchor, did }: Incident): string => `${did} (docs/incidents.md#${anchor})`;

const inFull = (results: readonly CheckResult[]): readonly string[] =>
  results
    .filter(({ verdict }) => verdict === 'pass')
    .map(({ verdict, check, subject, found }) => `${verdict.padEnd(7)} ${check}: ${subject}: ${found}`);

/** One line for each check of which nothing failed and nothing is unknown. */
const inShort = (results: readonly CheckResult[], width: number): readonly string[] =>
  namesOf(results).flatMap((name) => {
    const own = results.filter(({ check }) => check === name);
    return own.every(({ verdict }) => verdict === 'pass')
      ? [`${'pass'.padEnd(7)} ${name.padEnd(width)}  ${saidOfAll(own)}`]
      : [];
  });
