/**
 * Argo CD's sync options as closed types.
 *
 * Argo CD ignores a string that it does not know, without a word: two clusters were lost to one that was put in the
 * wrong place. What is not in these unions cannot be written.
 */
export type ApplicationSyncOption =
  | 'CreateNamespace=true'
  | 'FailOnSharedResource=true'
  | 'ApplyOutOfSyncOnly=true'
  | 'PruneLast=true'
  | 'ServerSideApply=true'
  | 'SkipDryRunOnMissingResource=true';

export type ResourceSyncOption =
  | 'Prune=false'
  | 'Delete=false'
  | 'ServerSideApply=true'
  | 'SkipDryRunOnMissingResource=true'
  | 'Validate=false';

export const SYNC_OPTIONS = 'argocd.argoproj.io/sync-options';
export const COMPARE_OPTIONS = 'argocd.argoproj.io/compare-options';
export const SYNC_WAVE = 'argocd.argoproj.io/sync-wave';

/** The annotation by which guardrails, reviewers and the live verbs tell a foreign object from ours. */
export const FOREIGN = 'selfheal.dev/foreign';

/** Its values. `partial`: a few fields; `whole`: where `kubectl apply` owns the object; `retiring`: none of ours any more. */
export type ForeignForm = 'partial' | 'whole' | 'retiring';

/** The annotation that carries sync options on an object. */
export function syncOptions(...options: readonly ResourceSyncOption[]): Record<string, string> {
  return { [SYNC_OPTIONS]: options.join(',') };
}

/** For what must outlive its file and its Application. */
export const PROTECTED: readonly ResourceSyncOption[] = ['Prune=false', 'Delete=false'];
