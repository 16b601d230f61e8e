/** Which file holds which object: one object a file, so that a review shows one small diff for each changed thing. */
import { describe, identityOf, type Manifest, type PlacedManifest } from './manifest.js';
import { toYaml } from './yaml.js';

/** Relative paths, `/`-separated, to contents. */
export type Files = ReadonlyMap<string, string>;

/** `<folder>/<application>/<kind>-<name>.yaml`; namesakes in several namespaces carry theirs in the file's name. */
export function layOut(folder: string, objects: readonly PlacedManifest[]): Files {
  const owners = new Map<string, string>();
  for (const { application, manifest } of objects) {
    const owner = owners.get(identityOf(manifest));
    if (owner !== undefined)
      throw new Error(`${describe(manifest)}: expected in one Application, got ${owner} and ${application}`);
    owners.set(identityOf(manifest), application);
  }
  const pathOf = ({ application, manifest }: PlacedManifest): string =>
    `${folder}/${application}/${fileName(manifest)}.yaml`;
  const taken = new Map<string, number>();
  for (const object of objects) taken.set(pathOf(object), (taken.get(pathOf(object)) ?? 0) + 1);

  const files = objects.map((object): [string, string] => {
    const alone = taken.get(pathOf(object)) === 1;
    const { application, manifest } = object;
    const name = alone ? fileName(manifest) : `${fileName(manifest)}.${manifest.metadata.namespace ?? 'cluster'}`;
    return [`${folder}/${application}/${name}.yaml`, toYaml(manifest)];
  });
  return new Map(files.sort(([a], [b]) => (a < b ? -1 : 1)));
}

const fileName = ({ kind, metadata: { name } }: Manifest): string =>
  `${kind.toLowerCase()}-${name.replaceAll(':', '-')}`;
