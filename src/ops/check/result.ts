/** What a check of a live cluster answers. Every question has three answers, and the third is never taken for the first. */
export type Verdict = 'pass' | 'fail' | 'unknown';

export interface CheckResult {
  /** The check's id. */
  readonly check: string;

  /** What was looked at, e.g. `Deployment kube-system/coredns`. */
  readonly subject: string;
  readonly verdict: Verdict;

  /** What was expected and what was found; one line. */
  readonly found: string;

  /** What to do about it; empty where all is well. */
  readonly mend: string;
}

/** The worst of them. Nothing looked at is nothing known. */
export function verdictOf(results: readonly CheckResult[]): Verdict {
  const has = (verdict: Verdict): boolean => results.some((result) => result.verdict === verdict);
  if (results.length === 0 || has('unknown')) return 'unknown';
  return has('fail') ? 'fail' : 'pass';
}
