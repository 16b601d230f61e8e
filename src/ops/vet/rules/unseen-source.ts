/** What cannot be seen here is not called clean. */
import type { SyncedApplication } from '../../../argo/tree.js';
import { at, listAt, show, textAt } from '../../../manifest/json.js';
import type { Manifest } from '../../../manifest/manifest.js';
import { placedApplication } from '../application.js';
import { isApplicationSet } from '../application-set.js';
import type { Pair, Placed } from '../change.js';
import { type Concern, concern, type VetRule } from '../rule.js';
import { isSame } from '../same.js';

export const unseenSource: VetRule = {
  id: 'unseen-source',
  severity: 'warning',
  reason:
    "A chart's new version removes and renames what it likes, and none of it stands in Git: Longhorn and the monitoring of a cluster come by charts.",
  mend: 'render both versions (helm template), compare them, and accept the finding',
  check: ({ applications, objects, changedFiles }) => [
    ...applications.kept.flatMap(({ before, after }) => {
      const { folder, notRendered, source } = after;
      if (notRendered === null) return ofAnotherRevision(before, after);
      const isOther = SOURCES.some(
        (key) => !isSame(at(before.source.manifest, 'spec', key), at(source.manifest, 'spec', key)),
      );
      const changed = folder === null ? [] : changedFiles.filter((file) => file.startsWith(`${folder}/`));
      if (!isOther && changed.length === 0) return [];
      const what = isOther ? `before: ${before.notRendered ?? show(before.folder)}` : `changed: ${changed.join(', ')}`;
      return [
        concern(
          placedApplication(after, 'head'),
          `expected objects to look at, got ${notRendered} (${what}): what it changes cannot be told here`,
          ['spec', 'source'],
        ),
      ];
    }),
    ...objects.kept.flatMap(ofSet),
  ],
};

/** The folder is looked at here as it is in this repository at this commit. */
function ofAnotherRevision(before: SyncedApplication, after: SyncedApplication): readonly Concern[] {
  const [old, now] = [before, after].map(({ source }) => revisionsOf(source.manifest).join(', '));
  if (before.notRendered !== null || old === now) return [];
  const found = `expected its manifests from ${old}, got ${now}: what stands there is not looked at here`;
  return [{ ...concern(placedApplication(after, 'head'), found, ['spec', 'source']), mend: MEND_OF_REVISION }];
}

const MEND_OF_REVISION = 'look at what differs between the two (git diff), and accept the finding';

function revisionsOf({ spec }: Manifest): readonly string[] {
  const sources = listAt(spec, 'sources');
  const one = at(spec, 'source');
  return (sources.length > 0 ? sources : one === undefined ? [] : [one]).map(
    (source) => `${textAt(source, 'targetRevision') ?? 'HEAD'} of ${textAt(source, 'repoURL') ?? 'no repository'}`,
  );
}

/** Which Applications it makes is for its controller to say. */
function ofSet({ before, after }: Pair<Placed>): readonly Concern[] {
  if (!isApplicationSet(after)) return [];
  const changed = MAKING.filter((key) => !isSame(at(before.manifest, 'spec', key), at(after.manifest, 'spec', key)));
  const [first] = changed;
  if (first === undefined) return [];
  const found = `expected Applications to look at, got other ${changed.join(' and ')}: which of them come, go and change cannot be told here`;
  return [{ ...concern(after, found, ['spec', first]), mend: MEND_OF_SET }];
}

const MAKING = ['generators', 'template', 'templatePatch'];
const MEND_OF_SET = 'compare what argocd appset generate makes of both versions, and accept the finding';

const SOURCES = ['source', 'sources'];
