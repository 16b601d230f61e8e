/** What is to be said of a Secret: it is not read, so what Argo CD says of it is all that is said. */
import { describe, type Manifest } from '../../manifest/manifest.js';
import { type ArgoView, trackedResource } from './argo-view.js';
import { reactionTo } from './reaction.js';
import { findingsOnly, type Said, unknownOnly } from './report.js';

export function secretFindings(described: Manifest, view: ArgoView): Said {
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
    ...reactionTo(view, described, 'unread'),
  });
}
