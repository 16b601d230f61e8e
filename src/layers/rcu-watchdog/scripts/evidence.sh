#!/usr/bin/env bash
# evidence.sh - part of selfheal-watchdog.sh: what the kernel was doing, kept before anything is done about it.
#
# First in memory, then on the disk, in a child that nobody has to wait for longer than EVIDENCE_SECONDS.
#
# Environment: that of selfheal-watchdog.sh.
# shellcheck disable=SC2154  # the parts share their variables

readonly KEPT_REPORTS=5 MAX_REPORT_BYTES=262144 MAX_BLOCKED_TASKS=64 EVIDENCE_SECONDS=2

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
  local name=$BOOT_ID.txt
  report "$1" 2>/dev/null | head -c "$MAX_REPORT_BYTES" >"$RUN_FOLDER/evidence.txt"
  put_evidence "$name" && printf 'kept\n'
}

# One file for each boot, the newest few kept. Names are boot ids, nothing else in the folder is touched.
put_evidence() {
  local folder=$STATE_FOLDER/evidence old
  timeout -k 1 10 mkdir -p "$folder" && timeout -k 1 10 cp -- "$RUN_FOLDER/evidence.txt" "$folder/$1" &&
    timeout -k 1 10 sync "$folder/$1" "$folder" || return 1
  for old in $(timeout -k 1 10 ls -1t -- "$folder" | grep -xE '[-0-9a-f]{36}\.txt' | tail -n +$((KEPT_REPORTS + 1))); do
    timeout -k 1 10 rm -f -- "$folder/$old"
  done
} 2>/dev/null

report() {
  printf 'reason: %s\n\n== what was counted\n%s' "$1" "$STATE"
  show "$PROC"/{uptime,version,cmdline,loadavg,meminfo} "$PROC"/pressure/{cpu,io,memory} \
    "$SYS"/module/rcupdate/parameters/rcu_{cpu,exp_cpu}_stall_timeout "$SYS"/kernel/rcu_normal
  blocked_tasks
  printf '\n== kernel log\n'
  timeout -k 1 5 dmesg | tail -n 1000 || printf '(not readable)\n'
}

# A file of /proc may be missing or refuse to be read; the report goes on without it. By builtins: there are many.
show() {
  local file line
  for file; do
    printf '\n== %s\n' "$file"
    while IFS='' read -r line || [[ -n $line ]]; do printf '%s\n' "$line"; done <"$file" || printf '(not readable)\n'
  done
}

# Threads in uninterruptible sleep: what waits, and for what.
blocked_tasks() {
  local line task stacks=()
  printf '\n== blocked tasks\n'
  while read -r line; do
    printf '%s\n' "$line"
    task=${line%% *}
    if [[ $task =~ ^[0-9]+$ && ${#stacks[@]} -lt $MAX_BLOCKED_TASKS ]]; then stacks+=("$PROC/$task/stack"); fi
  done < <(printf '%s\0' "$PROC"/[0-9]*/task/[0-9]*/stat | timeout -k 1 2 xargs -0 cat 2>/dev/null | grep -a ') D ')
  # A task may go on while it is looked at.
  [[ ${#stacks[@]} -eq 0 ]] || timeout -k 1 2 head -v -n 20 -- "${stacks[@]}" || true
}
