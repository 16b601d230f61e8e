/** Makes the results of one check: what a result does not say stands empty. */
import type { Failure } from '../../manifest/live-object.js';
import type { Cause, CheckResult, Incident } from './result.js';

interface Wrong {
  /** @default nothing: `found` says all */
  readonly expected?: string;
  readonly found: string;

  /** The next command to run, or what to do. */
  readonly next: string;

  /** @default none is known */
  readonly incident?: Incident | null;

  /** @default a symptom */
  readonly cause?: Cause | null;
}

export interface Saying {
  readonly pass: (subject: string, found: string) => CheckResult;
  readonly fail: (subject: string, wrong: Wrong) => CheckResult;
  /** `why` is the answer that was none, which knows what to do about it, or a sentence. */
  readonly unknown: (subject: string, why: Failure | string, next?: string) => CheckResult;
}

export function saying(check: string): Saying {
  const result = (subject: string, verdict: CheckResult['verdict'], found: string, next: string): CheckResult => ({
    check,
    subject,
    verdict,
    expected: '',
    found,
    incident: null,
    next,
    cause: null,
  });
  return {
    pass: (subject, found) => result(subject, 'pass', found, ''),
    fail: (subject, { expected = '', found, next, incident = null, cause = null }) => ({
      ...result(subject, 'fail', found, next),
      expected,
      incident,
      cause,
    }),
    unknown: (subject, why, next = '') =>
      typeof why === 'string'
        ? result(subject, 'unknown', why, next)
        : result(subject, 'unknown', why.message, next || nextAfter(why)),
  };
}

/** What to do where that was the answer. */
export const nextAfter = ({ kind }: Failure): string => NEXT_BY_FAILURE[kind] ?? 'ask again';

const NEXT_BY_FAILURE: Readonly<Partial<Record<Failure['kind'], string>>> = {
  forbidden:
    'selfheal check --print-role | kubectl apply -f -   # by an administrator: the rights of the group selfheal-check',
  unauthorized: 'log in again, or name a context whose credentials are good',
  'unknown-kind': 'install what brings the kind (its CRD), or drop what needs it from the description',
  unreachable: 'ask again when the API server answers',
  'timed-out': 'ask again, with a longer --timeout where the API server is slow',
};
