/**
 * Who owns the fields of a foreign object now, and which form of a patch is right for it.
 *
 * Partial where a controller or Helm writes the object. Whole where `kubectl apply` did: Argo CD takes all fields of
 * that manager over before it applies, and a partial manifest then means "remove the others", which the server refuses
 * at every sync. Whole also where Argo CD owns everything already, for the same reason.
 */
import { FOREIGN } from '../../argo/sync-options.js';
import type { Answer, LiveObject, ManagedFields } from '../../manifest/live-object.js';
import { describe, type Manifest } from '../../manifest/manifest.js';
import { LAST_APPLIED } from '../../manifest/masked.js';
import type { CheckResult } from '../check/result.js';
import { isArgosEntry, KUBECTL_APPLY, managersOf } from '../drift/field-set.js';
import { TRACKING_ID } from '../drift/tracking.js';
import { argosFieldsBeyond, ownersOfWhatIsSet, ownsSpec } from './field-ownership.js';

const CHECK = 'patch-ownership';

/** `application`: the name of the Application that holds the patch. */
export function patchOwnership(described: Manifest, application: string, live: Answer<LiveObject | null>): CheckResult {
  const result = (verdict: CheckResult['verdict'], found: string, next = '', expected = ''): CheckResult => ({
    check: CHECK,
    subject: describe(described),
    verdict,
    expected,
    found,
    incident: null,
    next,
    cause: null,
  });
  if (!live.ok) return result('unknown', live.failure.message, NEXT[live.failure.kind] ?? 'ask again when it answers');
  if (live.value === null)
    return result(
      'unknown',
      'there is no such object, so nobody can say who will own it',
      'install what brings it, or drop the patch from the description',
    );

  const object = live.value;
  const owners = `owned by ${wordsOf(managersOf(object).filter(ownsSpec))}`;
  const form = described.metadata.annotations?.[FOREIGN];
  const other = ownerAmongApplications(object, application);
  if (other !== undefined)
    return result(
      'fail',
      `${owners}; the Application ${other} syncs it, and two of them undo each other`,
      `set the fields where ${other} describes the object, and drop the patch from this description`,
    );
  if (form === 'retiring') return result('pass', `${owners}; its patch is being taken back`);

  const right = rightForm(object, described, form ?? 'partial');
  const set = ownersOfWhatIsSet(object, described);
  const ours = `what is described is set by ${set.length === 0 ? 'nobody yet' : wordsOf(set)}`;
  if (right.form === form) return result('pass', `${owners}; ${form} is right: ${right.because}; ${ours}`);
  return result(
    'fail',
    `${owners}; the patch is ${form ?? 'none'}`,
    right.form === 'whole'
      ? 'write the whole object with form "whole", or change it where it was applied from and drop the patch'
      : 'write only the fields that are meant, with form "partial": a whole object would undo what its owner writes',
    `a patch that is ${right.form}: ${right.because}`,
  );
}

function rightForm(object: LiveObject, described: Manifest, form: string) {
  const kubectl = managersOf(object).some((entry) => entry.manager === KUBECTL_APPLY && ownsSpec(entry));
  if (kubectl) return { form: 'whole', because: '`kubectl apply` owns fields, and Argo CD takes them all over' };
  if (object.metadata.annotations?.[LAST_APPLIED] !== undefined)
    return { form: 'whole', because: '`kubectl apply` wrote it, and the next one means the whole object' };
  const others = managersOf(object).some((entry) => !isArgosEntry(entry) && ownsSpec(entry));
  const beyond = argosFieldsBeyond(object, described);
  if (beyond.length > 0)
    return {
      form: 'whole',
      because: `Argo CD owns ${beyond.length} more fields, e.g. ${beyond[0]}, and a partial one would remove them`,
    };
  if (others) return { form: 'partial', because: 'others own the rest and keep it' };
  // Every field there is stands in the manifest, as in a Setting with its one value: both forms say the same.
  return { form, because: 'it sets every field that anybody owns' };
}

function ownerAmongApplications(object: LiveObject, application: string): string | undefined {
  const [owner] = object.metadata.annotations?.[TRACKING_ID]?.split(':') ?? [];
  return owner === undefined || owner === application ? undefined : owner;
}

const wordsOf = (entries: readonly ManagedFields[]): string =>
  entries.length === 0
    ? 'nobody'
    : [...new Set(entries.map(({ manager, operation }) => `${manager} (${operation})`))].join(', ');

const NEXT: Readonly<Record<string, string>> = {
  forbidden: 'let this identity get the object: a Role with verb "get"',
  unauthorized: 'log in again, or name a context whose credentials are good',
  'unknown-kind': 'install what brings the kind (its CRD), or drop the patch from the description',
};
