/** The nightly copies of local-path volumes. */
import type { DurationText, TimeOfDay, Weekday } from './values.js';

/** Dated snapshots, or one copy that is brought up to date: docs/layers/backup.md. */
export type BackupSpec<Node extends string> = SnapshotsBackupSpec<Node> | MirrorBackupSpec<Node>;

/** Each night a snapshot of its own, with hard links to what the one before has already. */
export interface SnapshotsBackupSpec<Node extends string> extends BackupCommonSpec<Node> {
  /** Dated snapshots (`'snapshots'`), or one copy in which every night replaces the one before (`'mirror'`). @default 'snapshots' */
  readonly form?: 'snapshots';

  /** The machine that receives the snapshots. */
  readonly to: SnapshotsDestinationSpec;

  /**
   * Which snapshots the other machine keeps. It decides by itself: nothing that runs on the node can delete one.
   *
   * @default { snapshots: 14, within: '30d' }
   */
  readonly keep?: KeepSpec;

  /**
   * Refuse a run when the volumes lost more than this since the last snapshot, in files or in bytes: a disk that is
   * half empty by mistake is not a state to keep. `100` refuses nothing.
   *
   * @default 50
   */
  readonly maxShrinkPercent?: number;

  /** Volumes that are not copied, as `namespace/claim`. @default [] */
  readonly exclude?: readonly VolumeText[];

  /** What is asked of the programs around the copy, so that their data is at rest meanwhile. @default [] */
  readonly hooks?: readonly BackupHookSpec[];

  /**
   * Each week one volume of one snapshot is read back and compared. `'off'` means that nobody knows whether the backups
   * can be restored.
   *
   * @default { day: 'sunday', at: two hours after `at`, scratchGibibytes: 4 }
   */
  readonly drill?: DrillSpec | 'off';

  /**
   * A second place, outside this network.
   *
   * @default - none: a fire or a thief takes both
   */
  readonly offsite?: OffsiteSpec;
}

/** One copy, as the homelab had it first: nothing is deleted in it, and there are no older versions. */
export interface MirrorBackupSpec<Node extends string> extends BackupCommonSpec<Node> {
  readonly form: 'mirror';

  /** The machine that receives the copy. */
  readonly to: BackupDestinationSpec;
}

interface BackupCommonSpec<Node extends string> {
  /** The CronJob's name; `-offsite` and `-drill` are added for the others. @default 'local-path-backup' */
  readonly name?: string;

  /** @default 'kube-system' */
  readonly namespace?: string;

  /** The node whose local-path volumes are copied, and on which the copy runs. */
  readonly from: NoInfer<Node>;

  /** When it starts each day, in the time zone of `from`. */
  readonly at: TimeOfDay;

  /**
   * rsync's `--bwlimit`. Required: without a limit, rsync over gigabit froze the node in two seconds.
   */
  readonly bandwidthLimitKibPerSecond: number;

  /** The Secret that holds the SSH private key, in the CronJob's namespace. */
  readonly keySecret: SecretKeySpec;

  /**
   * How long one run may take, all its attempts together.
   *
   * @default '2h'
   */
  readonly deadline?: DurationText;

  /**
   * How old the last good backup may become before somebody is told.
   *
   * @default '26h'
   */
  readonly staleAfter?: DurationText;
}

export interface BackupDestinationSpec {
  /** Its name or address, as the node reaches it. With a name, the network policy can limit the port only. */
  readonly host: string;

  /** The login name there; it owns the copy. */
  readonly user: string;

  /** The folder that receives the copy: nothing else may be in it. */
  readonly path: string;

  /** @default 22 */
  readonly port?: number;

  /** The machine's public host key, its type and its text, without name and comment: `'ssh-ed25519 AAAA…'`. */
  readonly hostKey: `${'ssh-ed25519' | 'ssh-rsa' | 'ecdsa-sha2-nistp256'} ${string}`;
}

export interface SnapshotsDestinationSpec extends BackupDestinationSpec {
  /**
   * How much of its disk stays free. A snapshot that would need more is refused, and the older ones stay.
   *
   * @default 10
   */
  readonly reservePercent?: number;
}

/** A snapshot goes when it is beyond the newest `snapshots` and older than `within`, never by one of them alone. */
export interface KeepSpec {
  /** From 3. @default 14 */
  readonly snapshots?: number;

  /** @default '30d' */
  readonly within?: DurationText;
}

/** A claim and its namespace, e.g. `'home/home-assistant'`. */
type VolumeText = `${string}/${string}`;

export interface BackupHookSpec {
  /** The volume whose data is to be at rest. */
  readonly volume: VolumeText;

  /** Sent before the volumes are read. A failure is told, and the copy is made all the same. */
  readonly before: HookRequestSpec;

  /** Sent when they have been read, whatever became of the copy. */
  readonly after: HookRequestSpec;

  /** A Secret in the CronJob's namespace; its text is sent as `Authorization: Bearer`. @default - no authorization */
  readonly tokenSecret?: SecretKeySpec;

  /** How long each of the two requests may take. @default '30s' */
  readonly timeout?: DurationText;
}

/** An HTTP POST. */
export interface HookRequestSpec {
  /** With the port that the program's pod itself listens on: network policies see no other. */
  readonly url: string;

  /** JSON, as a text. @default '{}' */
  readonly body?: string;
}

export interface DrillSpec {
  /** @default 'sunday' */
  readonly day?: Weekday;

  /** @default - two hours after the backup's `at` */
  readonly at?: TimeOfDay;

  /** The room on the node for the volume that is read back; a larger one is never drilled, and an alert says so. @default 4 */
  readonly scratchGibibytes?: number;
}

export interface OffsiteSpec {
  /** The machine that receives the snapshots there. */
  readonly to: SnapshotsDestinationSpec;

  /** When it starts each day, in the time zone of `from`; half an hour from every other heavy job. */
  readonly at: TimeOfDay;

  /** rsync's `--bwlimit` on this way. */
  readonly bandwidthLimitKibPerSecond: number;

  /** The Secret that holds the SSH private key, in the CronJob's namespace. */
  readonly keySecret: SecretKeySpec;

  /** @default { snapshots: 14, within: '30d' } */
  readonly keep?: KeepSpec;

  /** @default '2h' */
  readonly deadline?: DurationText;

  /** @default '26h' */
  readonly staleAfter?: DurationText;
}

export interface SecretKeySpec {
  /** The Secret. */
  readonly name: string;

  /** The key in its data, e.g. `'id_ed25519'`. */
  readonly key: string;
}
