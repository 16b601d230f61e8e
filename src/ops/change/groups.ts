/** Changes that are the same in several objects, once: a label that forty objects get is one thing to read. */

import { nameOf } from '../../manifest/live-object.js';
import type { ObjectChange } from './object-change.js';

export interface ChangeGroup {
  /** The first of them. */
  readonly change: ObjectChange;
  readonly names: readonly string[];
}

export function groupsOf(changes: readonly ObjectChange[]): readonly ChangeGroup[] {
  const groups = new Map<string, ObjectChange[]>();
  for (const change of changes) {
    const { weight, effect, cluster, application, formerly, fields, consequences } = change;
    const isAlone = effect === 'renamed';
    const key = JSON.stringify([
      weight,
      effect,
      cluster,
      application,
      formerly,
      fields,
      consequences,
      isAlone ? change.object : null,
    ]);
    groups.set(key, [...(groups.get(key) ?? []), change]);
  }
  return [...groups.values()].flatMap((group) => {
    const [change] = group;
    return change === undefined ? [] : [{ change, names: group.map(({ object }) => nameOf(object)) }];
  });
}
