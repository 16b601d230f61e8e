/**
 * The watchdogs that a log is replayed against: the owner's three of November and April, the one of today, and one
 * given by flags.
 */
import { minutes } from '../../cluster/duration.js';

/** `checks`: decided at a timer's ticks; `stream`: decided at the line that crosses. */
export interface Policy {
  readonly name: string;
  readonly count: 'lines' | 'periods';
  readonly sources: 'all' | 'expedited';
  /** The timer; undefined: the log is streamed. */
  readonly checks: { readonly firstSeconds: number; readonly everySeconds: number } | undefined;
  readonly graceSeconds: number;
  /** Whether windows end at the grace, or reach back into it. */
  readonly graceClips: boolean;
  readonly burst: Threshold | undefined;
  readonly sustained: Threshold | undefined;
  readonly stuckSeconds: number | undefined;
  readonly chronic: Threshold | undefined;
  readonly chronicAction: 'alert' | 'window';
  /** Undefined: without bound. */
  readonly budget: { readonly maxReboots: number; readonly healthySeconds: number } | undefined;
}

export interface Threshold {
  readonly stalls: number;
  readonly seconds: number;
}

const TIMER = {
  count: 'lines',
  sources: 'expedited',
  graceClips: false,
  stuckSeconds: undefined,
  chronic: undefined,
  chronicAction: 'alert',
  budget: undefined,
} as const;

const V1: Policy = {
  ...TIMER,
  name: 'v1',
  checks: { firstSeconds: 900, everySeconds: 300 },
  graceSeconds: 900,
  burst: undefined,
  sustained: { stalls: 3, seconds: 600 },
};

const V2: Policy = {
  ...TIMER,
  name: 'v2',
  checks: { firstSeconds: 1200, everySeconds: 300 },
  graceSeconds: 1200,
  burst: undefined,
  sustained: { stalls: 10, seconds: 900 },
};

const V3: Policy = {
  ...TIMER,
  name: 'v3',
  checks: { firstSeconds: 1200, everySeconds: 120 },
  graceSeconds: 1200,
  burst: { stalls: 10, seconds: 120 },
  sustained: { stalls: 10, seconds: 900 },
};

export const CURRENT = {
  name: 'current',
  count: 'periods',
  sources: 'all',
  checks: undefined,
  graceSeconds: 1200,
  graceClips: true,
  burst: { stalls: 10, seconds: 120 },
  sustained: { stalls: 10, seconds: 900 },
  stuckSeconds: minutes(3).seconds,
  chronic: { stalls: 100, seconds: 21_600 },
  chronicAction: 'alert',
  budget: { maxReboots: 3, healthySeconds: 21_600 },
} as const satisfies Policy;

export const POLICIES: readonly Policy[] = [V1, V2, V3, CURRENT];

/** What the kernel of the log was set to; 0 where nobody knows. */
export interface KernelSettings {
  readonly hz: number;
  readonly normalTimeoutSeconds: number;
  readonly expeditedTimeoutSeconds: number;
}

/** The detector's settings, as awk takes them with -v. The black-hole path needs looks at the network; no log has them. */
export function detectorSettings(policy: Policy, kernel: KernelSettings): Readonly<Record<string, string | number>> {
  return {
    count: policy.count,
    sources: policy.sources,
    decide: policy.checks === undefined ? 'record' : 'tick',
    grace_seconds: policy.graceSeconds,
    grace_clips: policy.graceClips ? 1 : 0,
    burst_stalls: policy.burst?.stalls ?? 0,
    burst_seconds: policy.burst?.seconds ?? 0,
    sustained_stalls: policy.sustained?.stalls ?? 0,
    sustained_seconds: policy.sustained?.seconds ?? 0,
    stuck_seconds: policy.stuckSeconds ?? 0,
    chronic_stalls: policy.chronic?.stalls ?? 0,
    chronic_seconds: policy.chronic?.seconds ?? 0,
    chronic_action: policy.chronicAction,
    black_hole_seconds: 0,
    max_reboots: policy.budget?.maxReboots ?? -1,
    healthy_seconds: policy.budget?.healthySeconds ?? 0,
    hz: kernel.hz,
    normal_timeout: kernel.normalTimeoutSeconds,
    expedited_timeout: kernel.expeditedTimeoutSeconds,
    clock: 'log',
    auto: 1,
    events: 1,
    states: 0,
  };
}
