/** What synth says of patches of foreign objects that are not described any more. */
import { describe } from '../manifest/manifest.js';
import type { LostPatch } from '../ops/foreign/lost-patches.js';

/** A message and its hints. */
export function formatLostPatches(out: string, lost: readonly LostPatch[]): [string, readonly string[]] {
  const patches = [...new Set(lost.map(({ cluster, patch }) => `selfheal retire ${patch} --cluster ${cluster}`))];
  return [
    `${lost.length} ${lost.length === 1 ? 'patch of a foreign object' : 'patches of foreign objects'} would be lost, nothing was written`,
    [
      ...lost.map(
        ({ cluster, file, manifest }) =>
          `${cluster}: ${describe(manifest)}: expected to be taken back before ${out}/${file} goes, got no such step`,
      ),
      'why: Argo CD leaves the object as it is, with our fields in it for ever, and nothing says so later',
      'first put back what was dropped from the description; then, for each:',
      ...patches.map((command) => `  ${command}`),
      'a cluster that is gone: remove its whole description (docs/layers/foreign-patches.md)',
    ],
  ];
}

/** A line for each patch, and for each cluster, that may go. */
export function formatGonePatches(lost: readonly LostPatch[]): readonly string[] {
  const retired = lost.filter(({ state }) => state === 'retired');
  const gone = lost.filter(({ state }) => state === 'cluster-gone');
  return [
    ...[...new Set(retired.map(({ cluster, patch }) => `selfheal retire ${patch} --cluster ${cluster}`))].map(
      (command) => `the second of two commits: \`${command} --context CONTEXT\` says whether the first is live`,
    ),
    ...[...new Set(gone.map(({ cluster }) => cluster))].map((name) => {
      const objects = gone.filter(({ cluster }) => cluster === name).map(({ manifest }) => describe(manifest));
      return `${name} is described no more: if it still runs, these keep our fields: ${objects.join(', ')}`;
    }),
  ];
}
