/** Which file holds which object: one object a file, so that a review shows one small diff for each changed thing. */
import { describe, groupOf, identityOf, type Manifest, type PlacedManifest } from './manifest.js';
import { toYaml } from './yaml.js';

/** Relative paths, `/`-separated, to contents. */
export type Files = ReadonlyMap<string, string>;

/**
 * `<folder>/<application>/<kind>-<name>.yaml`. Only namesakes carry more in the file's name: the namespace, and the
 * API group where two groups have the kind.
 */
export const layOut = (folder: string, objects: readonly PlacedManifest[]): Files =>
  new Map([...filesOf(folder, objects)].map(([path, manifest]) => [path, toYaml(manifest)]));

/** The same before it is text. */
export function filesOf(folder: string, objects: readonly PlacedManifest[]): ReadonlyMap<string, Manifest> {
  refuseTwins(objects);
  const files = new Map<string, Manifest>();
  const namesakes = new Map<string, PlacedManifest[]>();
  for (const object of objects) {
    const path = pathOf(folder, object, short);
    namesakes.set(path, [...(namesakes.get(path) ?? []), object]);
  }
  for (const object of objects) {
    const rivals = namesakes.get(pathOf(folder, object, short)) ?? [];
    const name = [short, withNamespace, withGroup].find(
      (candidate) => new Set(rivals.map(candidate)).size === rivals.length,
    );
    const path = name && pathOf(folder, object, name);
    if (path === undefined || files.has(path)) {
      throw new Error(`${describe(object.manifest)}: expected a file of its own, got ${path ?? 'no name for one'}`);
    }
    files.set(path, object.manifest);
  }
  return new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The same object in two Applications, or twice in one: they would undo each other for ever. */
function refuseTwins(objects: readonly PlacedManifest[]): void {
  const owners = new Map<string, string>();
  for (const { application, manifest } of objects) {
    const owner = owners.get(identityOf(manifest));
    if (owner !== undefined)
      throw new Error(`${describe(manifest)}: expected once and in one Application, got ${owner} and ${application}`);
    owners.set(identityOf(manifest), application);
  }
}

type Naming = (object: PlacedManifest) => string;

const pathOf = (folder: string, object: PlacedManifest, name: Naming): string =>
  `${folder}/${object.application}/${name(object)}.yaml`;

const plain = (name: string): string => name.replaceAll(/[^-.\w]/g, '-');

const short: Naming = ({ manifest: { kind, metadata } }) => `${kind.toLowerCase()}-${plain(metadata.name)}`;

const withNamespace: Naming = (object) => `${short(object)}.${object.manifest.metadata.namespace ?? 'cluster'}`;

const withGroup: Naming = (object) => `${withNamespace(object)}.${groupOf(object.manifest) || 'core'}`;
