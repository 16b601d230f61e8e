/** What was found, for people, for a pull request and for programs. */
import { unknownGroups } from '../drift/groups.js';
import type { Unknown } from '../drift/report.js';
import { some } from '../drift/shown.js';
import type { Judged } from './accept.js';

/** A finding with its place in the repository. */
export interface Located extends Judged {
  /** As the repository names the file. */
  readonly path: string;
  readonly line: number;
  /** How long that line is. */
  readonly width: number;
}

export interface VetReport {
  /** As they were asked for, e.g. `origin/main` and `the folder dist`. */
  readonly base: string;
  readonly head: string;
  readonly findings: readonly Located[];
  /** Of the live cluster, where one was asked. */
  readonly unknown: readonly Unknown[];
}

/** 1 where something is found that nobody accepted, whatever else could not be told; 0 only where all could be told. */
export const statusOf = (report: VetReport): 0 | 1 | 2 =>
  openFindings(report).length > 0 ? 1 : report.unknown.length > 0 ? 2 : 0;

const openFindings = ({ findings }: VetReport): readonly Located[] => findings.filter(({ isAccepted }) => !isAccepted);

/** What was found, then why it matters and what to do: once where one mend answers several findings. */
export function textReport(report: VetReport): readonly string[] {
  return [
    ...grouped(report.findings).flatMap((group) => [
      ...group.map(
        (finding) =>
          `${wordOf(finding)} ${finding.rule.id}: ${placeOf(finding)}: ${finding.found}\n  ${finding.path}:${finding.line}${finding.side === 'base' ? ` of ${report.base}` : ''}`,
      ),
      ...group.slice(0, 1).flatMap(({ rule, mend }) => [`  why: ${rule.reason}`, `  mend: ${mend}`]),
    ]),
    ...(report.unknown.length === 0 ? [] : ['cannot tell, of the live cluster:']),
    ...unknownLines(report).map((line) => `  ${line}`),
    summaryOf(report),
  ];
}

/** For a comment in a pull request. */
export function markdownReport(report: VetReport): readonly string[] {
  return [
    `### ${summaryOf(report)}`,
    ...grouped(report.findings).flatMap((group) => {
      const [first] = group;
      if (first === undefined) return [];
      return [
        '',
        `**${wordOf(first)}: ${first.rule.id}**`,
        '',
        ...group.map(
          (finding) =>
            `- ${code(placeOf(finding))}: ${escaped(finding.found)} (${code(`${finding.path}:${finding.line}`)})`,
        ),
        '',
        `Why: ${escaped(first.rule.reason)}`,
        '',
        `Mend: ${escaped(first.mend)}`,
      ];
    }),
    ...(report.unknown.length === 0 ? [] : ['', '**Cannot tell, of the live cluster**', '']),
    ...unknownLines(report).map((line) => `- ${escaped(line)}`),
  ];
}

const unknownLines = ({ unknown }: VetReport): readonly string[] =>
  unknownGroups(unknown).map(({ subjects, why }) => `${some(subjects, 4)}: ${why}`);

export const jsonReport = ({ base, head, findings, unknown }: VetReport): string =>
  JSON.stringify(
    {
      base,
      head,
      findings: findings.map(
        ({ rule, cluster, application, object, path, line, side, field, found, mend, isAccepted, fingerprint }) => ({
          rule: rule.id,
          severity: rule.severity,
          accepted: isAccepted,
          cluster,
          application,
          object,
          file: path,
          line,
          side,
          field,
          found,
          why: rule.reason,
          mend,
          fingerprint,
        }),
      ),
      unknown,
    },
    null,
    2,
  );

function summaryOf({ base, head, findings, unknown }: VetReport): string {
  const count = (word: string) => findings.filter((finding) => wordOf(finding) === word).length;
  const parts = [
    counted(count('error'), 'error'),
    counted(count('warning'), 'warning'),
    ...(count('accepted') > 0 ? [`${count('accepted')} accepted`] : []),
    ...(unknown.length > 0 ? [`${counted(unknown.length, 'thing')} that cannot be told`] : []),
  ];
  return `${parts.join(', ')}: from ${base} to ${head}`;
}

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

const wordOf = ({ isAccepted, rule }: Judged): string => (isAccepted ? 'accepted' : rule.severity);

const placeOf = ({ cluster, application, object }: Judged): string =>
  [...(cluster === '' ? [] : [cluster]), application, object].join(': ');

function grouped(findings: readonly Located[]): readonly (readonly Located[])[] {
  const groups = new Map<string, Located[]>();
  for (const finding of findings) {
    const key = [wordOf(finding), finding.rule.id, finding.mend].join('\n');
    groups.set(key, [...(groups.get(key) ?? []), finding]);
  }
  return [...groups.values()];
}

const code = (text: string): string => `\`${text.replaceAll('`', "'")}\``;

const escaped = (text: string): string => text.replaceAll(/[\\`*_<>|[\]]/g, '\\$&').replaceAll('\n', ' ');
