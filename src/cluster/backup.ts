/** The nightly copies of local-path volumes as every later part sees them: complete, and what is off is `null`. */
import type { DailySchedule, WeeklySchedule } from './clock-time.js';
import type { ClusterNode } from './cluster.js';
import type { Duration } from './duration.js';

export type Backup = SnapshotsBackup | MirrorBackup;

export interface SnapshotsBackup extends BackupSource, BackupCopy {
  readonly form: 'snapshots';
  /** From 1 to 100; 100 refuses nothing. */
  readonly maxShrinkPercent: number;
  /** As `namespace/claim`. */
  readonly exclude: readonly string[];
  readonly hooks: readonly BackupHook[];
  readonly drill: BackupDrill | null;
  readonly offsite: BackupCopy | null;
}

export interface MirrorBackup extends BackupSource, Omit<BackupCopy, 'to' | 'keep'> {
  readonly form: 'mirror';
  readonly to: BackupDestination;
}

interface BackupSource {
  readonly namespace: string;
  /** The node whose volumes are copied. */
  readonly from: ClusterNode;
}

/** One place that receives snapshots, with the CronJob that brings them. */
export interface BackupCopy {
  /** The CronJob's name. */
  readonly name: string;
  readonly to: BackupDestination & { readonly reservePercent: number };
  readonly schedule: DailySchedule;
  readonly bandwidthLimitKibPerSecond: number;
  readonly keySecret: SecretKey;
  readonly keep: { readonly snapshots: number; readonly within: Duration };
  readonly deadline: Duration;
  readonly staleAfter: Duration;
}

export interface BackupDestination {
  readonly host: string;
  readonly user: string;
  readonly path: string;
  readonly port: number;
  readonly hostKey: string;
}

export interface BackupHook {
  /** As `namespace/claim`. */
  readonly volume: string;
  readonly before: HookRequest;
  readonly after: HookRequest;
  readonly tokenSecret: SecretKey | null;
  readonly timeout: Duration;
}

interface HookRequest {
  readonly url: string;
  readonly body: string;
}

interface SecretKey {
  readonly name: string;
  readonly key: string;
}

/** The weekly CronJob that reads one volume back from `to`. */
export interface BackupDrill {
  /** The CronJob's name. */
  readonly name: string;
  readonly schedule: WeeklySchedule;
  readonly scratchGibibytes: number;
}
