/** Rights to read objects by their names. No Secret is among them, whatever is asked for. */
import { groupOf, isSecret, type Manifest } from './manifest.js';

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

export function rulesFor(objects: readonly Manifest[]): readonly Rule[] {
  const names = new Map<string, Set<string>>();
  for (const object of objects) {
    if (isSecret(object)) continue;
    const key = `${groupOf(object)}/${pluralOf(object.kind)}`;
    names.set(key, (names.get(key) ?? new Set()).add(object.metadata.name));
  }
  return [...names].sort().map(([key, meant]) => {
    const [group = '', resource = ''] = key.split('/');
    return { apiGroups: [group], resources: [resource], resourceNames: [...meant].sort(), verbs: ['get'] };
  });
}

/** As English makes them, which is how every kind that is generated here is named. */
export function pluralOf(kind: string): string {
  const word = kind.toLowerCase();
  if (/[^aeiou]y$/.test(word)) return `${word.slice(0, -1)}ies`;
  return /(s|x|ch|sh)$/.test(word) ? `${word}es` : `${word}s`;
}
