/**
 * What the Prometheus Operator makes of an AlertmanagerConfig in the Alertmanager's own namespace.
 *
 * Written after the operator's conversion for matcher strategies that add no namespace, and compared with it: the same
 * rules, routes and receivers.
 */
import { parse, stringify } from 'yaml';
import type { Cluster } from '../../src/cluster/cluster.js';
import { toYaml } from '../../src/manifest/yaml.js';
import { at } from './change.js';
import { chartValues } from './chart-values.js';
import { objectsOf } from './clusters.js';

interface Matcher {
  readonly name: string;
  readonly matchType: string;
  readonly value: string;
}

interface SecretKey {
  readonly name: string;
  readonly key: string;
}

interface Route {
  readonly receiver: string;
  readonly groupBy: readonly string[];
  readonly groupWait: string;
  readonly groupInterval: string;
  readonly repeatInterval: string;
  readonly matchers: readonly Matcher[];
  readonly routes?: readonly Route[];
}

interface InhibitRule {
  readonly sourceMatch: readonly Matcher[];
  readonly targetMatch: readonly Matcher[];
  readonly equal: readonly string[];
}

interface Receiver {
  readonly name: string;
  readonly webhookConfigs?: readonly { readonly urlSecret: SecretKey; readonly sendResolved: boolean }[];
  readonly slackConfigs?: readonly {
    readonly apiURL: SecretKey;
    readonly sendResolved: boolean;
    readonly title: string;
    readonly text: string;
  }[];
}

export interface AlertmanagerConfig {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly labels: Readonly<Record<string, string>>;
  };
  readonly spec: {
    readonly inhibitRules: readonly InhibitRule[];
    readonly route?: Route;
    readonly receivers?: readonly Receiver[];
  };
}

/** As it is rendered, or undefined where the cluster has none. */
export function alertmanagerConfigOf(cluster: Cluster): AlertmanagerConfig | undefined {
  const found = objectsOf(cluster, 'alerts').find(({ kind }) => kind === 'AlertmanagerConfig');
  return found && parse(toYaml(found));
}

/** The configuration that kube-prometheus-stack gives its Alertmanager when nobody gives another. */
const chartConfig = () => Object(at(chartValues('kube-prometheus-stack-88.5.3'), 'alertmanager.config'));

/** The whole alertmanager.yml; `url` answers for the Secrets. */
export function alertmanagerYml(config: AlertmanagerConfig, url: (secret: SecretKey) => string): string {
  const base = chartConfig();
  const { namespace, name } = config.metadata;
  const { route, receivers = [], inhibitRules } = config.spec;
  const named = (receiver: string): string => `${namespace}/${name}/${receiver}`;
  return stringify({
    ...base,
    inhibit_rules: [...base.inhibit_rules, ...inhibitRules.map(inhibitRuleYml)],
    route: {
      ...base.route,
      routes: [...(route ? [{ ...routeYml(route, named), continue: true }] : []), ...base.route.routes],
    },
    receivers: [...base.receivers, ...receivers.map((receiver) => receiverYml(receiver, named, url))],
  });
}

export const inhibitRuleYml = ({ sourceMatch, targetMatch, equal }: InhibitRule) => ({
  source_matchers: sourceMatch.map(matcher),
  target_matchers: targetMatch.map(matcher),
  ...(equal.length > 0 ? { equal } : {}),
});

export const routeYml = (route: Route, named: (receiver: string) => string): object => ({
  receiver: named(route.receiver),
  group_by: route.groupBy,
  matchers: route.matchers.map(matcher),
  group_wait: route.groupWait,
  group_interval: route.groupInterval,
  repeat_interval: route.repeatInterval,
  ...(route.routes ? { routes: route.routes.map((child) => routeYml(child, named)) } : {}),
});

export const receiverYml = (
  { name, webhookConfigs, slackConfigs }: Receiver,
  named: (receiver: string) => string,
  url: (secret: SecretKey) => string,
) => ({
  name: named(name),
  ...(webhookConfigs && {
    webhook_configs: webhookConfigs.map(({ urlSecret, sendResolved }) => ({
      url: url(urlSecret),
      send_resolved: sendResolved,
    })),
  }),
  ...(slackConfigs && {
    slack_configs: slackConfigs.map(({ apiURL, sendResolved, title, text }) => ({
      api_url: url(apiURL),
      send_resolved: sendResolved,
      title,
      text,
    })),
  }),
});

const matcher = ({ name, matchType, value }: Matcher): string =>
  `${name}${matchType}"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
