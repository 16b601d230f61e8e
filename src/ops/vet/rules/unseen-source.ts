/** What cannot be seen here is not called clean. */
import { at, show } from '../../../manifest/json.js';
import { placedApplication } from '../application.js';
import { concern, type VetRule } from '../rule.js';
import { isSame } from '../same.js';

export const unseenSource: VetRule = {
  id: 'unseen-source',
  severity: 'warning',
  reason:
    "A chart's new version removes and renames what it likes, and none of it stands in Git: Longhorn and the monitoring of a cluster come by charts.",
  mend: 'render both versions (helm template), compare them, and accept the finding',
  check: ({ applications, changedFiles }) =>
    applications.kept.flatMap(({ before, after }) => {
      const { folder, notRendered, source } = after;
      if (notRendered === null) return [];
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
};

const SOURCES = ['source', 'sources'];
