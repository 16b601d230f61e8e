/** What the API server never lets change stays as it is. */
import type { FieldChange } from '../../../manifest/field-changes.js';
import type { Json } from '../../../manifest/manifest.js';
import { maskedChanges } from '../../../manifest/masked.js';
import { isReconciled, refusedChanges } from '../../change/immutable.js';
import { type Concern, concern, type VetRule } from '../rule.js';

export const immutableField: VetRule = {
  id: 'immutable-field',
  severity: 'error',
  reason:
    'The API server refuses the object, Argo CD gives the whole revision up, and everything else in it waits: a Job that was synced again with a new image does that.',
  mend: 'give the object a new name; or let somebody delete the old one by hand when nothing is lost by it. A Job belongs into a hook',
  check: ({ objects }) =>
    objects.kept.flatMap(({ before, after }): readonly Concern[] =>
      // Argo CD makes a binding anew by itself. Of selectors, selector-changed speaks.
      isReconciled(after.manifest)
        ? []
        : refusedChanges(before.manifest, maskedChanges(before.manifest, after.manifest))
            .filter(({ path }) => !/^spec\.selector\b/.test(path) || after.manifest.kind === 'PersistentVolumeClaim')
            .map((field) => concern(after, `${sentence(field)}: the API server refuses it`, keysOf(field.path))),
    ),
};

const sentence = ({ path, before, after }: FieldChange): string =>
  `expected ${path} to stay ${shown(before)}, got ${shown(after)}`;

/** A value of a Secret is masked on both sides. */
function shown(value: Json | undefined): string {
  const text = value === undefined ? 'unset' : JSON.stringify(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

const LONGEST = 80;

/** The keys down to the first list: what a file is searched for. */
const keysOf = (path: string): readonly string[] =>
  path
    .replace(/[["].*$/, '')
    .replace(/\.$/, '')
    .split('.');
