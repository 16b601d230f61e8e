/** For how long each workload was below its desired replicas while a roll was watched, from look to look. */
import type { Monotonic, Seen } from './state.js';
import { missingOf, nameOfWorkload, podsByOwner } from './workloads.js';

export interface Downtime {
  readonly workload: string;
  /** Below what is desired. */
  readonly belowMs: number;
  /** Without any ready pod. */
  readonly withoutMs: number;
}

export interface Sampled {
  readonly at: Monotonic;
  /** How it was then: it counts until the next look. */
  readonly short: ReadonlyMap<string, 'below' | 'without'>;
  readonly sums: ReadonlyMap<string, Downtime>;
}

export function sample(before: Sampled | null, seen: Seen, at: Monotonic): Sampled {
  const passed = before === null ? 0 : at - before.at;
  const sums = new Map(before?.sums);
  for (const [workload, how] of before?.short ?? []) {
    const sum = sums.get(workload) ?? { workload, belowMs: 0, withoutMs: 0 };
    sums.set(workload, {
      workload,
      belowMs: sum.belowMs + passed,
      withoutMs: sum.withoutMs + (how === 'without' ? passed : 0),
    });
  }
  return { at, short: shortIn(seen), sums };
}

/** A DaemonSet goes down with its node by its nature. */
function shortIn(seen: Seen): Sampled['short'] {
  const owned = podsByOwner(seen);
  return new Map(
    seen.workloads.flatMap((workload) => {
      const missing = missingOf(workload, owned);
      if (workload.kind === 'DaemonSet' || missing === 0) return [];
      return [[nameOfWorkload(workload), missing === workload.desired ? 'without' : 'below'] as const];
    }),
  );
}

/** The longest first. */
export const downtimes = (sampled: Sampled | null): readonly Downtime[] =>
  [...(sampled?.sums.values() ?? [])].sort((a, b) => b.belowMs - a.belowMs || (a.workload < b.workload ? -1 : 1));
