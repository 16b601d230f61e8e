/** What a check of a live cluster answers. Every question has three answers, and the third is never taken for the first. */
export type Verdict = 'pass' | 'fail' | 'unknown';

export interface CheckResult {
  /** The check's id. */
  readonly check: string;

  /** What was looked at, e.g. `Deployment kube-system/coredns`, `node attic`. */
  readonly subject: string;
  readonly verdict: Verdict;

  /** Empty where `found` says all. */
  readonly expected: string;

  /** One line; where it cannot be told, why. */
  readonly found: string;

  /** What the same did once; null where nothing is known to have come of it. */
  readonly incident: Incident | null;

  /** The next command to run, or what to do; empty where all is well. */
  readonly next: string;

  /** For the diagnosis. Null: a symptom, or nothing is wrong. */
  readonly cause: Cause | null;
}

export interface Incident {
  /** Of docs/incidents.md. */
  readonly anchor: string;
  /** What it did then, as a clause: `46 pods waited for 4 h 20 min`. */
  readonly did: string;
}

/** One root cause in one place. */
export interface Cause {
  readonly id: CauseId;
  /** Null: of the cluster as a whole. */
  readonly node: string | null;
}

/**
 * `rc-1`: a scheduler that renews its lease and schedules nothing. `rc-2`: ClusterIP rules missing on a host. `rc-3`:
 * names of sandboxes held by records of before the boot. `kubelet-stall`: a kubelet that does not see what was assigned
 * to it. `datastore`: kine or dqlite ends what it is asked ("context canceled"). `jiva-budget`: a disruption budget that
 * its own stuck pods keep from ever being met. `jiva-orphans`: pods of the provisioner that nobody owns.
 */
export type CauseId = 'rc-1' | 'rc-2' | 'rc-3' | 'kubelet-stall' | 'datastore' | 'jiva-budget' | 'jiva-orphans';

/** The worst of them: what is known to be wrong is, whatever else cannot be told. Nothing looked at is nothing known. */
export function verdictOf(results: readonly CheckResult[]): Verdict {
  const has = (verdict: Verdict): boolean => results.some((result) => result.verdict === verdict);
  if (has('fail')) return 'fail';
  return results.length === 0 || has('unknown') ? 'unknown' : 'pass';
}

/** Expectation and find on one line. */
export const inWords = ({ expected, found }: Pick<CheckResult, 'expected' | 'found'>): string =>
  expected === '' ? found : `expected ${expected}, got ${found}`;
