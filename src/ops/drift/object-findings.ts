/** What is to be said of one described object. */
import { FOREIGN } from '../../argo/sync-options.js';
import type { LiveObject } from '../../manifest/live-object.js';
import { describe, type Manifest } from '../../manifest/manifest.js';
import { maskedChanges } from '../../manifest/masked.js';
import { addedFindings } from './added-findings.js';
import type { ArgoView } from './argo-view.js';
import { changedFindings, isForeign } from './changed-findings.js';
import { comparable } from './comparable.js';
import type { Applied, ObjectFacts } from './facts.js';
import { writerOf } from './field-owners.js';
import { KUBECTL_APPLY, managersOf } from './field-set.js';
import { reactionTo } from './reaction.js';
import { type FieldDifference, type Finding, findingsOnly, type Said, type Unknown, unknownOnly } from './report.js';
import { secretFindings } from './secret-findings.js';

export function objectFindings({ application, described, live, applied }: ObjectFacts, view: ArgoView): Said {
  const subject = describe(described);
  const common = { subject, application: application.name };
  if (live === 'withheld') return secretFindings(described, view);
  if (!live.ok) return unknownOnly(subject, live.failure.message);
  if (live.value === null) {
    const isApplication = described.kind === 'Application';
    return findingsOnly({
      ...common,
      id: isApplication ? 'application-missing' : 'object-missing',
      what: missing(described),
      fields: [],
      ...reactionTo(view, described, 'missing'),
    });
  }

  const going = beingDeleted(live.value, application.name);
  const added = isForeign(described) ? [] : addedFindings(live.value, described, view);
  const unknown = [...unrecorded(live.value, described), ...uncompared(subject, applied)];
  if (applied === null || !applied.result.ok)
    return { findings: [...going, ...refused(common, applied), ...added], unknown };
  const fields = differences(live.value, applied.result.value);
  const findings = [
    ...going,
    ...blocked(live.value, described, view),
    ...changedFindings(fields, described, live.value, view),
    ...added,
  ];
  return { findings, unknown };
}

/** What the API server says no to is a finding; that it says nothing is none. */
function refused(common: Pick<Finding, 'subject' | 'application'>, applied: Applied | null): readonly Finding[] {
  if (applied === null || applied.result.ok || applied.result.failure.kind !== 'refused') return [];
  return [
    {
      ...common,
      id: 'object-cannot-be-applied',
      what: `the API server refuses it as described: ${applied.result.failure.message}`,
      fields: [],
      argo: 'fails at each sync of this Application until that is mended',
      next: ['change the description, or delete the live object where it may be created anew'],
    },
  ];
}

function uncompared(subject: string, applied: Applied | null): readonly Unknown[] {
  if (applied === null) return [{ subject, why: 'it was not compared' }];
  if (applied.result.ok || applied.result.failure.kind === 'refused') return [];
  return [{ subject, why: applied.result.failure.message }];
}

/** Only the record says what others added; somebody who emptied it took that along. */
const unrecorded = (live: LiveObject, described: Manifest): readonly Unknown[] =>
  isForeign(described) || managersOf(live).length > 0
    ? []
    : [
        {
          subject: describe(described),
          why: 'its record of owners (metadata.managedFields) is empty: what others added to it cannot be told from what the server filled in',
        },
      ];

/** Before is what the cluster has, after is what an apply would make of it. */
const differences = (live: LiveObject, applied: LiveObject): readonly FieldDifference[] =>
  // The very same object: an apply changes nothing, and there is nothing to hold against each other.
  (live === applied ? [] : maskedChanges(comparable(live), comparable(applied))).map(({ path, before, after }) => ({
    path,
    described: after,
    live: before,
    writer: writerOf(live, path),
  }));

/** A plain `kubectl apply` on an object of which only some fields are in Git: from then on each sync is refused. */
function blocked(live: LiveObject, described: Manifest, view: ArgoView): readonly Finding[] {
  const taken = managersOf(live).find(({ manager, operation }) => manager === KUBECTL_APPLY && operation === 'Update');
  if (described.metadata.annotations?.[FOREIGN] !== 'partial' || taken === undefined) return [];
  return [
    {
      id: 'patch-blocked',
      subject: describe(described),
      application: view.application.name,
      what: `kubectl apply owns fields of it since ${taken.time ?? 'an unknown time'}; a patch of a few fields cannot stand beside that`,
      fields: [],
      argo: 'takes over all fields of kubectl at the next sync, and is refused from then on',
      next: ['selfheal check says which form the patch must have'],
    },
  ];
}

const missing = (described: Manifest): string => {
  if (described.kind === 'Application') return 'it is missing: what it syncs is synced by nobody';
  return isForeign(described)
    ? 'it is missing, and it is not ours: its owner has not created it, or has deleted it'
    : 'it is missing';
};

function beingDeleted(live: LiveObject, application: string): readonly Finding[] {
  const { deletionTimestamp, finalizers = [] } = live.metadata;
  if (deletionTimestamp === undefined) return [];
  return [
    {
      id: 'object-being-deleted',
      subject: describe(live),
      application,
      what: `it is being deleted since ${deletionTimestamp} and waits for ${finalizers.join(', ') || 'its end'}`,
      fields: [],
      argo: 'waits as well, and creates it again when it is gone',
      next: [],
    },
  ];
}
