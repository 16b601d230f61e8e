/** The look from outside. */
import type { DurationText } from './values.js';

export interface ReachabilitySpec<Node extends string> {
  /** The nodes to look at. @default - all */
  readonly nodes?: readonly NoInfer<Node>[];

  /**
   * A blackbox exporter outside the cluster that the cluster's Prometheus asks, e.g. `'nas.lan:9115'`.
   *
   * @default - no Probe
   */
  readonly prober?: string;

  /**
   * After how long a silence somebody has been told: the message has arrived by then.
   *
   * @default '2min'
   */
  readonly tolerate?: DurationText;

  /**
   * How the prober on a host outside the cluster tells somebody.
   *
   * @default - it writes to its own log and tells nobody
   */
  readonly notify?: ReachabilityNotifySpec;
}

/** URL and token are secrets: they stand in files of the prober's host, never here. */
type ReachabilityNotifySpec = NtfySpec | SlackSpec | WebhookSpec;

interface NotifySpec {
  /**
   * The file on the prober's host that holds the URL to post to.
   *
   * @default '/etc/selfheal/reachability-prober.url'
   */
  readonly urlFile?: string;
}

interface WithToken extends NotifySpec {
  /**
   * The file on the prober's host that holds a bearer token; it may be missing.
   *
   * @default '/etc/selfheal/reachability-prober.token'
   */
  readonly tokenFile?: string;
}

/** Topics of https://ntfy.sh or of a server of one's own: a plain text with title, priority and tag. */
export interface NtfySpec extends WithToken {
  readonly kind: 'ntfy';
}

/** An incoming webhook of Slack, or of what understands its `{"text": "…"}`. */
export interface SlackSpec extends NotifySpec {
  readonly kind: 'slack';
}

/** Anything else: JSON with node, address, state, seconds, since, prober, text, and an id to know a repetition by. */
export interface WebhookSpec extends WithToken {
  readonly kind: 'webhook';
}
