/** Upgrades of the operating system. */
import type { DurationText, TimeOfDay, Weekday } from './values.js';

export interface UpgradesSpec {
  /** The namespace of the system-upgrade-controller, which must be installed. @default 'system-upgrade' */
  readonly namespace?: string;

  /** From which release to which, and when. */
  readonly ubuntu: UbuntuUpgradeSpec;
}

export interface UbuntuUpgradeSpec {
  /** The release that the nodes run now, e.g. `'25.10'`. */
  readonly from: string;

  /** The release to go to, e.g. `'26.04'`. */
  readonly to: string;

  /** When nodes may be upgraded, in the time zone of the first control-plane node. */
  readonly window: { readonly days: readonly Weekday[]; readonly start: TimeOfDay; readonly end: TimeOfDay };

  /**
   * How long a node that came back must have been healthy before the next one may begin.
   *
   * @default '10min'
   */
  readonly settle?: DurationText;
}
