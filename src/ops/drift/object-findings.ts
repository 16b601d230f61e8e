/** What is to be said of one described object. */

import { FOREIGN } from '../../argo/sync-options.js';
import { syncPolicyOf } from '../../argo/sync-policy.js';
import { optionsOf } from '../../guardrails/argo.js';
import type { LiveObject } from '../../manifest/live-object.js';
import { describe, type Manifest } from '../../manifest/manifest.js';
import { maskedChanges } from '../../manifest/masked.js';
import { type ArgoView, trackedResource } from './argo-view.js';
import { comparable } from './comparable.js';
import type { ObjectFacts } from './facts.js';
import { writerOf } from './field-owners.js';
import { KUBECTL_APPLY, managersOf } from './field-set.js';
import { addedFields } from './foreign-fields.js';
import { reactionTo } from './reaction.js';
import type { FieldDifference, Finding, FindingId, Unknown } from './report.js';
import { TRACKING_ID } from './tracking.js';

type Said = { readonly findings: readonly Finding[]; readonly unknown: readonly Unknown[] };

const findingsOnly = (...findings: readonly Finding[]): Said => ({ findings, unknown: [] });
const unknownOnly = (subject: string, why: string): Said => ({ findings: [], unknown: [{ subject, why }] });

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
      ...reactionTo(view, described, []),
    });
  }

  const added = isForeign(described) ? [] : addedFindings(live.value, described, view);
  const going = beingDeleted(live.value, application.name);
  if (applied === null) return { findings: [...going, ...added], unknown: [{ subject, why: 'it was not compared' }] };
  if (!applied.result.ok) {
    const { kind, message } = applied.result.failure;
    if (kind !== 'refused') return { findings: [...going, ...added], unknown: [{ subject, why: message }] };
    const refused: Finding = {
      ...common,
      id: 'object-cannot-be-applied',
      what: `the API server refuses it as described: ${message}`,
      fields: [],
      argo: 'fails at each sync of this Application until that is mended',
      next: ['change the description, or delete the live object where it may be created anew'],
    };
    return findingsOnly(...going, refused, ...added);
  }
  const fields = differences(live.value, applied.result.value);
  return findingsOnly(
    ...going,
    ...blocked(live.value, described, view),
    ...changed(fields, described, live.value, view),
    ...added,
  );
}

/** Before is what the cluster has, after is what an apply would make of it. */
const differences = (live: LiveObject, applied: LiveObject): readonly FieldDifference[] =>
  // The very same object: an apply changes nothing, and there is nothing to hold against each other.
  (live === applied ? [] : maskedChanges(comparable(live), comparable(applied))).map(({ path, before, after }) => ({
    path,
    described: after,
    live: before,
    writer: writerOf(live, path),
  }));

function changed(
  fields: readonly FieldDifference[],
  described: Manifest,
  live: LiveObject,
  view: ArgoView,
): readonly Finding[] {
  if (fields.length === 0) return [];
  const { id, what } = headline(fields, described, live);
  return [
    {
      id,
      what,
      subject: describe(described),
      application: view.application.name,
      // That its marks are gone as well is said already.
      fields:
        id === 'patch-lost' ? (some(fields.filter(({ path }) => !path.startsWith('metadata.'))) ?? fields) : fields,
      ...reactionTo(view, described, fields),
    },
  ];
}

const some = <T>(items: readonly T[]): readonly T[] | null => (items.length > 0 ? items : null);

function headline(
  fields: readonly FieldDifference[],
  described: Manifest,
  live: LiveObject,
): { readonly id: FindingId; readonly what: string } {
  const annotation = (name: string): string | undefined => live.metadata.annotations?.[name];
  if (isForeign(described) && (annotation(FOREIGN) === undefined || annotation(TRACKING_ID) === undefined)) {
    return {
      id: 'patch-lost',
      what: `our patch is gone: created anew by its owner at ${live.metadata.creationTimestamp}, or never applied`,
    };
  }
  const lost = protectionsLost(described, live);
  if (lost.length > 0)
    return {
      id: 'protection-missing',
      what: `${lost.join(' and ')} ${lost.length === 1 ? 'is' : 'are'} not on the live object: a file that goes would take the object with it`,
    };
  if (annotation(TRACKING_ID) === undefined)
    return {
      id: 'object-not-tracked',
      what: 'Argo CD does not know it as its own: it never synced it, or its mark was taken off',
    };
  const off = automationLost(described, live);
  if (off !== null) return { id: 'auto-sync-off', what: off };
  return {
    id: 'field-changed',
    what: `${fields.length} ${fields.length === 1 ? 'field is' : 'fields are'} not as described`,
  };
}

