/**
 * Manifests from the text of a file, as Kubernetes and Argo CD read them.
 *
 * Both read YAML 1.1, where `yes` is true and `0644` is 420, but neither reads its dates and its numbers to base 60.
 */
import { type Document, isScalar, parseAllDocuments, type Tags, visit } from 'yaml';
import { isPlainObject, show } from '../cluster/parse/issue.js';
import { OperatorError } from '../errors.js';
import type { Manifest } from './manifest.js';

export interface ReadManifests {
  readonly manifests: readonly Manifest[];
  /** A line each, with file and document. */
  readonly problems: readonly string[];
}

/**
 * Every object of every document; the items of a List are objects of their own.
 *
 * @throws OperatorError with all that is wrong in the file.
 */
export function parseManifests(file: string, text: string): readonly Manifest[] {
  const { manifests, problems } = readManifests(file, text);
  const [first, ...more] = problems;
  if (first !== undefined) throw new OperatorError(first, more);
  return manifests;
}

/** The same for a reader of many files, who says everything at once. */
export function readManifests(file: string, text: string): ReadManifests {
  const documents = parseAllDocuments(text, {
    version: '1.1',
    customTags: withoutDates,
    logLevel: 'error',
    uniqueKeys: false, // It holds each key against each other: minutes for a map of 60,000. See repeatedKey.
  });
  if ('empty' in documents) return { manifests: [], problems: [] };
  const read = documents.map((document, index): ReadManifests => {
    const place = documents.length === 1 ? `'${file}'` : `'${file}', document ${index + 1}`;
    const [error] = document.errors;
    if (error !== undefined) {
      const [line] = error.linePos ?? [];
      const [what = ''] = error.message.split('\n');
      return wrong(
        `${place}${line ? `, line ${line.line}` : ''}: expected YAML, got ${what.replace(/ at line .*$/, '')}`,
      );
    }
    const repeated = repeatedKey(document);
    if (repeated !== undefined)
      return wrong(`${place}, line ${lineAt(text, repeated)}: expected YAML, got Map keys must be unique`);
    try {
      return objectsIn(place, document.toJS());
    } catch (cause) {
      return wrong(`${place}: expected YAML, got ${cause instanceof Error ? cause.message : String(cause)}`);
    }
  });
  return { manifests: read.flatMap(({ manifests }) => manifests), problems: read.flatMap(({ problems }) => problems) };
}

/** Where a map has a key for the second time. */
function repeatedKey(document: Document): number | undefined {
  let first: number | undefined;
  visit(document, {
    Map: (_, { items }) => {
      const seen = new Set<unknown>();
      for (const { key } of items) {
        if (!isScalar(key)) continue;
        const start = key.range?.[0] ?? 0;
        if (seen.has(key.value)) first = Math.min(start, first ?? start);
        seen.add(key.value);
      }
    },
  });
  return first;
}

const lineAt = (text: string, offset: number): number => text.slice(0, offset).split('\n').length;

const wrong = (problem: string): ReadManifests => ({ manifests: [], problems: [problem] });

function withoutDates(tags: Tags): Tags {
  return tags.filter(
    (tag) =>
      typeof tag === 'string' || (!('format' in tag && tag.format === 'TIME') && !/timestamp|binary/.test(tag.tag)),
  );
}

function objectsIn(place: string, value: unknown): ReadManifests {
  if (value === null || value === undefined) return { manifests: [], problems: [] };
  if (!isPlainObject(value)) return wrong(`${place}: expected an object of Kubernetes, got ${show(value)}`);
  const { apiVersion, kind, metadata, items } = value;
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') {
    const missing = typeof apiVersion === 'string' ? 'kind' : 'apiVersion';
    return wrong(`${place}: ${missing}: expected a text, got ${show(value[missing])}`);
  }
  if (kind.endsWith('List') && Array.isArray(items)) {
    const inside = items.map((item, index) => objectsIn(`${place}, item ${index + 1}`, item));
    return {
      manifests: inside.flatMap(({ manifests }) => manifests),
      problems: inside.flatMap(({ problems }) => problems),
    };
  }
  const { name, generateName } = isPlainObject(metadata) ? metadata : {};
  if (typeof name === 'string' && name !== '') return { manifests: [value as unknown as Manifest], problems: [] };
  if (typeof generateName !== 'string')
    return wrong(`${place}: metadata.name of the ${kind}: expected a text, got ${show(name)}`);
  // The API server makes the name up, a new one at each sync.
  const generated = { ...value, metadata: { ...(metadata as object), name: `${generateName}*` } };
  return { manifests: [generated as unknown as Manifest], problems: [] };
}
