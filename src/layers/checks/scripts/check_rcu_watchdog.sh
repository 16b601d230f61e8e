#!/usr/bin/env bash
# check_rcu_watchdog.sh [-t SECONDS] [--last] - does the RCU stall watchdog of this host live, and may it still act?
#
# By the report that it writes at each tick, with the uptime of then, and by its metrics. Needs no root.
#
# Environment:
#   CHECKS_WATCHDOG_FOLDER           where its report is
#   CHECKS_WATCHDOG_SILENT_SECONDS   after how long without a tick it is taken for dead
#   CHECKS_WATCHDOG_FIRST_SECONDS    how long after a boot its first tick may take
#   CHECKS_TEXTFILE_FOLDER           where its metrics are
#   CHECKS_PROC_FOLDER               another /proc, for tests
#
# Exit status: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN: it cannot tell.
# shellcheck source-path=SCRIPTDIR
# shellcheck disable=SC2034,SC2153,SC2154  # the parts share their variables
set -euo pipefail
export LC_ALL=C

main() {
  local folder=${BASH_SOURCE[0]%/*} part
  for part in plugin verdict watchdog-report; do
    # shellcheck source=/dev/null
    source "$folder/$part.sh" || { printf '%s UNKNOWN - %s.sh could not be read\n' "$LABEL" "$part" && exit 3; }
  done
  ABOUT='The RCU stall watchdog of this host.' RANGES='the age of its last tick in seconds' CRITICAL=''
  read_settings
  WARNING=${CHECKS_WATCHDOG_SILENT_SECONDS:-}
  begin "$@"
  number WATCHDOG_SILENT_SECONDS
  number WATCHDOG_FIRST_SECONDS
  local uptime report=${CHECKS_WATCHDOG_FOLDER:-/run/selfheal/watchdog}/report tick='' up='' line=''
  read_uptime || unknown 'the uptime of this host could not be read'
  if [[ ! -e $report ]]; then
    ((uptime > WATCHDOG_FIRST_SECONDS + WATCHDOG_SILENT_SECONDS)) ||
      unknown "no report in '$report' yet: the host is up for $uptime s only"
    found 1 'the watchdog has left no report since the boot: it does not run'
    finish
  fi
  read_life "${report%/*}" || unknown "'$report': expected a report, got something else"
  judge_life
  judge_power
  finish
}

judge_life() {
  perf tick_age "$((uptime - tick))" s "$WARNING" "$CRITICAL"
  level "$((uptime - tick))"
  if ((reply > 0)); then
    found "$reply" "the watchdog's last sign of life is $((uptime - tick)) s old"
  elif [[ $up == 0 ]]; then
    found 1 'the watchdog runs, but cannot read the kernel log'
  else
    found 0 "the watchdog looked $((uptime - tick)) s ago"
  fi
}

judge_power() {
  local folder=${CHECKS_TEXTFILE_FOLDER:-/var/lib/node-exporter/textfile} budget held
  if ! read_power "$folder"; then
    found 3 "'$folder/selfheal_watchdog.prom': expected its budget and whether it is held, found neither"
    return
  fi
  perf budget "$budget" ''
  if ((budget == 0)); then
    found 2 'it has used up its reboots and only reports now'
  else
    found 0 "$budget reboots left"
  fi
  [[ $held == 0 ]] || found 2 'it would reboot this host and is held back'
}

LABEL=RCU_WATCHDOG

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then
  main "$@"
fi