/** What of an Application's automation is off in the cluster and on in the description. */
function automationLost(described: Manifest, live: LiveObject): string | null {
  if (described.kind !== 'Application') return null;
  const [wanted, found] = [syncPolicyOf(described), syncPolicyOf(live)];
  if (wanted.automated && !found.automated) return 'its automated sync is off: nothing of it is synced or healed';
  return wanted.selfHeal && !found.selfHeal ? 'its self-heal is off: changes by hand stay' : null;
}

function protectionsLost(described: Manifest, live: LiveObject): readonly string[] {
  const there = optionsOf(live);
  return optionsOf(described).filter((option) => /^(Prune|Delete)=/.test(option) && !there.includes(option));
}

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

const isForeign = ({ metadata }: Manifest): boolean => metadata.annotations?.[FOREIGN] !== undefined;

const missing = (described: Manifest): string => {
  if (described.kind === 'Application') return 'it is missing: what it syncs is synced by nobody';
  return isForeign(described)
    ? 'it is missing, and it is not ours: its owner has not created it, or has deleted it'
    : 'it is missing';
};

function addedFindings(live: LiveObject, described: Manifest, view: ArgoView): readonly Finding[] {
  const fields = addedFields(live, described).map(
    ({ path, value, writer }): FieldDifference => ({ path, described: undefined, live: value, writer }),
  );
  if (fields.length === 0) return [];
  const common = {
    subject: describe(described),
    application: view.application.name,
    fields,
    argo: 'does not see it: it compares only the fields that it applies. It stays',
  };
  const isApplication = described.kind === 'Application';
  if (isApplication && fields.some(({ path }) => path.startsWith('metadata.finalizers'))) {
    const name = `application ${live.metadata.name}`;
    return [
      {
        ...common,
        id: 'finalizer-added',
        what: 'somebody added a finalizer: deleting this Application now deletes everything that it synced',
        next: [
          `kubectl -n ${live.metadata.namespace ?? ''} patch ${name} --type merge -p '{"metadata":{"finalizers":null}}'`,
        ],
      },
    ];
  }
  if (isApplication && automationLost(described, live) !== null)
    return [
      {
        ...common,
        id: 'auto-sync-off',
        what: 'its automated sync is off: nothing of it is synced or healed',
        next: [
          `kubectl -n ${live.metadata.namespace ?? ''} patch application ${live.metadata.name} --type merge -p '{"spec":{"syncPolicy":{"automated":{"enabled":null}}}}'`,
        ],
      },
    ];
  return [
    {
      ...common,
      id: 'field-added',
      what: `somebody added ${fields.length === 1 ? 'a field' : `${fields.length} fields`} to an object of ours`,
      next: ['what is to stay belongs into the description; otherwise take it out by hand'],
    },
  ];
}

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

/** A Secret is not read: what Argo CD says of it is all that is said. */
function secretFindings(described: Manifest, view: ArgoView): Said {
  const subject = describe(described);
  const tracked = trackedResource(view, described);
  if (view.live === 'unknown' || tracked?.status === 'Unknown')
    return unknownOnly(subject, 'Secrets are not read here, and Argo CD does not say how it is');
  if (tracked?.status === 'Synced') return { findings: [], unknown: [] };
  return findingsOnly({
    id: tracked === undefined ? 'object-not-tracked' : 'field-changed',
    subject,
    application: view.application.name,
    what:
      tracked === undefined
        ? 'Argo CD does not know it'
        : 'Argo CD says that it is not as in Git (Secrets are not read here)',
    fields: [],
    ...reactionTo(view, described, []),
  });
}
