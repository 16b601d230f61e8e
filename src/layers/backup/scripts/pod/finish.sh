#!/bin/sh
# finish.sh - part of backup.sh, mirror.sh, drill.sh and restore.sh: deadlines, and the one place where a run ends.
#
# Sourced first. The program sets SCRIPT (its name in messages), calls `start SECONDS` and defines `at_end`, which is
# called once, however the run ends: by `finish`, by a signal, by a command that failed at an unexpected place. There it
# puts back what it changed. It may read RESULT (the status that the run ends with) and MESSAGE, and may change both.
#
# Environment:
#   LOCAL_PATH_BACKUP_TERMINATION_LOG   the last message goes there as well, where it is a file that can be written
#                                       (default /dev/termination-log: Kubernetes shows it in the pod's status)

SCRIPT=local-path-backup
CHILD=''
RESULT=0
MESSAGE=''
STARTED=0
DEADLINE=0

at_end() { :; }

# start SECONDS: from here everything together may take so long; signals end the run in order.
start() {
  STARTED=$(uptime_seconds)
  DEADLINE=$((STARTED + $1))
  # A signal may come in a call whose output goes to a file: what it says must not go there.
  exec 8>&1 9>&2
  trap 'stopped TERM' TERM
  trap 'stopped INT' INT
  trap 'stopped HUP' HUP
  # shellcheck disable=SC2154 # assigned in the trap itself
  trap 'ended=$?; finish 4 "failed: ended at an unexpected place (status $ended)"' EXIT
}

# Not the clock: it may be set while a backup runs.
uptime_seconds() {
  IFS='. ' read -r seconds _ </proc/uptime
  printf '%s' "$seconds"
}

seconds_spent() { printf '%s' "$(($(uptime_seconds) - STARTED))"; }

# seconds_left [AT-MOST]: at least 1, so that a step that starts too late is stopped at once and says so.
seconds_left() {
  left=$((DEADLINE - $(uptime_seconds)))
  [ -z "${1-}" ] || [ "$left" -le "$1" ] || left=$1
  [ "$left" -ge 1 ] || left=1
  printf '%s' "$left"
}

# bounded SECONDS COMMAND ARGS...: asked to stop after so long, killed 10 s later. A shell answers a signal only
# between two commands, or while it waits for one in the background: so it is one, with the standard input of the call.
bounded() {
  bound=$1
  shift
  {
    timeout -k 10 "$bound" "$@" <&3 3<&- 8>&- 9>&- &
    CHILD=$!
  } 3<&0
  outcome=0
  wait "$CHILD" || outcome=$?
  # A signal that is taken but does not end the run lets `wait` return early.
  while kill -0 "$CHILD" 2>/dev/null; do
    outcome=0
    wait "$CHILD" || outcome=$?
  done
  CHILD=''
  return "$outcome"
}

# Whether a status of `bounded` means that it was stopped. rsync says 20 when it is asked to, busybox has no 124.
was_stopped() {
  case $1 in
    20 | 124 | 137 | 143) return 0 ;;
    *) return 1 ;;
  esac
}

stopped() {
  # It may have ended by itself in the meantime.
  [ -z "$CHILD" ] || kill "$CHILD" 2>/dev/null || :
  finish 4 "failed: stopped by SIG$1 after $(seconds_spent) s"
}

say() { printf '%s: %s\n' "$SCRIPT" "$1"; }
tell() { say "$1" >&2; }

# finish STATUS MESSAGE
finish() {
  # From here on a further signal must neither end it nor be handed down: the programs below still have to be stoppable.
  trap - EXIT
  trap : TERM INT HUP
  [ "$DEADLINE" -eq 0 ] || exec >&8 2>&9
  RESULT=$1
  MESSAGE=$2
  # Whatever goes wrong in there, the result is still told.
  at_end || :
  if [ "$RESULT" -eq 0 ]; then say "$MESSAGE"; else tell "$MESSAGE"; fi
  log=${LOCAL_PATH_BACKUP_TERMINATION_LOG:-/dev/termination-log}
  if [ -f "$log" ] && [ -w "$log" ]; then printf '%s\n' "$MESSAGE" >"$log"; fi
  exit "$RESULT"
}
