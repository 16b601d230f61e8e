/** The report for a terminal: what is wrong first, each with who, what Argo CD does about it, and what to type. */

import { counted } from '../words.js';
import { ARGO_MANAGER } from './field-set.js';
import { type FindingGroup, findingGroups, unknownGroups } from './groups.js';
import type { FieldDifference, Report } from './report.js';
import { shownPair, some } from './shown.js';

const MOST_FIELDS = 6;
const MOST_SUBJECTS = 4;
/** More than fit on a screen or two would push the worst, which stand first, out of sight. */
const MOST_GROUPS = 8;
const MOST_SUBJECTS_IN_SHORT = 8;

export function textReport(report: Report): readonly string[] {
  const groups = findingGroups(report.findings);
  // Two in short would be no shorter.
  const whole = groups.length <= MOST_GROUPS + 2 ? groups.length : MOST_GROUPS;
  return [
    summary(report),
    ...groups.slice(0, whole).flatMap((group) => ['', ...findingLines(group)]),
    ...shortLines(groups.slice(whole)),
    ...unknownLines(report),
    ...notes(report),
  ];
}

export function summary({ cluster, findings, unknown, looked, notLookedAt }: Report): string {
  const { objects, applications, hosts } = looked;
  const left = notLookedAt.length > 0 ? `, but the charts of ${counted(notLookedAt.length, 'Application')}` : '';
  const scope = `${counted(objects, 'object')}, ${counted(applications, 'Application')}, ${counted(hosts, 'host')}${left}`;
  if (findings.length === 0 && unknown.length === 0) return `${cluster}: in step (${scope})`;
  const drift = findings.length === 0 ? 'no drift seen' : `drift: ${counted(findings.length, 'finding')}`;
  const doubt = unknown.length === 0 ? '' : `, and ${counted(unknown.length, 'thing')} that cannot be told`;
  return `${cluster}: ${drift}${doubt} (${scope})`;
}

function findingLines({ id, subjects, applications, what, fields, argo, next }: FindingGroup): readonly string[] {
  const [only] = applications;
  const of =
    only !== undefined && applications.length === 1 && !subjects.some((each) => each.endsWith(`/${only}`))
      ? ` (${only})`
      : '';
  return [
    `${some(subjects, MOST_SUBJECTS)}${of}: ${id}`,
    `  ${what}`,
    ...fields.slice(0, MOST_FIELDS).flatMap(fieldLines),
    ...(fields.length > MOST_FIELDS
      ? [`    and ${fields.length - MOST_FIELDS} more fields: -o json has them all`]
      : []),
    ...(argo === null ? [] : [`  Argo CD ${argo}`]),
    ...next.map((each) => `  next: ${each}`),
  ];
}

function shortLines(groups: readonly FindingGroup[]): readonly string[] {
  if (groups.length === 0) return [];
  const subjects = new Map<string, readonly string[]>();
  for (const group of groups) subjects.set(group.id, [...(subjects.get(group.id) ?? []), ...group.subjects]);
  return [
    '',
    'In short (one Application: --application NAME; everything: -o json):',
    ...[...subjects].map(([id, of]) => `  ${id}, ${of.length}: ${some(of, MOST_SUBJECTS_IN_SHORT)}`),
  ];
}

function fieldLines(field: FieldDifference): readonly string[] {
  const [described, live] = shownPair(field.described, field.live);
  return [`    ${field.path || 'the object'}: described ${described}, live ${live}`, `      by ${whoWrote(field)}`];
}

export function whoWrote({ live, writer }: FieldDifference): string {
  if (writer === null)
    return live === undefined
      ? 'nobody on record: what was removed leaves no trace'
      : 'nobody on record: the server filled it in, or an admission webhook';
  const { manager, operation, subresource, time } = writer;
  const when = time ?? 'the server did not keep when';
  if (manager === ARGO_MANAGER) return `Argo CD itself, ${when}: from another commit than this description`;
  return `${manager} (${operation}${subresource === null ? '' : ` of ${subresource}`}), ${when}`;
}

function unknownLines({ unknown }: Report): readonly string[] {
  if (unknown.length === 0) return [];
  return [
    '',
    'Cannot tell:',
    ...unknownGroups(unknown).map(({ subjects, why }) => `  ${some(subjects, MOST_SUBJECTS)}: ${why}`),
  ];
}

function notes({ notLookedAt, predicted }: Report): readonly string[] {
  return [
    ...(notLookedAt.length === 0
      ? []
      : [
          '',
          'Not looked at: what charts render',
          ...notLookedAt.map(({ application, why }) => `  ${application}: ${why}`),
        ]),
    ...(predicted === 0
      ? []
      : [
          '',
          `${counted(predicted, 'object')} compared by the record of owners: this identity may not ask for a dry run`,
        ]),
  ];
}
