/** What node-bootstrap reports of a host after each look: one line, every field null where it cannot be told. */
export interface HostReport {
  readonly report: 1;
  readonly node: string | null;
  readonly bootId: string | null;
  readonly uptimeSeconds: number | null;
  readonly epochSeconds: number | null;
  readonly clockSynchronized: boolean | null;
  readonly clusterIpRules: 'present' | 'missing' | null;
  readonly calicoBeforeBoot: boolean | null;
  readonly sandboxNamesReserved: number | null;
  readonly datastore: { readonly locked: number; readonly canceled: number } | null;
  readonly watchdog: { readonly budgetLeft: number; readonly held: boolean; readonly silentSeconds: number } | null;
  readonly disks: readonly { readonly path: string; readonly freePercent: number; readonly readOnly: boolean }[] | null;
  readonly rebootRequired: boolean | null;
  readonly pending: readonly string[] | null;
  readonly runningKernel: string | null;
  readonly newestKernel: string | null;
  readonly certificates: readonly { readonly path: string; readonly daysLeft: number }[] | null;
}
