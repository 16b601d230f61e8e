/** A part of a cluster's rules that can be evaluated by itself, which takes a fraction of the time. */
import type { groupsInDist } from '../../support/alerts.js';

export type Groups = ReturnType<typeof groupsInDist>;

export const exprsOf = (groups: Groups): string =>
  groups.flatMap(({ rules }) => rules.map(({ expr }) => expr)).join('\n');

/** The alerts and recordings of these names, and the recordings that they read, or that those read. */
export function neededFor(wanted: readonly string[], groups: Groups): Groups {
  const names = new Set(wanted);
  const needed = () =>
    groups
      .map((group) => ({
        ...group,
        rules: group.rules.filter(({ alert, record }) => names.has(alert ?? record ?? '')),
      }))
      .filter(({ rules }) => rules.length > 0);
  const records = groups.flatMap(({ rules }) => rules.flatMap(({ record }) => record ?? []));
  for (let known = -1; known < names.size; ) {
    known = names.size;
    const exprs = exprsOf(needed());
    for (const record of records) if (exprs.includes(record)) names.add(record);
  }
  return needed();
}

/** The kernel layer records what the others ask for. */
export const recordingsFirst = (groups: Groups): Groups => [
  ...groups.filter(({ name }) => name === 'selfheal.kernel'),
  ...groups.filter(({ name }) => name !== 'selfheal.kernel'),
];
