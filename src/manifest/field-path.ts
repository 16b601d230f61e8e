/** A path as `fieldChanges` writes it, taken apart again: `spec.containers[name=main].image`. */

export type Step =
  | { readonly field: string }
  /** What stands in brackets: an index, or a key such as `name=main` or `port=53,protocol=UDP`. */
  | { readonly item: string };

export function stepsOf(path: string): readonly Step[] {
  const steps: Step[] = [];
  const word = /"(?:[^"\\]|\\.)*"|[^.[\]"]+/y;
  for (let at = 0; at < path.length; ) {
    if (path[at] === '[') {
      const end = endOfItem(path, at);
      steps.push({ item: path.slice(at + 1, end) });
      at = end + 1;
    } else {
      word.lastIndex = path[at] === '.' ? at + 1 : at;
      const [found = ''] = word.exec(path) ?? [];
      if (found === '') throw new Error(`field path: expected a name at ${at}, got ${JSON.stringify(path)}`);
      steps.push({ field: found.startsWith('"') ? String(JSON.parse(found)) : found });
      at = word.lastIndex;
    }
  }
  return steps;
}

/** A field's path below another. */
export const below = (path: string, field: string): string => {
  const name = /^[^.[\]"]+$/.test(field) ? field : JSON.stringify(field);
  return path === '' ? name : `${path}.${name}`;
};

/** A key's value may hold brackets; what follows the closing one is a dot, another item, or nothing. */
function endOfItem(path: string, start: number): number {
  const rest = /\](?=[.[]|$)/g;
  rest.lastIndex = start;
  const end = rest.exec(path)?.index;
  if (end === undefined) throw new Error(`field path: expected "]", got ${JSON.stringify(path)}`);
  return end;
}
