/** One Job of the backup, in all that tells it from the others. */
import type { BackupDestination, BackupHook } from '../../cluster/backup.js';
import type { ClusterNode } from '../../cluster/cluster.js';
import type { Duration } from '../../cluster/duration.js';
import type { Reasons } from '../../manifest/privileges.js';
import type { Connection } from './connection.js';

export interface Run extends Connection {
  /** The Job's name, or the CronJob's. */
  readonly name: string;
  readonly namespace: string;
  readonly node: ClusterNode;
  readonly deadline: Duration;

  /** The program in the folder of scripts, and its container's name. */
  readonly script: string;
  readonly container: string;

  /** Its exit statuses that a second attempt cannot mend. */
  readonly hopeless: readonly number[];
  readonly capabilities: readonly string[];
  readonly privileges: Reasons;

  /** Where it connects to. */
  readonly to: BackupDestination;
  readonly hooks: readonly BackupHook[];
}

/** One that a CronJob starts. */
export interface ScheduledRun extends Run {
  readonly cron: string;
  readonly timeZone: string;
}

/** By which its NetworkPolicy knows it. */
export const podLabels = (name: string) => ({ 'app.kubernetes.io/name': name });
