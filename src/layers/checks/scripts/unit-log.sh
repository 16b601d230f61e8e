#!/usr/bin/env bash
# unit-log.sh - part of check_dqlite_locks.sh and host-report.sh: what a unit wrote in the last minutes of this boot.
#
# Environment: that of the program that sources it.
# shellcheck disable=SC2034,SC2154  # the parts share their variables

readonly MOST_LINES=5000

# read_unit_log UNIT LIMIT: sets "log"; where it fails, "why". LIMIT is in seconds.
read_unit_log() {
  local state status=0
  # An inactive unit writes nothing, which would look like no error.
  state=$(timeout 5 systemctl is-active "$1" 2>/dev/null) || {
    why="unit $1 is not active but '${state:-}'"
    return 1
  }
  # By the monotonic time of each line: the clock may have been set in between.
  log=$(timeout -k 1 "$2" journalctl -u "$1" -b -n "$MOST_LINES" -o short-monotonic --no-pager 2>&1) || status=$?
  if ((status != 0)); then
    why="the log of $1 could not be read (status $status): ${log##*$'\n'}"
  elif [[ $log == *'insufficient permissions'* || $log == *'not seeing messages from other users'* ]]; then
    why="the log of $1 may only be read by root or the group systemd-journal"
  else
    return 0
  fi
  return 1
}

# recent WINDOW: of "log", up to "uptime", sets RECENT to the lines of the window, and "cut" where those that were read do
# not reach back over it: there may have been more.
recent() {
  local line at lines=0 oldest=''
  RECENT=() cut=''
  while IFS= read -r line; do
    [[ $line =~ ^\[\ *([0-9]{1,9})\.[0-9]+\] ]] || continue
    at=${BASH_REMATCH[1]}
    oldest=${oldest:-$at}
    lines=$((lines + 1))
    ((uptime - at > $1)) || RECENT+=("$line")
  done <<<"$log"
  if ((lines >= MOST_LINES && uptime - oldest < $1)); then cut="$MOST_LINES lines reach back only $((uptime - oldest)) s"; fi
}

# Sets "locked" and "canceled" to the lines that say so.
count_errors() {
  local line
  locked=0 canceled=0
  for line in ${RECENT[@]+"${RECENT[@]}"}; do
    case $line in
      *'database is locked'*) locked=$((locked + 1)) ;;
      *'context canceled'*) canceled=$((canceled + 1)) ;;
    esac
  done
}
