/** What the checks judge by. A number that an alert or a host's own check has too is the same there; a test holds them equal. */
import { hours, minutes } from '../../cluster/duration.js';

/** How long a pod may wait until a scheduler has looked at it, or a kubelet has begun it. */
export const UNTOUCHED = minutes(5);

/** The same while a volume is made for it on a node that was chosen: a scheduler waits ten minutes by default, and is silent. */
export const UNTOUCHED_WITH_CLAIM = minutes(15);

/** A kubelet that sees a pod sets its start time within a second; a node under load takes more. */
export const BEGINS_WITHIN = minutes(1);

/** The kubelet takes a moment longer than the grace of a pod; a node under load takes more of them. */
export const HANGS = minutes(1);

/** Helper pods of the provisioners live for seconds. */
export const LEFT_OVER = minutes(10);

/** A kubelet writes the same event at most once in five minutes; MicroK8s keeps events no longer than that. */
export const EVENTS_WITHIN = minutes(15);

/** One restore drill a week: two were missed. */
export const DRILL_STALE = hours(15 * 24);

/** Longhorn copies each volume once a day, and may take its time. */
export const LONGHORN_BACKUP_STALE = hours(26);

/** A lease that ran out is taken over by another candidate within so long. */
export const TAKE_OVER_SECONDS = 10;

/** A time stamp further ahead of the API server than this is of a clock that is wrong. */
export const SKEW_SECONDS = 60;

/** More lines than that within ten minutes; single ones come whenever a client goes away. */
export const DATASTORE_ERROR_LINES = 10;

/** Where the kubelet by default begins to evict pods. */
export const DISK_FREE_PERCENT = 15;

/** Time for a person to notice, to plan and to do it. */
export const CERTIFICATE_DAYS = 14;

/** A watchdog is silent after so many missed ticks, or looks of its timer form. */
export const WATCHDOG = { missed: 5, tickSeconds: 60 };

/** A node renews its lease each 10 s, and is no longer Ready 50 s after the last time at the latest. */
export const RENEWED_WITHIN_SECONDS = 50;
