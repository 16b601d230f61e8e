#!/usr/bin/env bash
# rcu-stall-reboot.sh REASON [evidence-only] - keep evidence of what the kernel is doing, then reboot, whatever it takes.
#
# Called by rcu-stall-watchdog.sh, which has decided and keeps the budget. Orderly first, then forced, then by sysrq;
# each step has its own deadline, and none needs the one before it to have come to an end.
#
# Environment (a bad value counts as none, because nothing may keep this program from its work):
#   RCU_WATCHDOG_REBOOT_DEADLINE_SECONDS   after an orderly reboot was asked for, until forced     (default 180)
#   RCU_WATCHDOG_FORCED_DEADLINE_SECONDS   after a forced reboot was asked for, until sysrq        (default 60)
#   RCU_WATCHDOG_STATE_FOLDER              evidence goes below  (default /var/lib/selfheal/rcu-watchdog)
#   RCU_WATCHDOG_PROC_FOLDER               another /proc, for tests                                (default /proc)
#
# Exit status: 0 evidence kept (evidence-only), 3 asked for a reboot in every way there is.
set -euo pipefail
export LC_ALL=C

readonly KEPT_REPORTS=5 MAX_REPORT_BYTES=262144

log() {
  timeout -k 2 5 logger -t rcu-stall-watchdog -p "daemon.$1" -- "$2" || printf 'rcu-stall-reboot: %s\n' "$2" >&2
}

read_settings() {
  REBOOT_DEADLINE_SECONDS=${RCU_WATCHDOG_REBOOT_DEADLINE_SECONDS:-180}
  FORCED_DEADLINE_SECONDS=${RCU_WATCHDOG_FORCED_DEADLINE_SECONDS:-60}
  STATE_FOLDER=${RCU_WATCHDOG_STATE_FOLDER:-/var/lib/selfheal/rcu-watchdog}
  PROC=${RCU_WATCHDOG_PROC_FOLDER:-/proc}
  [[ $REBOOT_DEADLINE_SECONDS =~ ^(0|[1-9][0-9]{0,4})$ ]] || REBOOT_DEADLINE_SECONDS=180
  [[ $FORCED_DEADLINE_SECONDS =~ ^(0|[1-9][0-9]{0,4})$ ]] || FORCED_DEADLINE_SECONDS=60
}

# A file of /proc may be missing or refuse to be read; the report goes on without it.
show() {
  local file
  for file; do
    printf '\n== %s\n' "$file"
    timeout -k 1 5 cat -- "$file" 2>&1 || printf '(not readable)\n'
  done
}

# Tasks in uninterruptible sleep: what waits, and for what.
blocked_tasks() {
  local folder stat
  printf '\n== blocked tasks\n'
  for folder in "$PROC"/[0-9]*; do
    # A process may end while it is looked at.
    read -r stat 2>/dev/null <"$folder/stat" || continue
    [[ ${stat##*) } == D\ * ]] || continue
    printf '%s %s\n' "${stat%% *}" "${stat#* }"
    timeout -k 1 2 head -n 20 -- "$folder/stack" 2>/dev/null || printf '(no stack)\n'
  done
}

report() {
  printf 'reason: %s\n' "$1"
  show "$PROC"/{uptime,version,cmdline,loadavg,meminfo} "$PROC"/pressure/{cpu,io,memory}
  show /sys/module/rcupdate/parameters/rcu_{cpu,exp_cpu}_stall_timeout /sys/kernel/rcu_normal
  blocked_tasks
  printf '\n== kernel log\n'
  timeout -k 2 10 dmesg | tail -n 1000 || printf '(not readable)\n'
}

# One file for each boot, the newest few kept. Names are boot ids, nothing else in the folder is touched.
keep_evidence() {
  local folder=$STATE_FOLDER/evidence boot_id old
  mkdir -p "$folder"
  read -r boot_id <"$PROC/sys/kernel/random/boot_id"
  [[ $boot_id =~ ^[-0-9a-f]{36}$ ]]
  # head ends early once the report is long enough; what is there by then is what is kept.
  report "$1" | head -c "$MAX_REPORT_BYTES" >"$folder/$boot_id.txt" || [[ -s $folder/$boot_id.txt ]]
  timeout -k 2 10 sync "$folder/$boot_id.txt" "$folder"
  while read -r old; do
    [[ $old =~ ^[-0-9a-f]{36}\.txt$ ]] || continue
    rm -f -- "$folder/$old"
  done < <(timeout 5 ls -1t -- "$folder" | tail -n +$((KEPT_REPORTS + 1)))
}

# `sleep` is a file on a disk that may be gone by then; a read that never ends is not.
wait_seconds() {
  local never
  exec {never}<> <(:)
  # Time is up: that is what was wanted.
  read -r -t "$1" -u "$never" || true
  exec {never}>&-
}

reboot_now() {
  timeout -k 2 30 systemctl reboot || log crit 'systemctl reboot failed'
  wait_seconds "$REBOOT_DEADLINE_SECONDS"
  log crit "still up ${REBOOT_DEADLINE_SECONDS}s after the reboot was asked for; forcing it"
  timeout -k 2 30 systemctl reboot --force || log crit 'systemctl reboot --force failed'
  wait_seconds "$FORCED_DEADLINE_SECONDS"
  log crit "still up ${FORCED_DEADLINE_SECONDS}s after the reboot was forced; resetting by sysrq"
  # Sync, remount read-only, reset. kernel.sysrq does not bind writes to this file.
  local key
  for key in s u b; do
    printf '%s' "$key" >>"$PROC/sysrq-trigger" || log crit "sysrq $key failed"
    wait_seconds 0.3
  done
}

main() {
  read_settings
  # In a process of its own: whatever goes wrong or hangs there ends there, in time.
  if [[ ${2:-} == evidence-only ]]; then
    keep_evidence "$1"
    return 0
  fi
  timeout -k 2 40 "${BASH_SOURCE[0]}" "${1:-no reason given}" evidence-only || log err 'evidence is not complete'
  reboot_now
  exit 3
}

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then
  main "$@"
fi
