#!/usr/bin/env bash
# window.sh - part of selfheal-watchdog.sh: whether it is the time of day at which a planned reboot may be.
#
# The only question here that needs the wall clock; a clock that is not known to be right is not asked.
#
# Environment: that of selfheal-watchdog.sh.
# shellcheck disable=SC2154  # the parts share their variables

# Prints why a planned reboot may not be now; nothing where it may.
why_not_in_window() {
  local now
  if ! clock_is_synchronised; then
    printf 'the clock is not known to be synchronised'
    return 0
  fi
  printf -v now '%(%H%M)T' -1
  ! is_within "$now" "$CHRONIC_WINDOW" || return 0
  printf 'it is not within the maintenance window %s' "$CHRONIC_WINDOW"
}

# is_within HHMM HH:MM-HH:MM: the minute at which it closes is outside; one that closes before it opens spans midnight.
is_within() {
  local now from=${2%-*} to=${2#*-}
  now=$((10#$1)) from=$((10#${from/:/})) to=$((10#${to/:/}))
  ((from <= to ? now >= from && now < to : now >= from || now < to))
}

clock_is_synchronised() {
  [[ -e $TIMESYNC_FILE ]] || [[ $(timeout -k 1 3 timedatectl show -p NTPSynchronized --value 2>/dev/null) == yes ]]
}
