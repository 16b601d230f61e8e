/** Which alerts a cluster's Prometheus can evaluate: an alert on a metric that is not there would never fire. */
import type { Cluster } from '../cluster/cluster.js';
import { isAtLeast, type MetricSource, sourcesOf } from './metric-sources.js';
import type { AlertRule, RecordingRule, RuleGroup } from './rule-group.js';

/** An alert that was asked for and cannot be. */
export interface LeftOut {
  readonly alert: string;
  readonly because: string;
}

export interface AvailableRules {
  readonly groups: readonly RuleGroup[];
  readonly leftOut: readonly LeftOut[];
}

type Rule = AlertRule | RecordingRule;

export function availableRules(cluster: Cluster, groups: readonly RuleGroup[]): AvailableRules {
  const recorded = recordings(groups);
  const because = (rule: Rule): string | null =>
    sourcesOf(rule.expr, recorded)
      .map((source) => notScraped(cluster, source) ?? source.missing?.(cluster) ?? null)
      .find((reason) => reason !== null) ?? null;
  const judged = groups.map(({ name, rules }) => ({
    name,
    rules: rules.map((rule) => ({ rule, reason: because(rule) })),
  }));
  return {
    groups: judged
      .map(({ name, rules }) => ({
        name,
        rules: rules.flatMap(({ rule, reason }) => (reason === null ? [rule] : [])),
      }))
      .filter(({ rules }) => rules.length > 0),
    leftOut: judged.flatMap(({ rules }) =>
      rules.flatMap(({ rule, reason }) =>
        reason === null || rule.kind !== 'alert' ? [] : [{ alert: rule.name, because: reason }],
      ),
    ),
  };
}

const notScraped = ({ monitoring }: Cluster, { exporter }: MetricSource): string | null =>
  monitoring?.notScraped.some((program) => program === exporter)
    ? `Prometheus does not scrape ${exporter} (monitoring.notScraped)`
    : null;

/** The expressions of the recording rules, by name. */
export const recordings = (groups: readonly RuleGroup[]): ReadonlyMap<string, string> =>
  new Map(
    groups.flatMap(({ rules }) => rules.flatMap((rule) => (rule.kind === 'record' ? [[rule.name, rule.expr]] : []))),
  );

/** What must be scraped for a rule, each program once with the version that it needs at least. */
export function needs({ expr }: Rule, recorded: ReadonlyMap<string, string>): string {
  const newest = new Map<string, MetricSource>();
  for (const source of sourcesOf(expr, recorded)) {
    const known = newest.get(source.exporter);
    if (known === undefined || isAtLeast(source.since, known.since)) newest.set(source.exporter, source);
  }
  return [...newest.values()].map(({ exporter, since }) => `${exporter} >= ${since}`).join(', ');
}
