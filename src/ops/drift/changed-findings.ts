/** What is to be said of a live object that an apply would change: a patch that is lost, a protection, automation, a field. */
import { FOREIGN } from '../../argo/sync-options.js';
import { syncPolicyOf } from '../../argo/sync-policy.js';
import { optionsOf } from '../../guardrails/argo.js';
import type { LiveObject } from '../../manifest/live-object.js';
import { describe, type Manifest } from '../../manifest/manifest.js';
import type { ArgoView } from './argo-view.js';
import { reactionTo } from './reaction.js';
import type { FieldDifference, Finding, FindingId } from './report.js';
import { TRACKING_ID } from './tracking.js';

export function changedFindings(
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

export const isForeign = ({ metadata }: Manifest): boolean => metadata.annotations?.[FOREIGN] !== undefined;
