/** What a spec says of Prometheus and of who is told, with its defaults. */
import type {
  ChartMonitoringSpec,
  ExistingMonitoringSpec,
  NotifySpec,
  PrometheusStorageSpec,
} from '../spec/monitoring.js';
import { fields, optional } from './fields.js';
import { show } from './issue.js';
import { boolean, integer, list, matching, oneOf, type Parser, record, tagged } from './parser.js';
import { secretKey } from './secret-key.js';
import * as value from './values.js';

const labels = record(value.labelKey, value.labelValue, { min: 1, example: '{ release: "kube-prometheus-stack" }' });

const notify = fields<NotifySpec>()({
  kind: oneOf('slack', 'webhook'),
  urlSecret: secretKey,
  warningUrlSecret: optional(secretKey, null),
  alerts: optional(oneOf('selfheal', 'all'), 'selfheal'),
});

/** A link in a message: it is opened in a browser. */
const runbookBaseUrl = matching(
  'an http or https URL without a password, e.g. "https://git.example/me/attic/src/branch/main/docs/runbooks"',
  /^https?:\/\/(?![^/?#]*@)[^\s/?#]\S*$/,
);

const belongsTo = (install: string, ...keys: readonly string[]): ReadonlyMap<string, string> =>
  new Map(keys.map((key) => [key, `install ${show(install)}`]));

export const monitoring = (node: Parser<string>) =>
  tagged('install', {
    'kube-prometheus-stack': fields<ChartMonitoringSpec<string>>()(
      {
        install: oneOf('kube-prometheus-stack'),
        namespace: optional(value.dnsLabel, 'monitoring'),
        requiredNode: node,
        grafanaAdminSecret: optional(value.secretName, null),
        storage: optional(
          fields<PrometheusStorageSpec>()({ gibibytes: integer(5, 10_000), storageClass: value.dnsSubdomain }),
          null,
        ),
        notify: optional(notify, null),
        runbookBaseUrl: optional(runbookBaseUrl, null),
      },
      {
        elsewhere: belongsTo('existing', 'ruleLabels', 'alertmanagerConfigLabels', 'textfileCollector', 'notScraped'),
      },
    ),
    existing: fields<ExistingMonitoringSpec>()(
      {
        install: oneOf('existing'),
        namespace: value.dnsLabel,
        ruleLabels: labels,
        alertmanagerConfigLabels: optional(labels, null),
        textfileCollector: optional(boolean, false),
        notScraped: optional(
          list(oneOf('kube-apiserver', 'kube-state-metrics', 'kubelet', 'longhorn-manager', 'node_exporter')),
          [],
        ),
        notify: optional(notify, null),
        runbookBaseUrl: optional(runbookBaseUrl, null),
      },
      {
        elsewhere: belongsTo('kube-prometheus-stack', 'requiredNode', 'storage', 'grafanaAdminSecret'),
        checks: [receiversArrive],
      },
    ),
  });

/** Without the labels no AlertmanagerConfig is written, and a receiver that never gets there is worse than none. */
function receiversArrive({
  notify,
  alertmanagerConfigLabels,
}: {
  readonly notify: unknown;
  readonly alertmanagerConfigLabels: unknown;
}) {
  if (notify === null || alertmanagerConfigLabels !== null) return [];
  const expectation = 'the labels by which this Alertmanager selects AlertmanagerConfigs (notify needs them)';
  return [{ path: 'alertmanagerConfigLabels', message: `expected ${expectation}, got nothing` }];
}
