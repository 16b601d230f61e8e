/** What Argo CD itself says of an Application, where that is not "all is well". */
import { type ArgoView, oneLine, shortRevision } from './argo-view.js';
import { brokenComparison, lookAgain, show, syncNow } from './reaction.js';
import type { Finding } from './report.js';

export function applicationFindings(view: ArgoView): readonly Finding[] {
  if (typeof view.live === 'string') return [];
  const broken = brokenComparison(view);
  if (broken !== null) return [cannotCompare(view, broken), ...conditionFindings(view)];
  const state = operationFinding(view);
  return [...(state === null ? [] : [state]), ...conditionFindings(view)];
}

type Parts = Pick<Finding, 'id' | 'what' | 'argo' | 'next'>;

const finding = ({ application: { name, namespace } }: ArgoView, parts: Parts): Finding => ({
  ...parts,
  subject: `Application ${namespace}/${name}`,
  application: name,
  fields: [],
});

const cannotCompare = (view: ArgoView, why: string): Finding =>
  finding(view, {
    id: 'application-cannot-compare',
    what: `Argo CD cannot compare it with Git: ${why}`,
    argo: 'neither syncs nor heals any object of this Application until it can',
    next: ['mend what the message says, then:', lookAgain(view)],
  });

function operationFinding(view: ArgoView): Finding | null {
  const { operation, sync, revision, policy, application } = view;
  if (sync === '') {
    return finding(view, {
      id: 'application-behind',
      what: 'Argo CD has never compared it',
      argo: 'is down, or does not look at this namespace',
      next: [`kubectl -n ${application.namespace} get pods`],
    });
  }
  if (sync === 'Synced' || operation === null) return null;
  const why = oneLine(operation.failures[0] ?? operation.message);
  const at = shortRevision(operation.revision);
  if (['Failed', 'Error'].includes(operation.phase)) {
    const gaveUp = operation.revision === revision && policy?.automated === true;
    return finding(view, {
      id: 'application-failed',
      what: `the sync of ${at} failed at ${operation.finishedAt}${operation.retries > 0 ? ` after ${operation.retries} retries` : ''}: ${why}`,
      argo: gaveUp ? 'never tries this revision again by itself' : 'tries again with the next commit',
      next: ['mend what the message says, then:', syncNow(view)],
    });
  }
  if (operation.phase === 'Running' && operation.retries > 0) {
    return finding(view, {
      id: 'application-retrying',
      what: `the sync of ${at} does not get through: ${why}`,
      argo: `tries again, ${operation.retries} times so far${limitOf(view)}`,
      next: [show(view, '.status.operationState.syncResult.resources')],
    });
  }
  if (operation.phase === 'Succeeded' && operation.revision !== revision) {
    return finding(view, {
      id: 'application-behind',
      what: `it is at ${at}, and Git at ${shortRevision(revision)}`,
      argo:
        policy?.automated === true ? 'syncs it within minutes' : 'waits for somebody to sync: automated sync is off',
      next: [syncNow(view)],
    });
  }
  return null;
}

const limitOf = ({ policy }: ArgoView): string =>
  policy === null || policy.retryLimit < 0 ? ' and without limit' : ` of ${policy.retryLimit}`;

/** What is not a failure to compare: shared objects, orphans, a failed sync that is told above. */
const conditionFindings = (view: ArgoView): readonly Finding[] =>
  view.conditions
    .filter(({ type }) => !['ComparisonError', 'InvalidSpecError', 'UnknownError', 'SyncError'].includes(type))
    .map(({ type, message }) =>
      finding(view, {
        id: 'application-condition',
        what: `${type}: ${oneLine(message)}`,
        argo: null,
        next: [show(view, '.status.conditions')],
      }),
    );
