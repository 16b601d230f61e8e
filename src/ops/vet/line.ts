/** The line of a field in the text of its file. */
import { parseAllDocuments } from 'yaml';
import { describe, type Manifest } from '../../manifest/manifest.js';

/** The line of a field of one of the text's objects: of the deepest key that is there, of the object where none is. */
export type LineOf = (object: string, path: readonly (string | number)[]) => number;

/** Reads the text once, for all that is asked of it. 1 where nothing is found. */
export function linesIn(text: string): LineOf {
  // The text was read and accepted before; to look for repeated keys takes minutes in a large map.
  const documents = parseAllDocuments(text, { logLevel: 'silent', uniqueKeys: false });
  const named = new Map<string, Document>();
  for (const document of documents) {
    const name = nameOf(document);
    if (name !== undefined && !named.has(name)) named.set(name, document);
  }
  return (object, path) => {
    const found = named.get(object) ?? documents[0];
    if (found === undefined) return 1;
    for (let depth = path.length; depth > 0; depth -= 1) {
      const offset = keyOffset(found, path.slice(0, depth));
      if (offset !== undefined) return lineAt(text, offset);
    }
    return lineAt(text, found.contents?.range?.[0] ?? 0);
  };
}

type Document = ReturnType<typeof parseAllDocuments>[number];

function nameOf(document: Document): string | undefined {
  const value: unknown = document.toJS();
  return isManifest(value) ? describe(value) : undefined;
}

const isManifest = (value: unknown): value is Manifest =>
  typeof value === 'object' && value !== null && 'kind' in value && 'metadata' in value && Boolean(value.metadata);

/** Where the key stands, not its value: a value may begin on the next line. */
function keyOffset(document: Document, path: readonly (string | number)[]): number | undefined {
  const parent: unknown = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  const last = path.at(-1);
  if (typeof parent !== 'object' || parent === null || !('items' in parent) || !Array.isArray(parent.items))
    return undefined;
  const items: readonly unknown[] = parent.items;
  for (const [index, item] of items.entries()) {
    if (typeof item !== 'object' || item === null) continue;
    // An item of a list is a node by itself; one of a mapping is a pair.
    const node: unknown = 'key' in item ? item.key : item;
    const name = 'key' in item ? scalarOf(item.key) : index;
    if (name === last) return startOf(node);
  }
  return undefined;
}

const scalarOf = (node: unknown): unknown =>
  typeof node === 'object' && node !== null && 'value' in node ? node.value : undefined;

const startOf = (node: unknown): number | undefined => {
  const range: unknown = typeof node === 'object' && node !== null && 'range' in node ? node.range : undefined;
  const [start]: readonly unknown[] = Array.isArray(range) ? range : [];
  return typeof start === 'number' ? start : undefined;
};

const lineAt = (text: string, offset: number): number => text.slice(0, offset).split('\n').length;
