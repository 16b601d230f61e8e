/** Results of checks for a terminal: all root causes, the act that answers most of them, then what was found. */
import { listed } from '../words.js';
import type { Action, Diagnosis } from './diagnosis.js';
import { grouped } from './grouped.js';
import { type CheckReport, headline, namesOf, sorted } from './report.js';
import type { CheckResult, Incident } from './result.js';
import { saidOfAll } from './summary.js';

/** Each check that passed has a line; where some alone were asked for, each thing that passed. */
export function textReport(report: CheckReport): readonly string[] {
  const { results, diagnosis, only } = report;
  const width = Math.max(...namesOf(results).map((name) => name.length));
  const troubled = sorted(results).filter(({ verdict }) => verdict !== 'pass');
  const passed = only === null ? inShort(results, width) : inFull(results);
  return [
    headline(report),
    ...diagnosisLines(diagnosis),
    ...troubles(troubled, diagnosis),
    ...(troubled.length === 0 || passed.length === 0 ? [] : ['']),
    ...passed,
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
    ...(first === undefined ? [] : ['do first', ...actionLines(first)]),
    // What was done may have answered more than is known, and brought to light what stood behind it.
    ...(more.length === 0 ? [] : ['then ask again, and what is left of these', ...more.flatMap(actionLines)]),
  ];
}

const padded = (word: string, among: readonly string[]): string =>
  word.padEnd(Math.max(...among.map(({ length }) => length)));

/** The command has a line of its own: it is there to be copied. */
const actionLines = ({ node, command, answers }: Action): readonly string[] => [
  `  answers ${listed(answers, answers.length)}${node === null ? '' : `, on ${node}`}`,
  `    ${command}`,
];

/**
 * What is said of several things in the same words is said once, and so is what an incident did. What cannot be told for
 * one reason is one thing, whichever checks it keeps from telling: an API server that is away says nothing to any of them.
 */
function troubles(results: readonly CheckResult[], diagnosis: Diagnosis): readonly string[] {
  const told = new Set<string>();
  const alike = grouped(results, ({ check, verdict, expected, found, cause }) =>
    JSON.stringify([verdict === 'unknown' ? '' : check, verdict, expected, withoutNames(found), cause]),
  );
  return alike.flatMap(([, group]) => {
    const [first] = group;
    if (first === undefined) return [];
    const once = first.incident === null ? '' : wordsOf(first.incident);
    const checks = namesOf(group);
    const subjects = group.map(({ subject }) => subject);
    const lines = troubleLines(first, checks.length > 1 ? listed(checks) : `${first.check}: ${listed(subjects)}`, {
      found: group.length > 1 ? withoutNames(first.found) : first.found,
      once: told.has(once) ? '' : once,
      cause: causeOf(first, diagnosis),
      next: isAbove(first, diagnosis) ? '' : first.next + (group.length > 1 ? alikeTo(first) : ''),
    });
    told.add(once);
    return ['', ...lines];
  });
}

/** Whom it is about stands in brackets at its end. */
const withoutNames = (found: string): string => found.replace(/ \([^()]*\)$/, '');

const causeOf = ({ cause }: CheckResult, { causes }: Diagnosis): string =>
  causes.find(({ id }) => id === cause?.id)?.name ?? '';

const isAbove = ({ cause, next }: CheckResult, { actions }: Diagnosis): boolean =>
  cause !== null && actions.some(({ node, command }) => next === command || next === `on ${node}: ${command}`);

/** Whose command it is, so that it can be pasted with the rest of its line. */
const alikeTo = ({ next, subject }: CheckResult): string =>
  next.startsWith('kubectl ') && !next.includes('   #') ? `   # of ${subject}` : '';

interface Rest {
  readonly found: string;
  readonly once: string;
  readonly cause: string;
  readonly next: string;
}

function troubleLines({ verdict, expected }: CheckResult, about: string, rest: Rest): readonly string[] {
  const { found, once, cause, next } = rest;
  const line = (label: string, text: string) => (text === '' ? [] : [`  ${label.padEnd(8)}  ${text}`]);
  return [
    `${verdict.padEnd(7)} ${about}`,
    ...line('expected', expected),
    ...line(verdict === 'fail' ? 'found' : 'why', found),
    ...line('cause', cause),
    ...line('once', once),
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
