/** What the checks judge by. Each number that an alert has too is the same there; a test holds them equal. */
import { hours, minutes } from '../../cluster/duration.js';

/** ControlPlaneLeaseNotRenewed. */
export const UNRENEWED = minutes(5);

/** PodSandboxStorm. */
export const SANDBOX_STORM = { errors: 5, within: minutes(5) };

/** CalicoNodeRestartingAfterReboot. */
export const CALICO_RESTARTS = { more: 2, within: minutes(30), afterReboot: hours(1) };

/** DatastoreRequestErrors has the window; it counts shares, and a log only lines: one a minute is a client that leaves. */
export const DATASTORE_ERRORS = { lines: 10, within: minutes(10) };

/** RcuWatchdogSilent: so many missed ticks, or looks of the timer form. */
export const WATCHDOG = { missed: 5, tickSeconds: 60 };

/** JivaVolumeWithoutQuorum. */
export const quorumOf = (replicas: number): number => Math.floor(replicas / 2) + 1;
