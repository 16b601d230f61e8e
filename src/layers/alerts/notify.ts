/** Who is told of what, how soon and how often. */
import {
  type AlertmanagerConfigSpecReceivers,
  type AlertmanagerConfigSpecRoute,
  AlertmanagerConfigSpecRouteMatchersMatchType as Operators,
} from '../../../imports/monitoring.coreos.com.js';
import type { Notify } from '../../cluster/cluster.js';
import { type Matcher, matchers } from './matchers.js';

const { isOneOf } = matchers(Operators);

/** One message for each of them: a cause shows as one alert on one node. */
const GROUP_BY = ['alertname', 'node'];

/** Half a minute is what Prometheus takes to look again: what silences an alert has come by then. */
const PAGE = { groupWait: '30s', groupInterval: '1m', repeatInterval: '1h' } as const;

/** What can wait is gathered, and said again the next day. */
const MESSAGE = { groupWait: '5m', groupInterval: '30m', repeatInterval: '24h' } as const;

/** What the CRD leaves untyped below the first route. */
interface ChildRoute {
  readonly receiver: string;
  readonly matchers: readonly Matcher<Operators>[];
  readonly groupBy: readonly string[];
  readonly groupWait: string;
  readonly groupInterval: string;
  readonly repeatInterval: string;
}

export const routeOf = ({ alerts }: Notify, names: readonly string[]): AlertmanagerConfigSpecRoute => ({
  receiver: 'message',
  groupBy: GROUP_BY,
  ...MESSAGE,
  matchers: [
    ...(alerts === 'selfheal' ? [isOneOf('alertname', names)] : []),
    isOneOf('severity', ['critical', 'warning']),
  ],
  routes: [
    {
      receiver: 'page',
      groupBy: GROUP_BY,
      ...PAGE,
      matchers: [isOneOf('severity', ['critical'])],
    } satisfies ChildRoute,
  ],
});

export const receiversOf = (notify: Notify): AlertmanagerConfigSpecReceivers[] => [
  receiver('page', notify.kind, notify.urlSecret),
  receiver('message', notify.kind, notify.warningUrlSecret ?? notify.urlSecret),
];

const receiver = (name: string, kind: Notify['kind'], url: Notify['urlSecret']): AlertmanagerConfigSpecReceivers =>
  kind === 'webhook'
    ? { name, webhookConfigs: [{ urlSecret: url, sendResolved: true }] }
    : { name, slackConfigs: [{ apiUrl: url, sendResolved: true, title: TITLE, text: TEXT }] };

/** Slack's own template has no text. */
const TITLE =
  '{{ .Status | toUpper }}: {{ .CommonLabels.alertname }}{{ with .CommonLabels.node }} on {{ . }}{{ end }} ({{ .CommonLabels.severity }})';
const TEXT = [
  '{{ range .Alerts }}{{ .Annotations.summary }}',
  '{{ .Annotations.description }}',
  '{{ .Annotations.runbook_url }}',
  '{{ end }}',
].join('\n');
