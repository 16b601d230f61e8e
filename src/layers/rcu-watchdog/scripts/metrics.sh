#!/usr/bin/env bash
# metrics.sh - part of selfheal-watchdog.sh: the numbers for node-exporter's textfile collector.
#
# The folder is on a disk: a child writes, and one that hangs is not waited for. Without the folder there are none.
#
# Environment: that of selfheal-watchdog.sh.
# shellcheck disable=SC2034,SC2154  # the parts share their variables

readonly KINDS=(report grace-period hung-task soft-lockup hard-lockup nfs-not-responding oom-kill unparsed lost)

# write_metrics UP
write_metrics() {
  # The last one still waits for its disk.
  if [[ -n $METRICS_CHILD ]] && kill -0 "$METRICS_CHILD" 2>/dev/null; then return 0; fi
  compose_metrics "$1"
  detached put_metrics
  METRICS_CHILD=$!
}

# For who ends afterwards.
write_metrics_now() {
  compose_metrics "$1"
  bounded 2 put_metrics || log warning "metrics in '$TEXTFILE_FOLDER' could not be written"
}

put_metrics() {
  local file=$TEXTFILE_FOLDER/selfheal_watchdog.prom evidence
  # The others are written without them.
  evidence=$(evidence_metrics 2>/dev/null) || true
  METRICS+=${evidence:+$evidence$'\n'}
  { printf '%s' "$METRICS" >"$file.new" || { mkdir -p "$TEXTFILE_FOLDER" && printf '%s' "$METRICS" >"$file.new"; }; } \
    2>/dev/null && exec mv -f "$file.new" "$file" 2>/dev/null
}

# Each report that is kept: of which boot, by which path, when. What cannot be listed is left out: no report is another word.
evidence_metrics() {
  local folder=$STATE_FOLDER/evidence listed at file boot reason path files=0 lines=''
  [[ -d $folder ]] || return 0
  set -- "$folder"/*.txt
  listed=''
  if [[ -e $1 ]]; then listed=$(timeout -k 1 10 stat -c '%Y %n' -- "$@") || return 0; fi
  while read -r at file; do
    [[ ${file##*/} =~ ^([-0-9a-f]{36})\.txt$ ]] || continue
    boot=${BASH_REMATCH[1]} reason='' path=unknown
    # An empty report has no reason; it counts all the same.
    read -r reason <"$file" || true
    if [[ $reason =~ ^reason:\ path\ ([a-z-]+): ]]; then path=${BASH_REMATCH[1]}; fi
    files=$((files + 1))
    lines+=$'\n'"selfheal_watchdog_evidence_timestamp_seconds{boot=\"$boot\",path=\"$path\"} $at"
  done < <(printf '%s\n' "$listed")
  printf '# TYPE selfheal_watchdog_evidence_files gauge\nselfheal_watchdog_evidence_files %s' "$files"
  [[ -z $lines ]] || printf '\n# TYPE selfheal_watchdog_evidence_timestamp_seconds gauge%s' "$lines"
}

compose_metrics() {
  local remaining name i
  remaining=$((MAX_REBOOTS - IN_A_ROW))
  METRICS=''
  metric up gauge "$1"
  metric reboots_total counter "$TOTAL"
  metric budget_remaining gauge $((remaining > 0 ? remaining : 0))
  metric held gauge $((${#HELD} > 0))
  [[ -n $STATE ]] || return 0
  metric calibrated gauge $((CALIBRATED))
  metric black_hole gauge $((DARK))
  METRICS+=$'# TYPE selfheal_watchdog_stalls gauge\n'
  for name in burst sustained chronic; do
    METRICS+="selfheal_watchdog_stalls{window=\"$name\"} ${SEEN[$name]:-0}"$'\n'
  done
  METRICS+=$'# TYPE selfheal_watchdog_threshold gauge\n'
  for name in burst sustained chronic; do
    METRICS+="selfheal_watchdog_threshold{window=\"$name\"} ${THRESHOLD[$name]:-0}"$'\n'
  done
  METRICS+=$'# TYPE selfheal_watchdog_events_total counter\n'
  for i in "${!KINDS[@]}"; do
    METRICS+="selfheal_watchdog_events_total{kind=\"${KINDS[i]}\"} ${COUNTS[i]:-0}"$'\n'
  done
}

metric() { METRICS+="# TYPE selfheal_watchdog_$1 $2"$'\n'"selfheal_watchdog_$1 $3"$'\n'; }
