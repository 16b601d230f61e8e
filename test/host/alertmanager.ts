/**
 * Debian's Alertmanager with the routes and inhibitions of dist/, translated as the Prometheus Operator does it: other
 * spelling, and the URLs from the Secrets that it names. Only the times are shorter.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { freeAddress, LoopbackServer } from './loopback-server.js';
import { ALERTS } from './prometheus.js';

/** Half a minute for a page and five for a message; what silences an alert must still have the time to come. */
const TIMES = { group_wait: '8s', group_interval: '1s', repeat_interval: '1h' };

interface Matcher {
  readonly name: string;
  readonly matchType: string;
  readonly value: string;
}

interface Route {
  readonly receiver: string;
  readonly groupBy: readonly string[];
  readonly matchers: readonly Matcher[];
  readonly routes?: readonly Route[];
}

interface Receiver {
  readonly name: string;
  readonly webhookConfigs: readonly { readonly sendResolved: boolean }[];
}

interface Spec {
  readonly inhibitRules: readonly Readonly<
    Record<'sourceMatch' | 'targetMatch', readonly Matcher[]> & { equal: string[] }
  >[];
  readonly receivers: readonly Receiver[];
  readonly route: Route;
}

export class Alertmanager extends LoopbackServer {
  /** What it sends to a receiver arrives at that receiver's name below the webhook. */
  static async at(webhook: string): Promise<Alertmanager> {
    const alertmanager = new Alertmanager(await freeAddress());
    const spec: Spec = parse(readFileSync(join(ALERTS, 'alertmanagerconfig-selfheal.yaml'), 'utf8')).spec;
    const config = {
      route: { receiver: 'null', ...TIMES, routes: [routeOf(spec.route)] },
      receivers: [{ name: 'null' }, ...spec.receivers.map((receiver) => receiverOf(receiver, webhook))],
      inhibit_rules: spec.inhibitRules.map(({ sourceMatch, targetMatch, equal }) => ({
        source_matchers: sourceMatch.map(matcherOf),
        target_matchers: targetMatch.map(matcherOf),
        equal,
      })),
    };
    // JSON is YAML.
    writeFileSync(join(alertmanager.folder, 'config'), JSON.stringify(config));
    await alertmanager.start(
      [
        'prometheus-alertmanager',
        '--config.file=config',
        '--storage.path=data',
        '--cluster.listen-address=',
        `--web.listen-address=${alertmanager.address}`,
        '--log.level=warn',
      ],
      '/-/ready',
    );
    return alertmanager;
  }

  /** What it says of one alert; undefined where it has none with these labels. */
  async state(labels: Readonly<Record<string, string>>): Promise<string | undefined> {
    const filters = Object.entries(labels).map(([name, value]) => `filter=${encodeURIComponent(`${name}="${value}"`)}`);
    const answer = await this.get(`/api/v2/alerts?${filters.join('&')}`);
    return (answer as readonly { status: { state: string } }[])[0]?.status.state;
  }
}

const matcherOf = ({ name, matchType, value }: Matcher): string => `${name}${matchType}${JSON.stringify(value)}`;

const routeOf = ({ receiver, groupBy, matchers, routes = [] }: Route): object => ({
  receiver,
  group_by: groupBy,
  matchers: matchers.map(matcherOf),
  routes: routes.map(routeOf),
  ...TIMES,
});

const receiverOf = ({ name, webhookConfigs }: Receiver, webhook: string) => ({
  name,
  webhook_configs: webhookConfigs.map(({ sendResolved }) => ({
    url: `${webhook}/${name}`,
    send_resolved: sendResolved,
  })),
});
