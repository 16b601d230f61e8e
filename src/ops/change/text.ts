/** A report for a terminal. */
import { type FieldLine, fieldLines, type MostLines } from './field-lines.js';
import { type ChangeGroup, groupsOf } from './groups.js';
import type { HostChange } from './host-changes.js';
import { WEIGHTS } from './object-change.js';
import { HEADINGS, predictedLine, type Report, summaryOf, unknownLines } from './report.js';

/** How a word or a line is set off; plain where nobody sees colours. */
export type Paint = (what: 'danger' | 'care' | 'added' | 'removed' | 'faint', text: string) => string;

export function textReport(report: Report, most: MostLines, paint: Paint): readonly string[] {
  const groups = groupsOf(report.changes);
  const weights = WEIGHTS.flatMap((weight) => {
    const own = groups.filter(({ change }) => change.weight === weight);
    if (own.length === 0) return [];
    const heading = HEADINGS[weight].toUpperCase();
    return [
      '',
      weight === 'plain' ? heading : paint(weight, heading),
      ...own.flatMap((group) => groupLines(group, most, paint)),
    ];
  });
  return [
    `${report.base} → ${report.head}: ${summaryOf(report)}`,
    ...weights,
    ...(report.hosts.length === 0 ? [] : ['', 'HOSTS', ...report.hosts.flatMap((host) => hostLines(host, paint))]),
    ...(report.unknown.length === 0
      ? []
      : ['', paint('care', 'CANNOT TELL'), ...unknownLines(report).map((line) => `    ${line}`)]),
    ...(report.notRendered.length === 0
      ? []
      : ['', ...report.notRendered.map((line) => paint('faint', `not compared: ${line}`))]),
    ...(report.predicted === 0 ? [] : ['', paint('faint', predictedLine(report.predicted))]),
  ];
}

export function titleOf({ change, names }: ChangeGroup): string {
  const { effect, application, cluster, formerly } = change;
  const where = [cluster, application === '' ? 'no Application' : application]
    .filter((part) => part !== '')
    .join(' · ');
  const from =
    formerly === null
      ? ''
      : effect === 'moved'
        ? `, from ${formerly === '' ? 'no Application' : formerly}`
        : `, was ${formerly}`;
  const what = names.length === 1 ? `${names[0]}` : `${names.length} objects`;
  return `${effect.padEnd(9)} ${what}${from}  (${where})`;
}

function groupLines(group: ChangeGroup, most: MostLines, paint: Paint): readonly string[] {
  const { change, names } = group;
  const title = titleOf(group);
  return [
    change.weight === 'plain' ? title : paint(change.weight, title),
    ...(names.length > 1 ? names.map((name) => `    ${name}`) : []),
    ...change.consequences.map((sentence) => `    ${sentence}`),
    ...change.fields.flatMap((field) => fieldLines(field, most)).map((line) => painted(line, paint)),
  ];
}

function painted({ sign, text }: FieldLine, paint: Paint): string {
  const line = `      ${sign} ${text}`.trimEnd();
  return sign === ' ' ? line : paint(sign === '+' ? 'added' : 'removed', line);
}

function hostLines(
  { cluster, group, hosts, done, afterReboot, afterRestart }: HostChange,
  paint: Paint,
): readonly string[] {
  const where = hosts === null ? `every node of ${group}` : hosts.join(', ');
  return [
    `${where}  (${[cluster, group].filter((part) => part !== '').join(' · ')})`,
    ...afterReboot.map((line) => paint('care', `    after a reboot by hand: ${line}`)),
    ...afterRestart.map((line) => paint('care', `    after a restart by hand: ${line}`)),
    ...folded(done).map((line) => `    ${line}`),
  ];
}

const FEW = 3;

/** The same done to many files of one folder, as one line. */
function folded(lines: readonly string[]): readonly string[] {
  const groups = new Map<string, string[]>();
  for (const line of lines) {
    const key = /^(brings|changes|takes back) (\/.*\/)[^/]+$/.exec(line)?.slice(1).join(' ') ?? line;
    groups.set(key, [...(groups.get(key) ?? []), line]);
  }
  return [...groups].flatMap(([key, group]) =>
    group.length <= FEW ? group : [key.replace(' /', ` ${group.length} files of /`)],
  );
}
