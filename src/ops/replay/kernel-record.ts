/** A line of a recorded kernel log, whatever the file's format was. */

export interface KernelRecord {
  readonly kind: 'record';
  readonly text: string;
  /** Seconds since boot, by the kernel's own stamp. */
  readonly uptime?: number | undefined;
  /** Wall clock in milliseconds, as if the clock that wrote it were UTC's. */
  readonly wall?: number | undefined;
  /** Syslog priority: facility times eight and severity. */
  readonly priority?: number | undefined;
  /** Only where the file has the kernel's own sequence numbers. */
  readonly sequence?: number | undefined;
  readonly boot?: string | undefined;
}

/** What a line of a file turned out to be. */
export type Line =
  | KernelRecord
  /** The next record belongs to another boot. */
  | { readonly kind: 'boot'; readonly id?: string | undefined }
  /** Of another program, or about the log itself; journald says when it missed records of the kernel. */
  | { readonly kind: 'foreign'; readonly missed?: number }
  /** No format that is known; a piece of the record before, or a log without stamps. */
  | { readonly kind: 'bare'; readonly text: string };
