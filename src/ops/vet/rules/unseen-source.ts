/** What cannot be seen here is not called clean. */
import { at, show } from '../../../guardrails/json.js';
import { placedApplication } from '../application.js';
import { concern, type VetRule } from '../rule.js';
import { isSame } from '../same.js';

export const unseenSource: VetRule = {
  id: 'unseen-source',
  severity: 'warning',
  reason:
    "A chart's new version removes and renames what it likes, and none of it stands in Git: Longhorn and the monitoring of a cluster come by charts.",
  mend: 'render both versions (helm template), compare them, and accept the finding',
  check: ({ applications }) =>
    applications.kept
      .filter(({ after }) => after.notRendered !== null)
      .filter(({ before, after }) =>
        SOURCES.some((key) => !isSame(at(before.source.manifest, 'spec', key), at(after.source.manifest, 'spec', key))),
      )
      .map(({ before, after }) =>
        concern(
          placedApplication(after, 'head'),
          `expected objects to look at, got ${after.notRendered} (before: ${before.notRendered ?? show(before.folder)}): what it changes cannot be told here`,
          ['spec', 'source'],
        ),
      ),
};

const SOURCES = ['source', 'sources'];
