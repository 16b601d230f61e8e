#!/usr/bin/env bash
# evidence.sh - part of selfheal-watchdog.sh: what the kernel was doing, kept before anything is done about it.
#
# First in memory, then on the disk, in a child that nobody has to wait for longer than EVIDENCE_SECONDS.
#
# At most 256 KiB a report: one half before the reboot, one for what comes after it.
#
# Environment: that of selfheal-watchdog.sh.
# shellcheck disable=SC2154  # the parts share their variables

readonly KEPT_REPORTS=5 MAX_REPORT_BYTES=131072 KERNEL_LOG_BYTES=65536 MAX_BLOCKED_TASKS=64 EVIDENCE_SECONDS=2

# start_evidence REASON; its output (5) ends when the report is on the disk.
start_evidence() {
  exec 5< <(
    let_go
    keep_evidence "$1"
  )
  EVIDENCE_CHILD=$! EVIDENCE_STARTED=$CENTISECONDS
}

# Waits for what is left of its time. A child that is late goes on, until the machine goes down.
await_evidence() {
  local left word
  [[ -n $EVIDENCE_CHILD ]] || return 0
  read_uptime || return 0
  left=$((EVIDENCE_SECONDS * 100 - CENTISECONDS + EVIDENCE_STARTED))
  ((left > 0)) || left=1
  printf -v left '%d.%02d' $((left / 100)) $((left % 100))
  word=''
  # Where it comes too late there is no word, and the next line says so.
  read -r -t "$left" -u 5 word || true
  exec 5<&-
  EVIDENCE_CHILD=''
  [[ $word == kept ]] || log err 'evidence is not on the disk yet'
}

keep_evidence() {
  # What is missing is missing; what is there by then is what is kept.
  report "$1" >"$RUN_FOLDER/evidence.txt" 2>/dev/null || true
  # A disk that hangs keeps this child, and nobody else.
  head -c "$MAX_REPORT_BYTES" -- "$RUN_FOLDER/evidence.txt" >"$STATE_FOLDER/evidence/$BOOT_ID.txt" &&
    sync "$STATE_FOLDER/evidence/$BOOT_ID.txt" "$STATE_FOLDER/evidence" && printf 'kept\n'
  add_threads
  drop_old_evidence
} 2>/dev/null

# There may be thousands, which would keep the reboot waiting: a moment later, if the machine is still there.
add_threads() {
  {
    printf '\n== blocked threads, a moment later\n'
    blocked_tasks "$PROC"/[0-9]*/task/[0-9]*/stat
  } | head -c "$MAX_REPORT_BYTES" >>"$STATE_FOLDER/evidence/$BOOT_ID.txt" || true # the same
  sync "$STATE_FOLDER/evidence/$BOOT_ID.txt"
}

# One file for each boot, the newest few kept. Names are boot ids, nothing else in the folder is touched.
drop_old_evidence() {
  local old
  for old in $(timeout -k 1 10 ls -1t -- "$STATE_FOLDER/evidence" | grep -xE '[-0-9a-f]{36}\.txt' | tail -n +$((KEPT_REPORTS + 1))); do
    timeout -k 1 10 rm -f -- "$STATE_FOLDER/evidence/$old"
  done
}

report() {
  printf 'reason: %s\n\n== what was counted\n%s' "$1" "$STATE"
  show "$PROC"/{uptime,version,cmdline,loadavg,meminfo} "$PROC"/pressure/{cpu,io,memory} \
    "$SYS"/module/rcupdate/parameters/rcu_{cpu,exp_cpu}_stall_timeout "$SYS"/kernel/rcu_normal
  # Its newest lines, before what may be too long to be kept whole.
  printf '\n== kernel log\n'
  dmesg | tail -c "$KERNEL_LOG_BYTES" || printf '(not readable)\n'
  printf '\n== blocked processes\n'
  blocked_tasks "$PROC"/[0-9]*/stat
}

# A file of /proc may be missing or refuse to be read; the report goes on without it. By builtins: there are many.
show() {
  local file line
  for file; do
    printf '\n== %s\n' "$file"
    { while IFS='' read -r line || [[ -n $line ]]; do printf '%s\n' "$line"; done <"$file"; } 2>/dev/null ||
      printf '(not readable)\n'
  done
}

# grep_all TEXT FILE…: one program where its arguments are few enough.
grep_all() {
  if (($# <= 10000)); then
    exec grep -ahs -- "$@"
  else
    printf '%s\0' "${@:2}" | xargs -0 grep -ahs -- "$1"
  fi
}

# blocked_tasks STAT…: who is in uninterruptible sleep: what waits, and for what.
blocked_tasks() {
  local line task stacks=()
  while read -r line; do
    printf '%s\n' "$line"
    task=${line%% *}
    if [[ $task =~ ^[0-9]+$ && ${#stacks[@]} -lt $MAX_BLOCKED_TASKS ]]; then stacks+=("$PROC/$task/stack"); fi
  done < <(grep_all ') D ' "$@")
  # A task may go on while it is looked at.
  [[ ${#stacks[@]} -eq 0 ]] || head -v -n 20 -- "${stacks[@]}" || true
}
