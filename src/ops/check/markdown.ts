/** Results of checks for an issue. */
import { type CheckReport, headline, sorted } from './report.js';
import { type CheckResult, inWords } from './result.js';
import { wordsOf } from './text.js';

export const markdownReport = (report: CheckReport): readonly string[] => {
  const { diagnosis, results } = report;
  return [
    `**${headline(report)}**`,
    ...diagnosis.causes.map(
      ({ name, node, what }, index) => `${index === 0 ? '\n' : ''}- **${name}** on ${node ?? 'the cluster'}: ${what}`,
    ),
    ...diagnosis.actions.map(
      ({ node, command, answers }, index) =>
        `${index === 0 ? '\n' : ''}${index + 1}. ${node === null ? '' : `on ${node}: `}\`${command}\` (answers ${answers.join(', ')})`,
    ),
    '',
    '| | check | looked at | found | once | next |',
    '|---|---|---|---|---|---|',
    ...sorted(results).map((result) => `| ${cellsOf(result).map(escaped).join(' | ')} |`),
  ];
};

const cellsOf = (result: CheckResult): readonly string[] => {
  const { verdict, check, subject, incident, next } = result;
  return [verdict, check, subject, inWords(result), incident === null ? '' : wordsOf(incident), next];
};

const escaped = (cell: string): string => cell.replaceAll('|', '\\|').replaceAll(/\s+/g, ' ');
