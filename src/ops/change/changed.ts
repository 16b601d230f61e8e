/** An object that is in Git before and after: what the change does to it. */
import { optionsOf } from '../../guardrails/argo.js';
import type { FieldChange } from '../../manifest/field-changes.js';
import type { Manifest } from '../../manifest/manifest.js';
import { maskedChanges } from '../../manifest/masked.js';
import { wordsForChanged } from './application-words.js';
import { refusedChanges } from './immutable.js';
import { moveOf } from './moves.js';
import { changeIn, type ObjectChange } from './object-change.js';
import type { Sides } from './pairs.js';
import { formOf, patchChanged } from './patch-words.js';
import { applicationItself, type Placed } from './placed.js';
import { readersOf } from './readers.js';
import { refusalOf } from './refusal.js';
import { rolloutOf } from './rollout.js';

/** One change, or none. */
export function changeOf(before: Placed, after: Placed, sides: Sides): readonly ObjectChange[] {
  const fields = maskedChanges(before.manifest, after.manifest);
  const move = moveOf(before, after, sides.base, sides.head);
  const isRefused = (sides.verdicts.get(after.manifest)?.refused ?? null) !== null;
  const own = fields.length > 0 || isRefused ? changeInPlace(before, after, fields, sides) : null;
  if (move === null) return own === null ? [] : [own];
  return [
    {
      ...changeIn(after),
      effect: 'moved',
      weight: move.weight,
      formerly: before.application?.name ?? '',
      fields,
      consequences: [...move.sentences, ...(own?.consequences ?? [])],
    },
  ];
}

function changeInPlace(before: Placed, after: Placed, fields: readonly FieldChange[], sides: Sides): ObjectChange {
  const { manifest } = after;
  const shared = { ...changeIn(after), fields };
  const verdict = sides.verdicts.get(manifest);
  // What the server has said counts, whatever the table holds.
  const refused = verdict?.refused === null ? [] : refusedChanges(before.manifest, fields);
  if (refused.length > 0 || verdict?.refused)
    return { ...shared, ...refusalOf(after, refused, verdict?.refused ?? null) };
  const [oldApp, newApp] = [applicationItself(sides.base, before), applicationItself(sides.head, after)];
  if (oldApp !== undefined && newApp !== undefined) {
    const { weight, sentences } = wordsForChanged(oldApp, newApp);
    const unheld = after.application === null ? ['No Application here holds it: somebody has to apply it.'] : [];
    return { ...shared, effect: 'changed', weight, consequences: [...sentences, ...unheld] };
  }
  const { rolls, consequences: rollout } = rolloutOf(manifest, fields);
  const scale = scaling(fields);
  const unprotected = losesProtection(before.manifest, manifest);
  const retiring = formOf(manifest) === 'retiring' && formOf(before.manifest) !== 'retiring';
  const foreign = formOf(manifest) !== undefined;
  return {
    ...shared,
    effect: retiring ? 'released' : foreign ? 'patched' : rolls ? 'rolled' : 'changed',
    weight: scale.toZero || unprotected ? 'danger' : rolls || retiring ? 'care' : 'plain',
    consequences: [
      ...(unprotected ? ['It loses its protection: from then on it goes with its file, or with its Application.'] : []),
      ...patchChanged(before.manifest, manifest, fields),
      ...scale.sentences,
      ...rollout,
      ...readersOf(after, fields, sides),
    ],
  };
}

const losesProtection = (before: Manifest, after: Manifest): boolean =>
  ['Prune=false', 'Delete=false'].some(
    (option) => optionsOf(before).includes(option) && !optionsOf(after).includes(option),
  );

function scaling(fields: readonly FieldChange[]): { readonly toZero: boolean; readonly sentences: readonly string[] } {
  const change = fields.find(({ path }) => path === 'spec.replicas');
  if (change === undefined) return { toZero: false, sentences: [] };
  const [from, to] = [change.before ?? 'whatever it has', change.after ?? 'whatever it has'];
  const toZero = change.after === 0;
  return { toZero, sentences: [`Scales from ${from} to ${to}${toZero ? ': nothing of it runs any more' : ''}.`] };
}
