/**
 * Applications that Argo CD has stopped looking at: what it says of them may be old.
 *
 * No clock of ours is asked, which may be another than the cluster's: kubelets write every few minutes when they last
 * looked, and Argo CD when it did.
 */
import { listAt, textAt } from '../../manifest/json.js';
import type { ArgoView } from './argo-view.js';
import type { LiveFacts } from './facts.js';
import type { Unknown } from './report.js';

/** Argo CD looks every three minutes unless it is told otherwise, by a setting that nobody here reads. */
const LONGEST_PAUSE_MINUTES = 60;

export function notLookedFor(views: readonly ArgoView[], nodes: LiveFacts['nodes']): readonly Unknown[] {
  const heartbeats = (nodes.ok ? nodes.value : []).flatMap(({ status }) =>
    listAt(status, 'conditions').map((condition) => timeOf(textAt(condition, 'lastHeartbeatTime'))),
  );
  const newest = Math.max(0, ...heartbeats, ...views.map(({ reconciledAt }) => timeOf(reconciledAt)));
  return views
    .filter(({ isSkipped }) => !isSkipped)
    .filter(({ reconciledAt }) => reconciledAt !== '' && newest - timeOf(reconciledAt) > LONGEST_PAUSE_MINUTES * 60_000)
    .map(({ application: { name, namespace } }) => ({
      subject: `Application ${namespace}/${name}`,
      why: `Argo CD has not looked at it for more than ${LONGEST_PAUSE_MINUTES} minutes: what it says of it is old, and it may heal nothing`,
    }));
}

/** Milliseconds; 0 where there is no time. */
const timeOf = (text: string | undefined): number => Date.parse(text ?? '') || 0;
