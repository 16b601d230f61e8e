/** What Argo CD says of objects that is not said already: left over, only in Git, not as in Git. */
import { nameOf } from '../../manifest/live-object.js';
import { identityOf, type Manifest } from '../../manifest/manifest.js';
import { type ArgoView, shortRevision, type TrackedResource } from './argo-view.js';
import { brokenComparison, nextSync } from './reaction.js';
import type { Finding } from './report.js';

interface Known {
  readonly described: readonly Manifest[];
  /** Subjects of which something is said already. */
  readonly told: ReadonlySet<string>;
}

export function resourceFindings(view: ArgoView, { described, told }: Known): readonly Finding[] {
  // Without Git Argo CD takes every object for one that Git no longer has, and says so in its status.
  if (brokenComparison(view) !== null) return [];
  const names = new Set(described.map(identityOf));
  return view.resources.flatMap((resource) => {
    const { group, kind, namespace, name, status, requiresPruning } = resource;
    const [isDescribed, isTold] = [names.has([group, kind, namespace, name].join('/')), told.has(subjectOf(resource))];
    if (requiresPruning) return [leftOver(view, resource)];
    if (!isDescribed && view.application.notRendered === null) return [notDescribed(view, resource)];
    return status === 'OutOfSync' && !isTold ? [outOfSync(view, resource)] : [];
  });
}

const subjectOf = ({ kind, namespace, name }: TrackedResource): string =>
  nameOf({ kind, name, ...(namespace !== '' && { namespace }) });

type Parts = Pick<Finding, 'id' | 'what' | 'argo' | 'next'>;

const finding = ({ application }: ArgoView, resource: TrackedResource, parts: Parts): Finding => ({
  ...parts,
  subject: subjectOf(resource),
  application: application.name,
  fields: [],
});

/** It carries the Application's mark. */
const leftOver = (view: ArgoView, resource: TrackedResource): Finding =>
  finding(view, resource, {
    id: 'object-left-over',
    what: 'it is no longer in Git, and Argo CD has not removed it',
    argo:
      view.policy?.prune === true && view.policy.automated
        ? 'removes it with the next sync, unless the object itself says Prune=false'
        : 'leaves it: this Application does not prune',
    next: [
      `kubectl ${resource.namespace === '' ? '' : `-n ${resource.namespace} `}get ${resource.kind.toLowerCase()} ${resource.name} -o yaml`,
    ],
  });

/** Somebody else's commit, or one that is not here. */
const notDescribed = (view: ArgoView, resource: TrackedResource): Finding =>
  finding(view, resource, {
    id: 'object-not-described',
    what: `Argo CD syncs it from Git at ${shortRevision(view.revision)}, and the description does not have it`,
    argo: 'keeps it as Git has it',
    next: ['selfheal synth --check; fetch what others pushed, or commit and push what was taken out'],
  });

/** What a chart renders nobody here has looked at; and Git may differ from a description that the cluster agrees with. */
const outOfSync = (view: ArgoView, resource: TrackedResource): Finding =>
  finding(view, resource, {
    id: 'object-out-of-sync',
    what:
      view.application.notRendered === null
        ? `it is as described, and Argo CD says that it is not as Git has it at ${shortRevision(view.revision)}`
        : 'Argo CD says that it is not as its source renders it',
    ...nextSync(view, 'reverts it'),
  });
