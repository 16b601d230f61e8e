/** A version of a kind goes only when nothing is written in it any more. */
import { at, listAt, textAt } from '../../../manifest/json.js';
import { describe, groupOf, type Manifest } from '../../../manifest/manifest.js';
import type { Placed } from '../change.js';
import { type Concern, concern, type VetRule } from '../rule.js';

export const crdVersionRemoved: VetRule = {
  id: 'crd-version-removed',
  severity: 'error',
  reason:
    'Objects in a version that is no longer served cannot be applied, and a version that is still stored cannot be dropped: the sync fails, and what was in it is out of reach.',
  mend: 'first write every object in the new version and let them be stored again, then stop serving the old one, then drop it',
  check: ({ objects, after }) =>
    objects.kept
      .filter(({ after: now }) => now.manifest.kind === 'CustomResourceDefinition')
      .flatMap(({ before, after: now }): readonly Concern[] => {
        const served = versionsOf(now.manifest, true);
        return versionsOf(before.manifest, true)
          .filter((version) => !served.includes(version))
          .flatMap((version) => concernOf(now, before.manifest, version, after));
      }),
};

function concernOf(now: Placed, before: Manifest, version: string, after: readonly Placed[]): readonly Concern[] {
  const isOf = ({ manifest, application }: Placed): boolean =>
    application.cluster === now.application.cluster &&
    manifest.kind === textAt(now.manifest, 'spec', 'names', 'kind') &&
    groupOf(manifest) === textAt(now.manifest, 'spec', 'group') &&
    manifest.apiVersion.endsWith(`/${version}`);
  const left = after.filter(isOf).map(({ manifest }) => describe(manifest));
  const wasStored = listAt(before, 'spec', 'versions').some(
    (entry) => textAt(entry, 'name') === version && at(entry, 'storage') === true,
  );
  const isGone = !versionsOf(now.manifest, false).includes(version);
  if (left.length === 0 && !(wasStored && isGone)) return [];
  const why =
    left.length > 0
      ? `${left.slice(0, 3).join(', ')} ${left.length === 1 ? 'is' : 'are'} written in it`
      : 'objects are stored in it';
  return [concern(now, `expected version ${version} to stay (${why}), got it removed`, ['spec', 'versions'])];
}

const versionsOf = (manifest: Manifest, isServed: boolean): readonly string[] =>
  listAt(manifest, 'spec', 'versions')
    .filter((entry) => !isServed || at(entry, 'served') === true)
    .flatMap((entry) => textAt(entry, 'name') ?? []);
