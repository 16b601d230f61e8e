/** What only MicroK8s has. */
import type { DurationText } from './values.js';

export interface SchedulerLeaseSpec {
  /** How long a scheduler that fell silent keeps the lease, e.g. `'20s'`. */
  readonly leaseDuration: DurationText;

  /**
   * How long the holder goes on trying to renew. Must be shorter than `leaseDuration`: MicroK8s's own 30 s is not
   * shorter than 20 s, and kube-scheduler then refuses to start.
   *
   * @default - three quarters of `leaseDuration`
   */
  readonly renewDeadline?: DurationText;

  /**
   * How long a scheduler waits between two attempts. `renewDeadline` must be more than 1.2 times as long.
   *
   * @default '2s'
   */
  readonly retryPeriod?: DurationText;
}

export interface JivaSpec {
  /** @default 'openebs' */
  readonly namespace?: string;

  /**
   * Replicas of each volume; a volume is writable while more than half of them run.
   *
   * @default 3
   */
  readonly replicas?: number;
}
