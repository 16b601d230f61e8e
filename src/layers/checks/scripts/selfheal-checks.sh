#!/usr/bin/env bash
# selfheal-checks.sh - run the checks that look at this host, as root, and leave what they say for NRPE and Prometheus.
#
# One check that hangs or dies does not keep the others from being told; its verdict is UNKNOWN. For Prometheus
# selfheal_checks.prom: selfheal_check_status{check="..."} is 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN.
#
# Environment:
#   CHECKS_HOST_SIDE         the checks, their names without .sh, with one blank between them
#   CHECKS_LIBRARY           the folder that they are in     (default /usr/local/lib/selfheal/checks)
#   CHECKS_RUN_FOLDER        where each verdict goes         (default /run/selfheal/checks)
#   CHECKS_TEXTFILE_FOLDER   where the metrics go            (default /var/lib/node-exporter/textfile)
#   CHECKS_TIMEOUT_SECONDS   for each check                  (default 30)
#   CHECKS_PROC_FOLDER       another /proc, for tests        (default /proc)
#
# Exit status: 0 all checks were run, whatever they say; 1 bad settings; 2 cannot tell: a verdict could not be written.
set -euo pipefail
export LC_ALL=C
umask 022

main() {
  LIBRARY=${CHECKS_LIBRARY:-/usr/local/lib/selfheal/checks} RUN=${CHECKS_RUN_FOLDER:-/run/selfheal/checks}
  TEXTFILES=${CHECKS_TEXTFILE_FOLDER:-/var/lib/node-exporter/textfile} METRICS=''
  : "${CHECKS_TIMEOUT_SECONDS:=30}"
  [[ ${CHECKS_HOST_SIDE:-} =~ ^check_[a-z0-9_]+( check_[a-z0-9_]+)*$ ]] ||
    fail 1 "setting 'CHECKS_HOST_SIDE': expected names of checks, got '${CHECKS_HOST_SIDE:-}'"
  [[ $CHECKS_TIMEOUT_SECONDS =~ ^[1-9][0-9]{0,2}$ ]] ||
    fail 1 "setting 'CHECKS_TIMEOUT_SECONDS': expected seconds, got '$CHECKS_TIMEOUT_SECONDS'"
  mkdir -p "$RUN" "$TEXTFILES" || fail 2 "folders '$RUN' and '$TEXTFILES': expected to make them, could not"
  local check
  for check in $CHECKS_HOST_SIDE; do run_check; done
  local now
  # For whoever reads it; nothing is decided by it.
  now=$(date +%s)
  METRICS+=$'# HELP selfheal_check_last_run_timestamp_seconds When the checks of this host were last run.\n'
  METRICS+=$'# TYPE selfheal_check_last_run_timestamp_seconds gauge\n'
  METRICS+="selfheal_check_last_run_timestamp_seconds $now"$'\n'
  put "$TEXTFILES/selfheal_checks.prom" "$METRICS"
}

run_check() {
  local line='' status=0 uptime
  line=$(timeout -k 2 $((CHECKS_TIMEOUT_SECONDS + 5)) "$LIBRARY/$check.sh" 2>/dev/null) || status=$?
  line=${line%%$'\n'*}
  if ((status > 3)) || [[ ! $line =~ ^[A-Z0-9_]+\ (OK|WARNING|CRITICAL|UNKNOWN)\  ]]; then
    line="${check#check_} UNKNOWN - the check gave no verdict (status $status)" status=3
  fi
  read -r uptime _ <"${CHECKS_PROC_FOLDER:-/proc}/uptime"
  put "$RUN/$check" "${uptime%%.*} $status"$'\n'"${line:0:1000}"$'\n'
  if [[ -z $METRICS ]]; then
    METRICS=$'# HELP selfheal_check_status What a check of this host says: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN.\n'
    METRICS+=$'# TYPE selfheal_check_status gauge\n'
  fi
  METRICS+="selfheal_check_status{check=\"${check#check_}\"} $status"$'\n'
}

# put FILE TEXT: whoever reads it sees the old one or the new one. node_exporter reads *.prom alone.
put() {
  { printf '%s' "$2" >"$1.new" && mv -f "$1.new" "$1"; } || fail 2 "'$1': expected to write it, could not"
}

fail() {
  printf 'selfheal-checks: %s\n' "$2" >&2
  exit "$1"
}

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then
  main "$@"
fi
