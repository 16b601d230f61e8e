/** Who runs Prometheus, and where; and who is told. */
import type { SecretKeySpec } from './backup.js';

export type MonitoringSpec<Node extends string> = ChartMonitoringSpec<Node> | ExistingMonitoringSpec;

interface MonitoringCommonSpec {
  /**
   * Where messages go.
   *
   * @default - nowhere: alerts are seen by those who look, unless the Alertmanager has receivers of its own
   */
  readonly notify?: NotifySpec;

  /**
   * Where the pages of `docs/runbooks` can be read; an alert links to `<this>/<alert in lower case>.md`.
   *
   * @default - `docs/runbooks` in the repository of `gitops`, where GitHub and GitLab show it; Gitea needs its own
   */
  readonly runbookBaseUrl?: string;
}

/** Critical alerts at once, and again each hour; warnings gathered, and again each day; `info` to nobody. */
export interface NotifySpec {
  /** `slack`: an incoming webhook of Slack, or of what understands them. `webhook`: Alertmanager's own JSON, e.g. for ntfy. */
  readonly kind: 'slack' | 'webhook';

  /** The Secret in `namespace` that holds the whole URL: who knows it can write there. */
  readonly urlSecret: SecretKeySpec;

  /**
   * The same for warnings, where these must not wake anybody.
   *
   * @default - where critical alerts go
   */
  readonly warningUrlSecret?: SecretKeySpec;

  /**
   * Whose alerts: the ones from here, or all that this Alertmanager gets.
   *
   * @default 'selfheal'
   */
  readonly alerts?: 'selfheal' | 'all';
}

/** kube-prometheus-stack, installed by an Application of ours. */
export interface ChartMonitoringSpec<Node extends string> extends MonitoringCommonSpec {
  readonly install: 'kube-prometheus-stack';

  /** @default 'monitoring' */
  readonly namespace?: string;

  /** The only node on which Prometheus, Alertmanager, Grafana and the operator may run. Required, not preferred. */
  readonly requiredNode: NoInfer<Node>;

  /**
   * A volume for Prometheus' data.
   *
   * @default - an emptyDir: the data is lost when the pod is made anew, and the alerts start with an empty memory
   */
  readonly storage?: PrometheusStorageSpec;

  /**
   * The Secret in the stack's namespace that holds Grafana's `admin-user` and `admin-password`.
   *
   * @default - the chart makes up a password at each rendering, and Grafana restarts with it
   */
  readonly grafanaAdminSecret?: string;
}

export interface PrometheusStorageSpec {
  /** The volume's size. Four fifths of it are filled before the oldest data goes. */
  readonly gibibytes: number;

  /** Its StorageClass. One that reaches other nodes over the network ties the alerts to what they watch. */
  readonly storageClass: string;
}

/** A Prometheus Operator that is already there, e.g. MicroK8s's observability addon. */
export interface ExistingMonitoringSpec extends MonitoringCommonSpec {
  readonly install: 'existing';

  /** Where it runs; rules, Probes and dashboards go there. */
  readonly namespace: string;

  /** The labels by which its Prometheus selects PrometheusRules, e.g. `{ release: 'kube-prom-stack' }`. */
  readonly ruleLabels: Readonly<Record<string, string>>;

  /**
   * The labels by which its Alertmanager selects AlertmanagerConfigs. Its `alertmanagerConfigMatcherStrategy` must be
   * `None` or `OnNamespaceExceptForAlertmanagerNamespace`: otherwise nothing of it ever matches.
   *
   * @default - no AlertmanagerConfig: one cause may give several messages
   */
  readonly alertmanagerConfigLabels?: Readonly<Record<string, string>>;

  /**
   * Whether its node-exporter reads `/var/lib/node-exporter/textfile` of the hosts, where the watchdog writes.
   *
   * @default false - alerts that need it are left out
   */
  readonly textfileCollector?: boolean;

  /**
   * Programs that its Prometheus does not scrape, though the cluster has them. Alerts that need one are left out, and
   * synth says which.
   *
   * @default - it scrapes them all, as kube-prometheus-stack does
   */
  readonly notScraped?: readonly ScrapedProgram[];
}

/** By the names under which `needs` of an alert lists them. */
export type ScrapedProgram = 'kube-apiserver' | 'kube-state-metrics' | 'kubelet' | 'longhorn-manager' | 'node_exporter';
