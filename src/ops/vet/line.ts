/** The line of a field in the text of its file. */
import { parseAllDocuments } from 'yaml';
import { describe, type Manifest } from '../../manifest/manifest.js';

/** Of the deepest key of the path that is there; of the object's first line where none is. 1 where nothing is found. */
export function lineOf(text: string, object: string, path: readonly (string | number)[]): number {
  const documents = parseAllDocuments(text, { logLevel: 'silent' });
  const found = documents.find((document) => isObject(document, object)) ?? documents[0];
  if (found === undefined) return 1;
  for (let depth = path.length; depth > 0; depth -= 1) {
    const offset = keyOffset(found, path.slice(0, depth));
    if (offset !== undefined) return lineAt(text, offset);
  }
  return lineAt(text, found.contents?.range?.[0] ?? 0);
}

type Document = ReturnType<typeof parseAllDocuments>[number];

function isObject(document: Document, object: string): boolean {
  const value: unknown = document.toJS();
  return isManifest(value) && describe(value) === object;
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
