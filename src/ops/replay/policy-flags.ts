/** The policy that flags give (today's, but for them), and what they say about the log's kernel. */
import { tryReadDuration } from '../../cluster/duration.js';
import { type Issue, type Parsed, show } from '../../cluster/parse/issue.js';
import { MOST_STALLS } from '../../cluster/parse/rcu-watchdog.js';
import { CURRENT, type KernelSettings, type Policy, type Threshold } from './policies.js';

const KERNEL_FLAGS = {
  hz: { type: 'string' },
  'stall-timeout': { type: 'string' },
  'expedited-timeout': { type: 'string' },
} as const;

/** In the form of node:util's parseArgs. */
export const POLICY_FLAGS = {
  burst: { type: 'string' },
  sustained: { type: 'string' },
  chronic: { type: 'string' },
  stuck: { type: 'string' },
  grace: { type: 'string' },
  'max-reboots': { type: 'string' },
  healthy: { type: 'string' },
  count: { type: 'string' },
  sources: { type: 'string' },
  every: { type: 'string' },
  ...KERNEL_FLAGS,
} as const;

type Flag = keyof typeof POLICY_FLAGS;

interface Given {
  /** Undefined where no flag asks for one. */
  readonly policy: Policy | undefined;
  readonly kernel: KernelSettings;
}

/** Reads all flags; says everything that is wrong with them. */
export function parsePolicyFlags(values: Readonly<Partial<Record<Flag, string>>>): Parsed<Given> {
  const issues: Issue[] = [];

  /** The flag's value by `read`, or `otherwise` where it is not given or wrong. */
  function take<T>(flag: Flag, otherwise: T, expected: string, read: (text: string) => T | undefined): T {
    const text = values[flag];
    if (text === undefined) return otherwise;
    const value = read(text);
    if (value !== undefined) return value;
    issues.push({ path: `--${flag}`, message: `expected ${expected}, got ${show(text)}` });
    return otherwise;
  }
  /** `off` becomes 0 stalls or seconds, which the caller leaves out. */
  const threshold = (flag: Flag, otherwise: Threshold | undefined): Threshold | undefined =>
    present(take(flag, otherwise, `up to ${MOST_STALLS} stalls in a time, e.g. "10/2min", or "off"`, readThreshold));
  const seconds = (flag: Flag, otherwise: number): number =>
    take(flag, otherwise, 'a time, e.g. "20min"', (text) => tryReadDuration(text)?.seconds);
  const choice = <const T extends string>(flag: Flag, otherwise: T, choices: readonly T[]): T =>
    take(flag, otherwise, choices.join(' or '), (text) => choices.find((known) => known === text));

  const every = take<number | undefined>('every', undefined, 'a time above zero, e.g. "2min"', (text) =>
    positive(tryReadDuration(text)?.seconds),
  );
  const graceSeconds = seconds('grace', CURRENT.graceSeconds);
  const stuck = take('stuck', CURRENT.stuckSeconds, 'a time, e.g. "3min", or "off"', (text) =>
    text === 'off' ? 0 : tryReadDuration(text)?.seconds,
  );
  const policy: Policy = {
    name: 'given',
    count: choice('count', CURRENT.count, ['lines', 'periods']),
    sources: choice('sources', CURRENT.sources, ['all', 'expedited']),
    checks: every === undefined ? undefined : { firstSeconds: graceSeconds, everySeconds: every },
    graceSeconds,
    graceClips: true,
    burst: threshold('burst', CURRENT.burst),
    sustained: threshold('sustained', CURRENT.sustained),
    stuckSeconds: stuck === 0 ? undefined : stuck,
    chronic: threshold('chronic', CURRENT.chronic),
    chronicAction: CURRENT.chronicAction,
    budget: {
      maxReboots: take('max-reboots', CURRENT.budget.maxReboots, 'a whole number', readWhole),
      healthySeconds: seconds('healthy', CURRENT.budget.healthySeconds),
    },
  };
  const kernel: KernelSettings = {
    hz: take('hz', 0, 'a whole number above zero, e.g. "1000"', (text) => positive(readWhole(text))),
    normalTimeoutSeconds: take('stall-timeout', 0, TIMEOUT, readSeconds),
    expeditedTimeoutSeconds: take('expedited-timeout', 0, TIMEOUT, readSeconds),
  };
  if (issues.length > 0) return { ok: false, issues };
  const asked = Object.keys(values).some((flag) => flag in POLICY_FLAGS && !(flag in KERNEL_FLAGS));
  return { ok: true, value: { policy: asked ? policy : undefined, kernel } };
}

const TIMEOUT = 'a time, e.g. "21s" or "20ms"';

const present = (threshold: Threshold | undefined): Threshold | undefined =>
  threshold === undefined || threshold.stalls === 0 ? undefined : threshold;

const positive = (value: number | undefined): number | undefined =>
  value !== undefined && value > 0 ? value : undefined;

const readWhole = (text: string): number | undefined => (/^\d{1,6}$/.test(text) ? Number(text) : undefined);

function readThreshold(text: string): Threshold | undefined {
  if (text === 'off') return { stalls: 0, seconds: 0 };
  const [count = '', within = '', ...more] = text.split('/');
  const stalls = positive(readWhole(count));
  const seconds = positive(tryReadDuration(within)?.seconds);
  if (stalls !== undefined && stalls > MOST_STALLS) return undefined;
  return stalls === undefined || seconds === undefined || more.length > 0 ? undefined : { stalls, seconds };
}

/** Kernel time-outs go down to milliseconds, which no description needs. */
function readSeconds(text: string): number | undefined {
  const millis = /^(\d{1,6})ms$/.exec(text)?.[1];
  return millis === undefined ? tryReadDuration(text)?.seconds : Number(millis) / 1_000;
}
