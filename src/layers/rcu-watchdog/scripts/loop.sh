#!/usr/bin/env bash
# loop.sh - part of selfheal-watchdog.sh: `run`, the service.
#
# Waits for the detector's words, and ticks. Nothing here waits for a disk or the network without a bound.
#
# Environment: that of selfheal-watchdog.sh.
# shellcheck disable=SC2034,SC2153,SC2154  # the parts share their variables

readonly METRICS_SECONDS=60 LOOK_SECONDS=60 LEDGER_RETRY_SECONDS=300 SOON_CENTISECONDS=210

run() {
  begin || return $?
  find_detector record || fail "detector '$LIB_FOLDER/main.awk': expected a program that awk can run, found none"
  settle_last_boot
  note_boot open
  # Two signals would be one too many: the second finds nothing more to do.
  trap 'trap "" TERM INT; finish' TERM INT
  trap leave EXIT
  start_pipeline || fail "'$RUN_FOLDER': expected to make a FIFO there, could not"
  # A reboot of this boot that was asked for goes on; the others were told then.
  if [[ $STAGE == none ]]; then say_to_peers watching; fi
  log info "watching: $IN_A_ROW of $MAX_REBOOTS reboots in a row, ledger $LEDGER, noted $NOTED, reboot stage $STAGE; not known:${UNKNOWN:- nothing}"
  NEXT_METRICS=0 NEXT_LOOK=$((CENTISECONDS + LOOK_SECONDS * 100)) NEXT_LEDGER=0 UNANSWERED=0 DETECTOR_ANSWERS=0 NEXT_REPAIR=0 SOON=0
  # The ring is drained first, so that the first tick looks at all of it.
  NEXT_TICK=$((CENTISECONDS + 100))
  while :; do listen; done
}

listen() {
  local line='' wait status=0
  wait=$((NEXT_TICK - CENTISECONDS))
  if [[ -n $OUTBOX ]] && ((wait > 20)); then wait=20; fi
  ((wait > 0)) || wait=1
  printf -v wait '%d.%02d' $((wait / 100)) $((wait % 100))
  IFS='' read -r -t "$wait" -u 7 line || status=$?
  if ((status == 0)); then
    line=$PARTIAL$line PARTIAL=''
    take "$line"
  elif ((status > 128)); then
    PARTIAL+=$line
  else
    repair 'the detector ended'
  fi
  read_uptime || fail "uptime: expected seconds since boot in '$PROC/uptime', got nothing of the kind"
  if ((SOON)); then
    SOON=0
    if ((NEXT_TICK > CENTISECONDS + SOON_CENTISECONDS)); then NEXT_TICK=$((CENTISECONDS + SOON_CENTISECONDS)); fi
  fi
  # In the midst of a block the detector does not listen.
  if [[ -n $BLOCK$PARTIAL ]] && ((CENTISECONDS < NEXT_TICK + 1000)); then return 0; fi
  if [[ -n $OUTBOX ]] && ((status > 128)); then post; fi
  if ((CENTISECONDS >= NEXT_TICK)); then tick; fi
}

take() {
  case $1 in
    'state '*) take_state "$1" ;;
    'ok '*) UNANSWERED=0 DETECTOR_ANSWERS=1 ;;
    soon) SOON=1 ;;
    'decide '*)
      # Whether a reason has a blank more or less is all the same; its globs are not to be looked up.
      local IFS=' ' action path count at why
      why=${1#decide }
      action=${why%% *} why=${why#* }
      path=${why%% *} why=${why#* }
      count=${why%% *} why=${why#* }
      at=${why%% *} why=${why#* }
      decided "$action" "$path" "$count" "$at" "$why"
      ;;
  esac
}

tick() {
  NEXT_TICK=$((CENTISECONDS + TICK_SECONDS * 100))
  if ! pipeline_lives; then
    repair 'the reader or the detector ended'
  elif ((UNANSWERED >= 3)); then
    repair 'the detector did not answer three ticks'
  else
    UP=$((UNANSWERED == 0))
  fi
  UNANSWERED=$((DETECTOR_ANSWERS ? UNANSWERED + 1 : 0))
  tell_detector "!now $NOW"
  post
  escalate
  if ((CENTISECONDS >= NEXT_LOOK)); then look_around; fi
  if [[ $NOTED == no ]] && ((CENTISECONDS >= NEXT_LEDGER)); then retry_ledger; fi
  if [[ $LEDGER != unreadable && $NOTED == yes ]]; then keep_ledger; fi
  if ((CENTISECONDS >= NEXT_METRICS)); then
    NEXT_METRICS=$((CENTISECONDS + METRICS_SECONDS * 100))
    [[ -n $STATE ]] || NEXT_METRICS=$NEXT_TICK
    write_metrics "$UP"
  fi
  write_report
}

# Begins anew where the last whole state ends; the ring holds the rest, and the detector knows what it has seen.
repair() {
  UP=0 NEXT_METRICS=0 UNANSWERED=0
  stop_pipeline
  # What ends at once each time must not be all that is done here.
  if ((CENTISECONDS < NEXT_REPAIR)); then pause 5; else log err "$1; starting both again"; fi
  NEXT_REPAIR=$((CENTISECONDS + 6000))
  start_pipeline || fail "'$RUN_FOLDER': expected to make a FIFO there, could not"
}

# One look of the black-hole probe; it tells the detector itself. One that still waits for the network is not waited for.
look_around() {
  NEXT_LOOK=$((CENTISECONDS + LOOK_SECONDS * 100))
  # It may have ended long ago.
  [[ -z $LOOK_CHILD ]] || kill -KILL "$LOOK_CHILD" 2>/dev/null || true
  (
    exec 7<&- 9>&-
    look "$NOW"
  ) >&8 </dev/null &
  LOOK_CHILD=$!
}

# A ledger that changed in the detector's view: health restored the budget, or a path was crossed.
keep_ledger() {
  if write_ledger; then
    LEDGER_WARNED=''
  elif [[ -z $LEDGER_WARNED ]]; then
    LEDGER_WARNED=yes
    log err "ledger in '$STATE_FOLDER' could not be written"
  fi
}

retry_ledger() {
  NEXT_LEDGER=$((CENTISECONDS + LEDGER_RETRY_SECONDS * 100))
  if [[ $LEDGER == unreadable ]]; then read_ledger; fi
  [[ $LEDGER != unreadable ]] || return 0
  settle_last_boot
  note_boot open
  [[ $NOTED == no ]] || repair 'the ledger is back'
}

# An orderly end. While a reboot is under way it is the end that was asked for, and the note stays as it is.
finish() {
  if [[ $STAGE == none && $NOTED == yes ]]; then close_boot; fi
  write_metrics_now 0
  exit 0
}

leave() {
  local status=$?
  trap '' TERM INT
  stop_pipeline
  # 1 says that the settings are wrong, which they are not here.
  ((status != 1)) || exit 2
}
