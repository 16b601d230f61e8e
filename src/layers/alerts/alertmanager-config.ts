/**
 * What silences what, and who is told, as the Prometheus Operator takes it.
 *
 * It stands in the Alertmanager's own namespace: elsewhere the operator lets it speak of that namespace's alerts only,
 * and most of ours carry none.
 */
import {
  AlertmanagerConfig,
  type AlertmanagerConfigSpecInhibitRules,
  AlertmanagerConfigSpecInhibitRulesSourceMatchMatchType as SourceOperators,
  AlertmanagerConfigSpecInhibitRulesTargetMatchMatchType as TargetOperators,
} from '../../../imports/monitoring.coreos.com.js';
import type { ApplicationChart } from '../../argo/application-chart.js';
import type { Cluster, Monitoring } from '../../cluster/cluster.js';
import type { RuleGroup } from '../rule-group.js';
import { applicable, type Inhibition, inhibitions, type Side } from './inhibitions.js';
import { type Matcher, matchers } from './matchers.js';
import { receiversOf, routeOf } from './notify.js';

const DESCRIPTION =
  'Alerts that another contains are not sent beside it; each pair with its reason: docs/inhibitions.md of selfheal. Who is told: docs/layers/alerts.md.';

export function addAlertmanagerConfig(
  chart: ApplicationChart,
  cluster: Cluster,
  { namespace, alertmanagerConfigLabels, notify }: Monitoring,
  groups: readonly RuleGroup[],
): void {
  if (alertmanagerConfigLabels === null) return;
  const names = groups.flatMap(({ rules }) => rules.flatMap((rule) => (rule.kind === 'alert' ? rule.name : [])));
  new AlertmanagerConfig(chart, 'AlertmanagerConfig', {
    metadata: {
      name: 'selfheal',
      namespace,
      labels: Object.fromEntries(alertmanagerConfigLabels),
      annotations: { 'kubernetes.io/description': DESCRIPTION },
    },
    spec: {
      inhibitRules: applicable(inhibitions(cluster), new Set(names)).map(inhibitRule),
      ...(notify && { receivers: receiversOf(notify), route: routeOf(notify, names) }),
    },
  });
}

const ofSource = matchers(SourceOperators);
const ofTarget = matchers(TargetOperators);

export const inhibitRule = ({ source, target, equal }: Inhibition): AlertmanagerConfigSpecInhibitRules => ({
  sourceMatch: [...matchSide(ofSource.isOneOf, source), ...equal.map(ofSource.isThere)],
  targetMatch: matchSide(ofTarget.isOneOf, target),
  equal: [...equal],
});

const matchSide = <T>(
  isOneOf: (label: string, values: readonly string[]) => Matcher<T>,
  { alerts, where = {} }: Side,
): Matcher<T>[] => [
  isOneOf('alertname', alerts),
  ...Object.entries(where).map(([label, values]) => isOneOf(label, values)),
];
