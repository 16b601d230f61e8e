#!/usr/bin/env bash
# bounds.sh - part of selfheal-watchdog.sh: nothing that may hang is waited for longer than it is worth.
#
# A disk that hangs stops whoever touches it, `timeout` and `sleep` included, since they are files on it. So it is
# touched by children only, and the main process waits by builtins.
#
# Environment: that of selfheal-watchdog.sh.
# shellcheck disable=SC2034,SC2154  # the parts share their variables

# What only the main process may hold: the detector's output (7), the records (8) and the lock (9).
let_go() { exec 7<&- 8>&- 9>&-; }

# bounded SECONDS COMMAND…: its output goes to "answer"; 124 if it took longer. Then it is killed and left behind: what
# waits for a disk does not die before the disk answers.
bounded() {
  local seconds=$1 pid late=0
  shift
  exec 6< <(
    let_go
    "$@"
  )
  pid=$!
  answer=''
  # 1 is the end of the output, which is what was waited for.
  IFS='' read -r -d '' -t "$seconds" -u 6 answer || (($? == 1)) || late=1
  exec 6<&-
  answer=${answer%$'\n'}
  if ((late)); then
    # It may have ended in the meantime.
    kill -KILL "$pid" 2>/dev/null || true
    return 124
  fi
  wait "$pid"
}

# detached COMMAND…: nobody waits for it.
detached() {
  (
    let_go
    "$@"
  ) </dev/null >/dev/null &
}

# hear_out SECONDS: waits until what is detached has ended, no longer.
hear_out() {
  local deadline
  deadline=$((SECONDS + $1))
  while [[ -n $(jobs -rp) ]] && ((SECONDS < deadline)); do pause 0.05; done
}

# One line for each decision.
log() { detached write_log "$1" "$2"; }
write_log() {
  timeout -k 2 5 logger -t rcu-stall-watchdog -p "daemon.$1" -- "$2" || printf 'selfheal-watchdog: %s\n' "$2" >&2
}

# Seconds of a builtin's time, less if a signal arrives.
pause() {
  local never
  exec {never}<> <(:)
  # Time is up: that is what was wanted.
  read -r -t "$1" -u "$never" || true
  exec {never}>&-
}

# Sets NOW (seconds since boot with two decimals), UPTIME (whole seconds) and CENTISECONDS.
read_uptime() {
  read -r NOW _ <"$PROC/uptime" || return 1
  [[ $NOW =~ ^[0-9]+\.[0-9][0-9]$ ]] || return 1
  UPTIME=${NOW%.*} CENTISECONDS=$((10#${NOW/./}))
} 2>/dev/null

read_boot_id() {
  read -r BOOT_ID <"$PROC/sys/kernel/random/boot_id" || return 1
  [[ $BOOT_ID =~ ^[-0-9a-f]{36}$ ]]
} 2>/dev/null

# Two of them would spend the budget twice. The lock ends with the main process, because no child holds it.
take_lock() {
  exec 9>>"$RUN_FOLDER/lock" && timeout 5 flock -n 9
} 2>/dev/null
