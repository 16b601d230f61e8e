#!/bin/sh
# report.sh - print how the host is, as it says itself, as one line of this pod's log: `report {…}`.
#
# Usage: report.sh WAY...     the way into the host; what is to run there follows it
#
# `selfheal check` reads the newest of these lines. Nothing is written anywhere else.
#
# Environment:
#   WATCH_HOST_PAYLOAD       where the host has its programs      (default /var/lib/selfheal/bootstrap/payload)
#   REPORT_TIMEOUT           seconds that it may take             (default 60)
#   KUBERNETES_SERVICE_HOST  the ClusterIP of `kubernetes`, and
#   KUBERNETES_SERVICE_PORT  its port, as the kubelet tells every pod
#
# Exit status: 0 printed, 1 bad settings, 2 cannot tell: the host gave no report.
set -eu

# The runtime cuts lines at 16 KiB; a report is below one.
LONGEST=8192

refuse() {
  printf 'report: %s\n' "$2" >&2
  exit "$1"
}

main() {
  : "${WATCH_HOST_PAYLOAD:=/var/lib/selfheal/bootstrap/payload}" "${REPORT_TIMEOUT:=60}"
  : "${KUBERNETES_SERVICE_HOST:=}" "${KUBERNETES_SERVICE_PORT:=443}"
  [ "$#" -gt 0 ] || refuse 1 'arguments: expected the way into the host, got none'
  case $REPORT_TIMEOUT in
    '' | 0* | *[!0-9]* | ?????*) refuse 1 "REPORT_TIMEOUT: expected seconds, got \"$REPORT_TIMEOUT\"" ;;
  esac
  # The outer bound is above the host's own, which alone reaches what was started there.
  report=$(timeout "$((REPORT_TIMEOUT + 10))" "$@" timeout --kill-after=5 "$REPORT_TIMEOUT" \
    env REPORT_CLUSTER_IP="$KUBERNETES_SERVICE_HOST" REPORT_CLUSTER_PORT="$KUBERNETES_SERVICE_PORT" \
    bash "$WATCH_HOST_PAYLOAD/host-report.sh") || refuse 2 "the host gave none (status $?)"
  case $report in
    *'
'*) refuse 2 'expected one line, got several' ;;
    '{"report":'*'}') ;;
    *) refuse 2 "expected a report, got \"$report\"" ;;
  esac
  [ "${#report}" -le "$LONGEST" ] || refuse 2 "expected at most $LONGEST characters, got ${#report}"
  printf 'report %s\n' "$report"
}

main "$@"
