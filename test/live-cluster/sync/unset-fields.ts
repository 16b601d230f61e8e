/** What of Git's manifests is not so in the cluster, whatever Argo CD says of it. */
import type { Files } from '../../../src/manifest/layout.js';
import type { Bench } from '../bench/bench.js';

/**
 * Changed lines, and what the API server refuses; Argo CD's own objects aside.
 *
 * Another manager that would write the same values changes nothing: whatever it would change is not as in Git.
 */
export function unsetFields(bench: Bench, files: Files): readonly string[] {
  const wanted = [...files].filter(([path]) => !path.includes('/argocd/')).map(([, text]) => text);
  const { stdout, stderr } = bench.run(
    ['diff', '--server-side', '--force-conflicts', '--field-manager=compare', '--filename=-'],
    wanted.join('\n---\n'),
  );
  // The API server counts one up for a NetworkPolicy with an empty list, whatever is written.
  const changes = stdout.split('\n').filter((line) => /^[+-](?![+-]{2} )(?! {2}generation: )/.test(line));
  return [...changes, ...stderr.split('\n').filter((line) => line !== '')];
}
