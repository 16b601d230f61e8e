/** One PrometheusRule for each layer, so that a review shows whose alerts changed. */
import type { App } from 'cdk8s';
import {
  PrometheusRule,
  type PrometheusRuleSpecGroupsRules,
  PrometheusRuleSpecGroupsRulesExpr,
} from '../../../imports/monitoring.coreos.com.js';
import { ApplicationChart } from '../../argo/application-chart.js';
import type { Monitoring } from '../../cluster/cluster.js';
import { formatPromDuration } from '../../cluster/duration.js';
import { type AlertRule, layerOf, type RecordingRule, type RuleGroup } from '../rule-group.js';

export function addPrometheusRules(app: App, monitoring: Monitoring, groups: readonly RuleGroup[]): void {
  if (groups.length === 0) return;
  const chart = new ApplicationChart(app, 'alerts', {
    ownership: 'owned',
    description: 'Alerts on every failure that the healing layer knows.',
    namespaces: [monitoring.namespace],
    // The Prometheus Operator, which brings the CRD, may be synced later than this.
    syncOptions: ['SkipDryRunOnMissingResource=true'],
  });
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
          .map(({ name, rules }) => ({ name, rules: rules.map((rule) => manifestOf(rule, monitoring)) })),
      },
    });
  }
}

function manifestOf(rule: AlertRule | RecordingRule, { runbookBaseUrl }: Monitoring): PrometheusRuleSpecGroupsRules {
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
    },
  };
}
