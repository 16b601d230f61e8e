/** What a spec says of Prometheus and of who is told, with its defaults. */
import type {
  ChartMonitoringSpec,
  ExistingMonitoringSpec,
  NotifySpec,
  PrometheusStorageSpec,
} from '../spec/monitoring.js';
import { fields, optional } from './fields.js';
import { boolean, integer, list, oneOf, type Parser, record, refine, tagged } from './parser.js';
import { secretKey } from './secret-key.js';
import * as value from './values.js';

const labels = record(value.labelKey, value.labelValue, { min: 1 });

const notify = fields<NotifySpec>()({
  kind: oneOf('slack', 'webhook'),
  urlSecret: secretKey,
  warningUrlSecret: optional(secretKey, null),
  alerts: optional(oneOf('selfheal', 'all'), 'selfheal'),
});

export const monitoring = (node: Parser<string>) =>
  tagged('install', {
    'kube-prometheus-stack': fields<ChartMonitoringSpec<string>>()({
      install: oneOf('kube-prometheus-stack'),
      namespace: optional(value.dnsLabel, 'monitoring'),
      requiredNode: node,
      grafanaAdminSecret: optional(value.secretName, null),
      storage: optional(
        fields<PrometheusStorageSpec>()({ gibibytes: integer(5, 10_000), storageClass: value.dnsSubdomain }),
        null,
      ),
      notify: optional(notify, null),
      runbookBaseUrl: optional(value.url, null),
    }),
    existing: refine(
      fields<ExistingMonitoringSpec>()({
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
        runbookBaseUrl: optional(value.url, null),
      }),
      // Without them no AlertmanagerConfig is written, and a receiver that never gets there is worse than none.
      ({ notify, alertmanagerConfigLabels }) =>
        notify === null || alertmanagerConfigLabels !== null
          ? []
          : [
              {
                path: 'alertmanagerConfigLabels',
                message:
                  'expected the labels by which this Alertmanager selects AlertmanagerConfigs (notify needs them), got nothing',
              },
            ],
    ),
  });
