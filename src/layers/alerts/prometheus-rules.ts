/** One PrometheusRule for each layer, so that a review shows whose alerts changed. */
import {
  PrometheusRule,
  type PrometheusRuleSpecGroupsRules,
  PrometheusRuleSpecGroupsRulesExpr,
} from '../../../imports/monitoring.coreos.com.js';
import type { ApplicationChart } from '../../argo/application-chart.js';
import type { Monitoring } from '../../cluster/cluster.js';
import { formatPromDuration } from '../../cluster/duration.js';
import { needs, recordings } from '../available-rules.js';
import { type AlertRule, layerOf, type RecordingRule, type RuleGroup } from '../rule-group.js';

export function addPrometheusRules(
  chart: ApplicationChart,
  monitoring: Monitoring,
  groups: readonly RuleGroup[],
): void {
  const recorded = recordings(groups);
  for (const layer of new Set(groups.map(layerOf))) {
    new PrometheusRule(chart, layer, {
      metadata: {
        name: `selfheal-${layer}`,
        namespace: monitoring.namespace,
        labels: Object.fromEntries(monitoring.ruleLabels),
      },
      spec: {
        groups: groups
          .filter((group) => layerOf(group) === layer)
          .map(({ name, rules }) => ({ name, rules: rules.map((rule) => manifestOf(rule, recorded, monitoring)) })),
      },
    });
  }
}

function manifestOf(
  rule: AlertRule | RecordingRule,
  recorded: ReadonlyMap<string, string>,
  { runbookBaseUrl }: Monitoring,
): PrometheusRuleSpecGroupsRules {
  const expr = PrometheusRuleSpecGroupsRulesExpr.fromString(rule.expr);
  if (rule.kind === 'record') return { record: rule.name, expr };
  return {
    alert: rule.name,
    expr,
    ...(rule.for === null ? {} : { for: formatPromDuration(rule.for) }),
    labels: { severity: rule.severity },
    annotations: {
      summary: rule.summary,
      description: rule.description,
      runbook_url: `${runbookBaseUrl}/${rule.name.toLowerCase()}.md`,
      needs: needs(rule, recorded),
    },
  };
}
