/** What reboots a node whose kernel stalls. */
import type { DurationText, TimeOfDay } from './values.js';

/** Which program looks, and on what it acts: docs/layers/rcu-watchdog.md. */
export type RcuWatchdogSpec = RcuWatchdogStreamSpec | RcuWatchdogTimerSpec;

/** A service that reads the kernel log as it is written and acts at once. */
export interface RcuWatchdogStreamSpec extends RcuWatchdogCommonSpec {
  /** A service that reads along (`'stream'`), or a look every few minutes as v3 had it (`'timer'`). @default 'stream' */
  readonly form?: 'stream';

  /**
   * Reboot for one grace period whose reports span this long: it never ends, and all that waits for it hangs. The
   * kernel reports a grace period again after three stall time-outs and 3 s: that is 66 s on a Raspberry Pi and 183 s
   * on generic Ubuntu, and a shorter time means the same as these.
   *
   * @default '3min'
   */
  readonly stuck?: DurationText;

  /**
   * Stalls that go on for hours, each too lonely for the other paths, as in the leak of April 6 to 8 (726 in 30.5 h).
   *
   * @default { stalls: 100, within: '6h', action: 'alert' }, two thirds of the rate of that leak
   */
  readonly chronic?: ChronicStallsSpec;

  /**
   * Reboot a node whose network is gone for itself alone, as on November 30: the gateway and every other node silent,
   * the link up, the kernel stalled since boot. `'off'` leaves that to the outside probe and to people.
   *
   * @default { after: '5min' }
   */
  readonly blackHole?: BlackHoleSpec | 'off';
}

/** The watchdog of April 2026 (v3): a timer that counts report lines in two windows. */
export interface RcuWatchdogTimerSpec extends RcuWatchdogCommonSpec {
  readonly form: 'timer';

  /**
   * How often the kernel log is looked at. A burst may have killed the node before the next look.
   *
   * @default '2min'
   */
  readonly checkEvery?: DurationText;
}

interface RcuWatchdogCommonSpec {
  /**
   * Path A: many stalls at once, as in the burst of April 5 (30 stalls in 60 s).
   *
   * @default { stalls: 10, within: '2min' }
   */
  readonly burst?: StallThresholdSpec;

  /**
   * Path B: a slow build-up over many minutes, as on April 5 too (10 and more in a quarter of an hour).
   *
   * @default { stalls: 10, within: '15min' }
   */
  readonly sustained?: StallThresholdSpec;

  /**
   * How long after boot nothing is acted upon. Stalls from within it never count later either. The storm of April 3
   * (75 harmless stalls) was over after 150 s; pods take longer to settle.
   *
   * @default '20min'
   */
  readonly startupGrace?: DurationText;

  /**
   * Reboots in a row that the watchdog may ask for; after that it only reports, until the node has run for
   * `healthyAfter` without crossing a threshold. 1 to 4.
   *
   * @default 3
   */
  readonly maxRebootsInARow?: number;

  /**
   * Uptime without a crossing after which the count of reboots in a row starts again. 2 h to 7 d.
   *
   * @default '6h'
   */
  readonly healthyAfter?: DurationText;

  /**
   * The TCP port on which the nodes tell each other whether they are about to reboot. Open it between the nodes; the
   * same for all of them, and none that Kubernetes uses: systemd listens first.
   *
   * @default 9847
   */
  readonly peerPort?: number;
}

export interface StallThresholdSpec {
  /**
   * How many stalls it takes, at most 2000: different grace periods, with `form: 'timer'` report lines. More than the
   * node's harmless background: see docs/layers/rcu-watchdog.md.
   */
  readonly stalls: number;

  /** The window in which they are counted. */
  readonly within: DurationText;
}

export interface ChronicStallsSpec {
  /** How many stalls it takes, at most 2000. */
  readonly stalls: number;

  /** The window in which they are counted. */
  readonly within: DurationText;

  /**
   * What follows: an alert, or a reboot in a maintenance window, given in the node's own time zone.
   *
   * @default 'alert'
   */
  readonly action?: 'alert' | { readonly window: MaintenanceWindowSpec };
}

export interface MaintenanceWindowSpec {
  /** When it opens each day. */
  readonly start: TimeOfDay;

  /** When it closes. Before `start` it means the next day. */
  readonly end: TimeOfDay;
}

export interface BlackHoleSpec {
  /** For how long every sign must say so. The outage of November 30 lasted two hours. */
  readonly after: DurationText;
}
