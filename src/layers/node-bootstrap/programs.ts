/**
 * The programs that all groups bring alike, apart from what is particular to one.
 *
 * A program is then read once, however many groups there are, and what a person decides stands in a few pages.
 */
import type { HostGroup } from '../../cluster/cluster.js';
import type { Payload } from './payload.js';

export const PROGRAMS = 'node-bootstrap-programs';

const isProgram = (key: string, content: string): boolean => content.startsWith('#!') || key.endsWith('.awk');

/** A group that is taken back has few programs: it does not count, or those of all others would move with it. */
export function programsOf(groups: readonly { readonly group: HostGroup; readonly payload: Payload }[]): Payload {
  const described = groups.filter(({ group }) => group.state !== 'absent');
  const [first, ...others] = (described.length === 0 ? groups : described).map(({ payload }) => payload);
  return new Map(
    [...(first ?? [])].filter(
      ([key, content]) => isProgram(key, content) && others.every((payload) => payload.get(key) === content),
    ),
  );
}

/** The ConfigMaps that make up a payload, and what the group's own has to hold. */
export function splitPayload({ name }: HostGroup, payload: Payload, programs: Payload) {
  const has = ([key, content]: readonly [string, string]): boolean => payload.get(key) === content;
  return [...programs].every(has)
    ? { sources: [PROGRAMS, name], own: new Map([...payload].filter(([key]) => !programs.has(key))) }
    : { sources: [name], own: payload };
}
