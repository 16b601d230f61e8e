/** Manifests as a verb prints them, to be read and applied by a person. */
import type { Manifest } from '../manifest/manifest.js';
import { HEADER, toYaml } from '../manifest/yaml.js';

export const printedManifests = (objects: readonly Manifest[]): string =>
  objects
    .map((object) => toYaml(object).replace(`${HEADER}\n`, ''))
    .join('---\n')
    .trimEnd();
