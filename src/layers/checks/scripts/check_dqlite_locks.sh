#!/usr/bin/env bash
# check_dqlite_locks.sh [-w RANGE] [-c RANGE] [-t SECONDS] [--last] - does the datastore refuse requests?
#
# Counts "database is locked" and "context canceled" in the log of its unit. Single ones come whenever a client goes away.
# Reading the log needs root or the group systemd-journal; NRPE asks with --last. On k3s with SQLite the same stands in
# the log of k3s, and this file is called check_kine_locks.sh there.
#
# Environment:
#   CHECKS_DATASTORE_UNIT      the systemd unit of the datastore
#   CHECKS_DATASTORE_ERRORS    more than that many are a warning
#   CHECKS_DATASTORE_SECONDS   the window
#   CHECKS_PROC_FOLDER         another /proc, for tests
#
# Exit status: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN: it cannot tell.
# shellcheck source-path=SCRIPTDIR
# shellcheck disable=SC2034,SC2153,SC2154  # the parts share their variables
set -euo pipefail
export LC_ALL=C

main() {
  local folder=${BASH_SOURCE[0]%/*} part
  for part in plugin verdict; do
    # shellcheck source=/dev/null
    source "$folder/$part.sh" || { printf '%s UNKNOWN - %s.sh could not be read\n' "$LABEL" "$part" && exit 3; }
  done
  ABOUT='Errors in the log of the datastore.' RANGES='their number' CRITICAL=''
  read_settings
  WARNING=${CHECKS_DATASTORE_ERRORS:-}
  begin "$@"
  number DATASTORE_ERRORS
  number DATASTORE_SECONDS
  local unit=${CHECKS_DATASTORE_UNIT:-} uptime state log status=0 line at oldest=''
  local locked=0 canceled=0 lines=0
  [[ $unit =~ ^[A-Za-z0-9@:_.-]+\.service$ ]] || unknown "setting 'CHECKS_DATASTORE_UNIT': expected a service, got '$unit'"
  read_uptime || unknown 'the uptime of this host could not be read'
  # An inactive unit writes nothing, which would look like no error.
  state=$(timeout 5 systemctl is-active "$unit" 2>/dev/null) || unknown "unit $unit is not active but '${state:-}'"
  # By the monotonic time of each line: the clock may have been set in between.
  log=$(timeout -k 1 "$LIMIT" journalctl -u "$unit" -b -n "$MOST_LINES" -o short-monotonic --no-pager 2>&1) || status=$?
  ((status == 0)) || unknown "the log of $unit could not be read (status $status): ${log##*$'\n'}"
  [[ $log != *'insufficient permissions'* && $log != *'not seeing messages from other users'* ]] ||
    unknown "the log of $unit may only be read by root or the group systemd-journal"
  while IFS= read -r line; do read_line; done <<<"$log"
  judge
}

read_line() {
  [[ $line =~ ^\[\ *([0-9]{1,9})\.[0-9]+\] ]] || return 0
  at=${BASH_REMATCH[1]}
  oldest=${oldest:-$at}
  lines=$((lines + 1))
  ((uptime - at <= DATASTORE_SECONDS)) || return 0
  case $line in
    *'database is locked'*) locked=$((locked + 1)) ;;
    *'context canceled'*) canceled=$((canceled + 1)) ;;
  esac
}

judge() {
  local status
  perf locked "$locked" ''
  perf canceled "$canceled" ''
  perf errors "$((locked + canceled))" '' "$WARNING" "$CRITICAL"
  level "$((locked + canceled))"
  status=$reply
  span "$DATASTORE_SECONDS"
  found "$status" "$locked times \"database is locked\" and $canceled times \"context canceled\" in $reply"
  # The lines that were read do not reach back over the window: there may have been more.
  if ((status == 0 && lines >= MOST_LINES && uptime - oldest < DATASTORE_SECONDS)); then
    found 3 "but the log is so full that $MOST_LINES lines reach back only $((uptime - oldest)) s"
  fi
  finish
}

LABEL=DATASTORE
readonly MOST_LINES=5000

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then
  main "$@"
fi
