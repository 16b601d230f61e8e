/** The nightly copy of local-path volumes. */
import type { DurationText, TimeOfDay } from './values.js';

export interface BackupSpec<Node extends string> {
  /** The CronJob's name. @default 'local-path-backup' */
  readonly name?: string;

  /** @default 'kube-system' */
  readonly namespace?: string;

  /** The node whose local-path volumes are copied, and on which the copy runs. */
  readonly from: NoInfer<Node>;

  /** The machine that receives the copy. */
  readonly to: BackupDestinationSpec;

  /** When it starts each day, in the time zone of `from`. */
  readonly at: TimeOfDay;

  /**
   * rsync's `--bwlimit`. Required: without a limit, rsync over gigabit froze the node in two seconds.
   */
  readonly bandwidthLimitKibPerSecond: number;

  /** The Secret that holds the SSH private key, in the CronJob's namespace. */
  readonly keySecret: SecretKeySpec;

  /**
   * How long one run may take.
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

  /** The folder that receives the local-path volumes. What is deleted on the node stays in it. */
  readonly path: string;

  /** @default 22 */
  readonly port?: number;

  /** The machine's public host key, its type and its text, without name and comment: `'ssh-ed25519 AAAA…'`. */
  readonly hostKey: `${'ssh-ed25519' | 'ssh-rsa' | 'ecdsa-sha2-nistp256'} ${string}`;
}

export interface SecretKeySpec {
  /** The Secret. */
  readonly name: string;

  /** The key in its data, e.g. `'id_ed25519'`. */
  readonly key: string;
}
