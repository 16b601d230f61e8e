/** The report for an issue or a chat. */
import { findingGroups, unknownGroups } from './groups.js';
import type { Report } from './report.js';
import { shownPair, some } from './shown.js';
import { summary, whoWrote } from './text.js';

export function markdownReport(report: Report): readonly string[] {
  return [
    `### ${escaped(summary(report))}`,
    ...findingGroups(report.findings).flatMap(({ id, subjects, what, fields, argo, next }) => [
      '',
      `**${escaped(some(subjects, 4))}** \`${id}\`: ${escaped(what)}`,
      '',
      ...(fields.length === 0 ? [] : ['| field | described | live | by |', '|---|---|---|---|']),
      ...fields.map((field) => {
        const [described, live] = shownPair(field.described, field.live);
        return `| ${[field.path, described, live].map(cell).join(' | ')} | ${escaped(whoWrote(field))} |`;
      }),
      ...(fields.length === 0 ? [] : ['']),
      ...(argo === null ? [] : [`- Argo CD ${escaped(argo)}`]),
      ...next.map((each) => (each.startsWith('kubectl') ? `- \`${each}\`` : `- ${escaped(each)}`)),
    ]),
    ...(report.unknown.length === 0 ? [] : ['', '**Cannot tell**', '']),
    ...unknownGroups(report.unknown).map(({ subjects, why }) => `- ${escaped(some(subjects, 4))}: ${escaped(why)}`),
    ...(report.notLookedAt.length === 0 ? [] : ['', '**Not looked at**', '']),
    ...report.notLookedAt.map(({ application, why }) => `- ${escaped(application)}: ${escaped(why)}`),
  ];
}

/** What people wrote into a cluster is text here, not markup. */
const escaped = (text: string): string => text.replaceAll(/[\\`*_{}[\]<>#|~]/g, '\\$&');

const cell = (text: string): string => {
  const fence = text.includes('`') ? '``' : '`';
  return `${fence}${text.replaceAll('|', '\\|')}${fence}`;
};
