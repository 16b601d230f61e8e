/** An Application goes on with the same objects in the same place. */
import { at, show } from '../../../guardrails/json.js';
import { placedApplication } from '../application.js';
import { type Concern, concern, type VetRule } from '../rule.js';
import { isSame } from '../same.js';

export const applicationMoved: VetRule = {
  id: 'application-moved',
  severity: 'error',
  reason:
    'An Application that points elsewhere creates everything again over there and forgets what it left: nothing prunes it, nothing heals it, and two of each are running.',
  mend: 'make a second Application for the new place, and empty the old one file by file',
  check: ({ applications }) =>
    applications.kept.flatMap(({ before, after }): readonly Concern[] =>
      PLACES.filter((path) => {
        const [old, now] = [before, after].map(({ source }) => at(source.manifest, ...path));
        return old !== undefined && !isSame(old, now);
      }).map((path) =>
        concern(
          placedApplication(after, 'head'),
          `expected ${path.join('.')} to stay ${show(at(before.source.manifest, ...path))}, got ${show(at(after.source.manifest, ...path))}`,
          path,
        ),
      ),
    ),
};

const PLACES = [
  ['spec', 'destination', 'server'],
  ['spec', 'destination', 'name'],
  ['spec', 'destination', 'namespace'],
];
