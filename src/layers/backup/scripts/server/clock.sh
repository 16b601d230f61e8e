#!/bin/sh
# clock.sh - part of selfheal-backup-server.sh: the time of day, for names and ages.
#
# Environment: that of selfheal-backup-server.sh.

# Sets now_name (2026-11-21T02-30-04Z) and now (seconds).
read_clock() {
  now=$(date -u +'%Y-%m-%dT%H-%M-%SZ %s') || stop 2 "clock: expected the time from date, got nothing"
  now_name=${now% *} now=${now#* }
  if ! is_snapshot_name "$now_name" || ! is_number "$now"; then
    stop 2 "clock: expected a time of day from date, got \"$now_name $now\""
  fi
}
