#!/usr/bin/env bash
# selfheal-watchdog.sh run|check|status - reboot a node whose kernel piles up RCU stalls, before its network goes dark.
#
#   run      the service: reads the kernel log as it comes, acts at once
#   check    one pass over the kernel log, for a timer
#   status   what it saw, what it would do, and why not
#
# Every decision is the detector's (main.awk, with its grammar); here is every effect. On a host this file is
# /usr/local/bin/selfheal-watchdog, without .sh.
#
# Environment:
#   RCU_WATCHDOG_BURST_STALLS              burst: grace periods that cross the threshold           (default 10)
#   RCU_WATCHDOG_BURST_SECONDS             burst: the window                                       (default 120)
#   RCU_WATCHDOG_SUSTAINED_STALLS          sustained: grace periods that cross the threshold       (default 10)
#   RCU_WATCHDOG_SUSTAINED_SECONDS         sustained: the window                                   (default 900)
#   RCU_WATCHDOG_STUCK_SECONDS             stuck: one grace period reported for that long; 0 off   (default 180)
#   RCU_WATCHDOG_CHRONIC_STALLS            chronic: grace periods that cross the threshold; 0 off  (default 100)
#   RCU_WATCHDOG_CHRONIC_SECONDS           chronic: the window                                     (default 21600)
#   RCU_WATCHDOG_CHRONIC_ACTION            chronic: alert, or window: reboot in CHRONIC_WINDOW     (default alert)
#   RCU_WATCHDOG_CHRONIC_WINDOW            HH:MM-HH:MM, the node's local time                      (default: none)
#   RCU_WATCHDOG_BLACK_HOLE_SECONDS        black-hole: dark for that long; 0 off                   (default 300)
#   RCU_WATCHDOG_GRACE_SECONDS             uptime up to which nothing counts                       (default 1200)
#   RCU_WATCHDOG_MAX_REBOOTS               reboots in a row before it only reports                 (default 3)
#   RCU_WATCHDOG_HEALTHY_SECONDS           uptime without a crossing that restores the budget      (default 21600)
#   RCU_WATCHDOG_REBOOT_DEADLINE_SECONDS   after an orderly reboot was asked for, until forced     (default 180)
#   RCU_WATCHDOG_FORCED_DEADLINE_SECONDS   after a forced reboot was asked for, until sysrq        (default 60)
#   RCU_WATCHDOG_PEER_PORT                 where the other watchdogs answer                        (default 9847)
#   RCU_WATCHDOG_API_PORT                  where the API servers answer                            (default 6443)
#   RCU_WATCHDOG_PEERS_FILE                the other nodes      (default /etc/selfheal/rcu-watchdog-peers)
#   RCU_WATCHDOG_STATE_FOLDER              ledger and evidence  (default /var/lib/selfheal/rcu-watchdog)
#   RCU_WATCHDOG_TEXTFILE_FOLDER           metrics              (default /var/lib/node-exporter/textfile)
#   RCU_WATCHDOG_PROC_FOLDER               another /proc, for tests                                (default /proc)
# What is not set comes from /etc/selfheal/rcu-watchdog.env, if that is there.
# For tests also RCU_WATCHDOG_ and: SETTINGS_FILE, RUN_FOLDER (/run/selfheal/watchdog), LIB_FOLDER (/usr/local/lib/selfheal/watchdog),
# SYS_FOLDER (/sys), BOOT_FOLDER (/boot), KMSG (/dev/kmsg), TIMESYNC_FILE, TICK_SECONDS (20), COUNT (periods).
#
# Exit status: 0 left alone (status: healthy), 1 bad settings or usage, 2 cannot tell (status: it does not run or cannot
# see), 3 asked for a reboot (status: held back, or a reboot is under way).
# shellcheck source-path=SCRIPTDIR
set -Eeuo pipefail
export LC_ALL=C
umask 022

usage() {
  printf "selfheal-watchdog: expected run, check or status, got '%s'\n" "$*" >&2
  exit 1
}

# Everything a program may hang on is named by the settings, and these are checked first.
load() {
  LIB_FOLDER=${RCU_WATCHDOG_LIB_FOLDER:-/usr/local/lib/selfheal/watchdog}
  if [[ $LIB_FOLDER != /?* || ! -r $LIB_FOLDER/settings.sh ]]; then
    printf "selfheal-watchdog: library folder '%s': expected settings.sh and the other parts, found none\n" "$LIB_FOLDER" >&2
    exit 2
  fi
  # shellcheck source=settings.sh
  source "$LIB_FOLDER/settings.sh"
  # shellcheck source=bounds.sh
  source "$LIB_FOLDER/bounds.sh"
  # shellcheck source=calibration.sh
  source "$LIB_FOLDER/calibration.sh"
  # shellcheck source=ledger.sh
  source "$LIB_FOLDER/ledger.sh"
  # shellcheck source=memory.sh
  source "$LIB_FOLDER/memory.sh"
  # shellcheck source=evidence.sh
  source "$LIB_FOLDER/evidence.sh"
  # shellcheck source=window.sh
  source "$LIB_FOLDER/window.sh"
  # shellcheck source=act.sh
  source "$LIB_FOLDER/act.sh"
  # shellcheck source=metrics.sh
  source "$LIB_FOLDER/metrics.sh"
  # shellcheck source=reader.sh
  source "$LIB_FOLDER/reader.sh"
  # shellcheck source=report.sh
  source "$LIB_FOLDER/report.sh"
  # shellcheck source=loop.sh
  source "$LIB_FOLDER/loop.sh"
  # shellcheck source=check.sh
  source "$LIB_FOLDER/check.sh"
  # shellcheck source=ask.sh
  source "$LIB_FOLDER/ask.sh"
  # shellcheck source=peers.sh
  source "$LIB_FOLDER/peers.sh"
  # shellcheck source=reach.sh
  source "$LIB_FOLDER/reach.sh"
}

# What `run` and `check` have in common.
begin() {
  LOOK_CHILD='' POST_CHILD='' METRICS_CHILD='' EVIDENCE_CHILD='' EVIDENCE_STARTED=-6000 HELD='' DECISION='' OUTBOX='' LEDGER_WARNED=''
  READER_PID='' DETECTOR_PID='' UP=0
  mkdir -p "$RUN_FOLDER"
  take_lock || fail "'$RUN_FOLDER/lock': expected to be alone, found another one at work (or no place for a lock)"
  if ! read_uptime || ! read_boot_id; then fail "uptime or boot id in '$PROC' could not be read"; fi
  forget_state
  read_state
  read_stage
  read_ledger
  # Sets who this node is among them.
  read_peers || log warning "$PEERS_WRONG"
  calibrate
}

fail() {
  write_log err "cannot tell, leaving the node alone: $1"
  exit 2
}

main() {
  [[ $# -eq 1 && $1 =~ ^(run|check|status)$ ]] || usage "$@"
  load
  if ! read_settings; then
    printf 'selfheal-watchdog: %s\n' "${WRONG[@]}" >&2
    [[ $1 == status ]] || write_log err "${WRONG[*]}"
    exit 1
  fi
  "$1"
}

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then
  main "$@"
fi
