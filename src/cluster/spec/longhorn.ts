/** Longhorn: snapshots, backups, sidecars. */
import type { DurationText, TimeOfDay } from './values.js';

export interface LonghornSpec {
  /** The installed version, e.g. `'1.11.3'`: metrics and fields differ between versions. */
  readonly version: string;

  /** @default 'longhorn-system' */
  readonly namespace?: string;

  /**
   * Spread each of the four CSI sidecar Deployments over the nodes.
   *
   * @default - the sidecars land where the scheduler puts them, possibly all on one node
   */
  readonly csiSpread?: CsiSpreadSpec;

  /**
   * A local snapshot of every volume each day.
   *
   * @default - no recurring snapshot
   */
  readonly dailySnapshot?: RecurringJobSpec;

  /**
   * Whether the recurring jobs reach volumes that no pod uses at that hour. `include`: Longhorn attaches each of them,
   * copies it and detaches it again; a pod that starts meanwhile waits. A volume that stays detached gets a copy each day
   * all the same, so older states of it are pruned as usual. `leave-out`: nobody copies it until it is attached at the
   * right hour, and no alert says so.
   *
   * Longhorn's own default leaves them out: what was written after the last run and then detached is in no copy.
   *
   * @default 'include'
   */
  readonly detachedVolumes?: 'include' | 'leave-out';

  /**
   * Volumes that no recurring job is meant to reach: claims as `namespace/claim`, others by the volume's name.
   *
   * The alerts leave them out. What keeps Longhorn away from them is a label that this cannot set:
   * docs/layers/longhorn.md, "Volumes that are left out".
   *
   * @default [] - every volume is expected to be copied
   */
  readonly excludeVolumes?: readonly string[];

  /** Where Longhorn sends backups. There is no default: an empty target is a decision, not an accident. */
  readonly backupTarget: NoBackupTargetSpec | S3BackupTargetSpec | KernelNfsBackupTargetSpec;
}

export interface CsiSpreadSpec {
  /** Replicas of each sidecar, as Longhorn was told by `csi.*ReplicaCount`. Read only: changing it here patches nothing. */
  readonly replicas: number;
}

export interface RecurringJobSpec {
  /** Longhorn's CronJobs carry no time zone: the time is meant in the zone of the (first) control-plane node. */
  readonly at: TimeOfDay;

  /** How many snapshots or backups are kept for each volume: 1 to 100. */
  readonly retain: number;

  /** @default 'daily-snapshot' or 'daily-backup' */
  readonly name?: string;
}

export interface NoBackupTargetSpec {
  readonly kind: 'none';
}

export interface S3BackupTargetSpec {
  readonly kind: 's3';
  /** The bucket's name, without `s3://`. */
  readonly bucket: string;

  /** As the store calls it; MinIO takes `'us-east-1'`. */
  readonly region: string;

  /** @default - the bucket's root */
  readonly path?: string;

  /** The Secret in Longhorn's namespace with `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and, for MinIO, `AWS_ENDPOINTS`. */
  readonly credentialSecret: string;

  /** @default '5min' */
  readonly pollInterval?: DurationText;

  /** The backup of every volume to the target. */
  readonly backup: RecurringJobSpec;
}

/**
 * A kernel NFS mount. It froze a control plane five times in nine days; there is no reason to ask for it that
 * `s3` or `backup` does not serve better. Mounted soft and with bounds, and warned about at each synth.
 */
export interface KernelNfsBackupTargetSpec {
  readonly kind: 'kernel-nfs';
  /** The NFS server's name or address. */
  readonly server: string;

  /** The exported folder. */
  readonly path: string;
}
