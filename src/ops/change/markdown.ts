/**
 * A report for a pull request of GitHub or Gitea.
 *
 * A comment there holds 65,536 characters. What does not fit is left out whole, the least important first, and it says so.
 */
import { fieldLines, type MostLines } from './field-lines.js';
import { type ChangeGroup, groupsOf } from './groups.js';
import type { HostChange } from './host-changes.js';
import { WEIGHTS } from './object-change.js';
import { HEADINGS, predictedLine, type Report, summaryOf, unknownLines } from './report.js';

const LIMIT = 65_000;

export function markdownReport(report: Report, most: MostLines, limit: number = LIMIT): string {
  const groups = groupsOf(report.changes);
  const blocks = [
    `### What Argo CD will do: ${summaryOf(report)}\n\n\`${report.base}\` → \`${report.head}\`\n`,
    ...WEIGHTS.flatMap((weight) => {
      const own = groups.filter(({ change }) => change.weight === weight);
      return own.map(
        (group, index) => `${index === 0 ? `\n#### ${HEADINGS[weight]}\n\n` : ''}${groupBlock(group, most)}`,
      );
    }),
  ];
  // What waits for a reboot must not fall victim to a long list of labels.
  const end = [
    ...(report.hosts.length === 0 ? [] : [`\n#### Hosts\n\n${report.hosts.map(hostBlock).join('')}`]),
    ...(report.unknown.length === 0
      ? []
      : [
          `\n#### Cannot tell\n\n${unknownLines(report)
            .map((line) => `- ${code(line)}\n`)
            .join('')}`,
        ]),
    ...(report.predicted === 0 ? [] : [`\n${predictedLine(report.predicted)}\n`]),
    ...(report.notRendered.length === 0 ? [] : [`\nNot compared: ${report.notRendered.map(code).join(', ')}\n`]),
  ].join('');
  return fitted(blocks, end, limit);
}

function fitted(blocks: readonly string[], end: string, limit: number): string {
  const note = (left: number): string =>
    `\n**${left} more are left out: a comment holds no more. All of it: \`selfheal diff\`.**\n`;
  const room = limit - Math.min(end.length, limit / 4) - note(blocks.length).length;
  let [length, count] = [0, 0];
  for (const block of blocks) {
    if (length + block.length > room) break;
    length += block.length;
    count++;
  }
  const left = blocks.length - count;
  const shown =
    end.length > limit / 4 ? `${end.slice(0, limit / 4 - 80)}\n\n… the rest of the hosts is left out.\n` : end;
  return `${blocks.slice(0, count).join('')}${left === 0 ? '' : note(left)}${shown}`;
}

function groupBlock({ change, names }: ChangeGroup, most: MostLines): string {
  const { effect, application, cluster, formerly, consequences, fields } = change;
  const where = [cluster, application].filter((part) => part !== '').join(' · ');
  const [first = ''] = names;
  const from =
    formerly === null ? '' : effect === 'moved' ? ` from ${formerly || 'no Application'}` : `, was ${code(formerly)}`;
  const title = `- **${effect}** ${names.length === 1 ? code(first) : `${names.length} objects`}${from}${where === '' ? '' : ` (${where})`}\n`;
  const sentences = consequences
    .map((sentence) => `  ${escaped(sentence)}\\\n`)
    .join('')
    .replace(/\\\n$/, '\n');
  const lines = fields.flatMap((field) => fieldLines(field, most)).map(({ sign, text }) => `${sign} ${text}`.trimEnd());
  return [
    title,
    sentences,
    details(names.length > 1 ? 'names' : '', names, ''),
    details(`${fields.length} ${fields.length === 1 ? 'field' : 'fields'}`, lines, 'diff'),
  ].join('');
}

function details(summary: string, lines: readonly string[], language: string): string {
  if (summary === '' || lines.length === 0) return '';
  // A text that holds a fence itself needs a longer one around it.
  const longest = Math.max(2, ...lines.flatMap((line) => [...line.matchAll(/`{3,}/g)].map(([fence]) => fence.length)));
  const fence = '`'.repeat(longest + 1);
  return `  <details><summary>${summary}</summary>\n\n${[`${fence}${language}`, ...lines, fence].map((line) => `  ${line}\n`).join('')}\n  </details>\n`;
}

function hostBlock({ group, hosts, done, afterReboot, afterRestart }: HostChange): string {
  const where = hosts === null ? `every node of ${group}` : hosts.join(', ');
  const lines = [
    ...afterReboot.map((line) => `  - **after a reboot by hand**: ${code(line)}\n`),
    ...afterRestart.map((line) => `  - **after a restart by hand**: ${code(line)}\n`),
  ];
  return `- **${where}** (${group})\n${lines.join('')}${details(`${done.length} at once`, done, '')}`;
}

const code = (text: string): string => `\`${text.replaceAll('`', "'")}\``;

/** A name of a user or an issue in a sentence would be a link, and somebody would be told. */
const escaped = (text: string): string => text.replaceAll(/[<>*_`|]/g, '\\$&').replaceAll(/([@#])(?=\w)/g, '$1\u200b');
