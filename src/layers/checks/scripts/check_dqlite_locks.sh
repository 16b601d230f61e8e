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
  for part in plugin verdict unit-log; do
    # shellcheck source=/dev/null
    source "$folder/$part.sh" || { printf '%s UNKNOWN - %s.sh could not be read\n' "$LABEL" "$part" && exit 3; }
  done
  ABOUT='Errors in the log of the datastore.' RANGES='their number' CRITICAL=''
  read_settings
  WARNING=${CHECKS_DATASTORE_ERRORS:-}
  begin "$@"
  number DATASTORE_ERRORS
  number DATASTORE_SECONDS
  local unit=${CHECKS_DATASTORE_UNIT:-} uptime log why cut locked canceled RECENT
  [[ $unit =~ ^[A-Za-z0-9@:_.-]+\.service$ ]] || unknown "setting 'CHECKS_DATASTORE_UNIT': expected a service, got '$unit'"
  read_uptime || unknown 'the uptime of this host could not be read'
  read_unit_log "$unit" "$LIMIT" || unknown "$why"
  recent "$DATASTORE_SECONDS"
  count_errors
  judge
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
  [[ $status -gt 0 || -z $cut ]] || found 3 "but the log is so full that $cut"
  finish
}

LABEL=DATASTORE

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then
  main "$@"
fi
