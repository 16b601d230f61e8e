/**
 * Which alerts can fire in a world at all: those whose expression is true, of whatever, for as long as they wait.
 *
 * Asked for a range, an expression is parsed once instead of once a minute. Another alert is silent for certain; whether
 * one of these fires the rules themselves have to say.
 */
import type { Groups } from './needed-rules.js';
import { type Query, type RuleCase, runCases } from './run-cases.js';

/** promtool loads no more samples for a query. A minute takes one for each series that is read, and more in between. */
const SAMPLES = 10_000;
const IN_BETWEEN = 2.5;
const LONGEST = 240;

/** For each case the names of those alerts. */
export function everTrue(cases: readonly RuleCase[]): readonly ReadonlySet<string>[] {
  const found = cases.map(() => new Set<string>());
  const recording = cases.map((one) => ({ ...one, groups: rulesWith('record', one.groups) }));
  const output = runCases(recording, (one, index) =>
    rulesWith('alert', cases[index]?.groups ?? []).flatMap(({ rules }) =>
      rules.flatMap((rule) => queries(rule, `${index}:${rule.alert}`, one)),
    ),
  );
  for (const [, index, alert = ''] of output.matchAll(/\{asked="(\d+):(\w+)"\} 1/g)) found[Number(index)]?.add(alert);
  return found;
}

type Rule = Groups[number]['rules'][number];

const rulesWith = (what: 'alert' | 'record', groups: Groups): Groups =>
  groups
    .map((group) => ({ ...group, rules: group.rules.filter((rule) => rule[what] !== undefined) }))
    .filter(({ rules }) => rules.length > 0);

function queries(
  { expr, for: wait = '0m' }: Rule,
  asked: string,
  { world, minutes, everyMinutes }: RuleCase,
): readonly Query[] {
  const read = world.reduce((sum, { metric }) => sum + expr.split(metric).length - 1, 10);
  const atOnce = Math.max(2 * everyMinutes, Math.min(LONGEST, Math.floor(SAMPLES / IN_BETWEEN / read)));
  // Where that is too long to be asked at once a part of it will do: then more is left to the rules.
  const waits = Math.max(everyMinutes, Math.min(Math.floor(minutesOf(wait)), Math.floor(atOnce / 2)));
  const [step, window] = [`${everyMinutes}m`, atOnce - waits];
  // A range has its first step at its beginning, or after it, as the version goes: it need not have more than these.
  const steps = Math.floor(waits / everyMinutes);
  const long = `count_over_time((group(${expr}\n))[${waits}m:${step}]) >= ${steps}`;
  return Array.from({ length: Math.ceil((minutes + 1) / window) }, (_, index) => ({
    minute: Math.min((index + 1) * window, minutes),
    expr: `label_replace(group(last_over_time((${long})[${window + everyMinutes}m:${step}])), "asked", "${asked}", "", "")`,
  }));
}

const UNITS: Readonly<Record<string, number>> = { s: 1 / 60, m: 1, h: 60, d: 1440 };

function minutesOf(duration: string): number {
  const [, count, unit = ''] = /^(\d+)([smhd])$/.exec(duration) ?? [];
  const minutes = Number(count) * (UNITS[unit] ?? Number.NaN);
  if (Number.isNaN(minutes)) throw new Error(`for: expected a duration such as 15m, got ${JSON.stringify(duration)}`);
  return minutes;
}
