/** Every rule about a change, and the run over all of them. */
import { createHash } from 'node:crypto';
import type { Tree } from '../../argo/tree.js';
import { describe } from '../../manifest/manifest.js';
import type { Unknown } from '../drift/report.js';
import { Change, keyOf } from './change.js';
import { type LiveLook, unknownFixes } from './live.js';
import type { Concern, Limits, VetRule } from './rule.js';
import { allowEmpty } from './rules/allow-empty.js';
import { applicationMoved } from './rules/application-moved.js';
import { applicationRemoved } from './rules/application-removed.js';
import { automationOff } from './rules/automation-off.js';
import { crdVersionRemoved } from './rules/crd-version-removed.js';
import { finalizerAdded } from './rules/finalizer-added.js';
import { forcedReplacement } from './rules/forced-replacement.js';
import { imageDowngraded } from './rules/image-downgraded.js';
import { imageUnpinned } from './rules/image-unpinned.js';
import { immutableField } from './rules/immutable-field.js';
import { liveFixReverted } from './rules/live-fix-reverted.js';
import { objectMoved } from './rules/object-moved.js';
import { orphanedCrd } from './rules/orphaned-crd.js';
import { podSecurityLowered } from './rules/pod-security-lowered.js';
import { privilegeWidened } from './rules/privilege-widened.js';
import { projectWidened } from './rules/project-widened.js';
import { protectionRemoved } from './rules/protection-removed.js';
import { pruneShare } from './rules/prune-share.js';
import { rbacWidened } from './rules/rbac-widened.js';
import { removedClaim } from './rules/removed-claim.js';
import { removedCrd } from './rules/removed-crd.js';
import { removedNamespace } from './rules/removed-namespace.js';
import { removedNetworkPolicy } from './rules/removed-network-policy.js';
import { removedSecret } from './rules/removed-secret.js';
import { removedStatefulSet } from './rules/removed-stateful-set.js';
import { removedWhileProtected } from './rules/removed-while-protected.js';
import { renamedData } from './rules/renamed-data.js';
import { replaceWithServerSideApply } from './rules/replace-with-server-side-apply.js';
import { retryLimited } from './rules/retry-limited.js';
import { scaledToZero } from './rules/scaled-to-zero.js';
import { selectorChanged } from './rules/selector-changed.js';
import { sharedObject } from './rules/shared-object.js';
import { unknownSyncOption } from './rules/unknown-sync-option.js';
import { unseenSource } from './rules/unseen-source.js';
import { waveWaits } from './rules/wave-waits.js';

/** What goes, the Applications, what the API server and Argo CD make of a change, and who may what. */
export const VET_RULES: readonly VetRule[] = [
  removedClaim,
  removedNamespace,
  removedCrd,
  orphanedCrd,
  removedStatefulSet,
  removedNetworkPolicy,
  removedSecret,
  renamedData,
  pruneShare,
  removedWhileProtected,
  protectionRemoved,
  objectMoved,
  sharedObject,
  applicationRemoved,
  applicationMoved,
  finalizerAdded,
  allowEmpty,
  automationOff,
  retryLimited,
  unknownSyncOption,
  replaceWithServerSideApply,
  forcedReplacement,
  unseenSource,
  selectorChanged,
  immutableField,
  crdVersionRemoved,
  waveWaits,
  liveFixReverted,
  scaledToZero,
  imageDowngraded,
  imageUnpinned,
  rbacWidened,
  privilegeWidened,
  projectWidened,
  podSecurityLowered,
];

export const DEFAULT_LIMITS: Limits = { pruneShare: 30, pruneCount: 3 };

export interface Finding {
  readonly rule: VetRule;
  readonly cluster: string;
  readonly application: string;
  /** E.g. `Deployment kube-system/coredns`. */
  readonly object: string;
  /** Relative to the folder that was read. */
  readonly file: string;
  /** Where to look: a file that is gone stands in base only. */
  readonly side: 'base' | 'head';
  readonly field: Concern['field'];
  readonly found: string;
  readonly mend: string;
  /** The same for the same finding in every run, whatever else is found. */
  readonly fingerprint: string;
}

interface VetOptions {
  readonly limits?: Limits;
  /** As the trees name files; what is rendered is in no tree. */
  readonly changedFiles?: readonly string[];
  readonly live?: LiveLook | null;
}

interface Vetted {
  /** Of all rules: errors first, then by cluster, Application and object. */
  readonly findings: readonly Finding[];
  /** What of head's live objects could not be told; nothing where no cluster was asked. */
  readonly unknown: readonly Unknown[];
}

export function vetChange(
  base: Tree,
  head: Tree,
  { limits = DEFAULT_LIMITS, changedFiles = [], live = null }: VetOptions = {},
): Vetted {
  const change = new Change(base, head, changedFiles, live);
  return { findings: findingsOf(change, limits), unknown: unknownFixes(change) };
}

function findingsOf(change: Change, limits: Limits): readonly Finding[] {
  const found = VET_RULES.flatMap((rule) =>
    rule.check(change, limits).map((concern) => ({ rule, concern, order: orderOf(rule, concern) })),
  );
  found.sort((a, b) => (a.order < b.order ? -1 : a.order > b.order ? 1 : 0));
  const seen = new Map<string, number>();
  return found.map(({ rule, concern: { placed, field, found: text, mend = rule.mend } }) => {
    const identity = [rule.id, keyOf(placed), placed.application.name, ...field].join('|');
    const count = (seen.get(identity) ?? 0) + 1;
    seen.set(identity, count);
    return {
      rule,
      cluster: placed.application.cluster,
      application: placed.application.name,
      object: describe(placed.manifest),
      file: placed.file,
      side: placed.side,
      field,
      found: text,
      mend,
      fingerprint: createHash('sha256').update(`${identity}|${count}`).digest('hex').slice(0, 32),
    };
  });
}

const orderOf = ({ id, severity }: VetRule, { placed, field }: Concern): string =>
  [severity, placed.application.cluster, placed.application.name, keyOf(placed), id, ...field].join('\u0000');
