/**
 * The sync options that Argo CD 3.2 reads, by the place where it reads them.
 *
 * Found in the sources of 3.2.11; the closed types of src/argo/sync-options.ts, what we write ourselves, are a part.
 */

const both = (name: string): readonly string[] => [`${name}=true`, `${name}=false`];

/** In `spec.syncPolicy.syncOptions`. The other of true and false is the default: said, it does no harm. */
export const APPLICATION_OPTIONS: readonly string[] = [
  ...['ApplyOutOfSyncOnly', 'ClientSideApplyMigration', 'CreateNamespace', 'FailOnSharedResource', 'PruneLast'].flatMap(
    both,
  ),
  ...['Replace', 'RespectIgnoreDifferences', 'ServerSideApply', 'SkipDryRunOnMissingResource', 'Validate'].flatMap(
    both,
  ),
  ...['background', 'foreground', 'orphan'].map((policy) => `PrunePropagationPolicy=${policy}`),
];

/** What an Application may say since a later version. */
export const APPLICATION_SINCE: ReadonlyMap<string, string> = new Map(
  ['Prune=false', 'Prune=confirm', 'Delete=false', 'Delete=confirm'].map((option) => [option, '3.4']),
);

/** In the annotation of an object. */
export const RESOURCE_OPTIONS: readonly string[] = [
  ...['Prune', 'Delete'].flatMap((name) => [`${name}=true`, `${name}=false`, `${name}=confirm`]),
  ...['Force', 'PruneLast', 'Replace', 'ServerSideApply', 'SkipDryRunOnMissingResource', 'Validate'].flatMap(both),
];
