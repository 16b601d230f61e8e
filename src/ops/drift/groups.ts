/** Findings that one cause has made of many objects, said once; and the same for what could not be told. */
import type { Finding, Unknown } from './report.js';

export interface FindingGroup extends Omit<Finding, 'subject' | 'application'> {
  readonly subjects: readonly string[];
  readonly applications: readonly string[];
}

export function findingGroups(findings: readonly Finding[]): readonly FindingGroup[] {
  const groups = new Map<string, Finding[]>();
  for (const finding of findings) {
    const fields = finding.fields.map(({ path, described, live, writer }) => [path, described, live, writer?.manager]);
    const key = JSON.stringify([finding.id, finding.what, finding.argo, fields]);
    groups.set(key, [...(groups.get(key) ?? []), finding]);
  }
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const { subject: _, application: __, ...common } = first;
    return [
      {
        ...common,
        next: first.next.map((each) => (isOfAll(each, group) ? each : `${each}  # and so for the others`)),
        subjects: group.map(({ subject }) => subject),
        applications: [...new Set(group.flatMap(({ application }) => application ?? []))],
      },
    ];
  });
}

const isOfAll = (step: string, group: readonly Finding[]): boolean => group.every(({ next }) => next.includes(step));

interface UnknownGroup {
  readonly subjects: readonly string[];
  readonly why: string;
}

export function unknownGroups(unknown: readonly Unknown[]): readonly UnknownGroup[] {
  const groups = new Map<string, Unknown[]>();
  for (const each of unknown) {
    const key = withoutName(each.why);
    groups.set(key, [...(groups.get(key) ?? []), each]);
  }
  return [...groups].map(([key, group]) => ({
    subjects: group.map(({ subject }) => subject),
    why: group.length === 1 ? (group[0]?.why ?? key) : key,
  }));
}

/** The reason without the object that it came up for. */
const withoutName = (why: string): string =>
  why
    .replace(/^(get|list|dry run of) [^:]+: /, '')
    .replace(/ \(not asked again\)$/, '')
    .replace(/: \S+ "[^"]*" is forbidden: /, ': ');
