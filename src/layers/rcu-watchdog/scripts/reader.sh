#!/usr/bin/env bash
# reader.sh - part of selfheal-watchdog.sh: brings the kernel log to the detector and its words back.
#
#   reader -> records (a FIFO, 8) -> detector -> (7) -> the main process, which also writes to the FIFO
#
# Environment: that of selfheal-watchdog.sh.
# shellcheck disable=SC2034,SC2154  # the parts share their variables

# A reader that was overtaken by the log (EPIPE) opens it again: whatever the ring still holds comes once more, and the
# detector skips what it has seen. Everything else that ends it is the main process's to judge.
# shellcheck disable=SC2016  # these are that shell's own variables
readonly READER='exec 3>&1
while :; do
  if why=$(cat -- "$1" 2>&1 >&3); then [ -c "$1" ] || exit 0; continue; fi
  case $why in *"Broken pipe"*) ;; *) printf "%s\n" "$why" >&2; exit 2 ;; esac
done'

readonly STAGGER_SECONDS=180

# Sets DETECTOR. mawk alone keeps its input for itself until a block is full, unless told otherwise.
find_detector() {
  local awk black_hole=$BLACK_HOLE_SECONDS
  awk=$(type -P awk) || return 1
  [[ -r $LIB_FOLDER/main.awk ]] || return 1
  DETECTOR=("$awk")
  awk=$(timeout 5 readlink -f "$awk")
  if [[ ${awk##*/} == mawk* ]]; then DETECTOR+=(-W interactive); fi
  # The black-hole path cannot ask the peers. They take their turns instead.
  if ((black_hole)); then black_hole=$((black_hole + STAGGER_SECONDS * $(peers_position))); fi
  DETECTOR+=(
    -v count="$COUNT" -v sources=all -v decide="$1" -v grace_seconds="$GRACE_SECONDS" -v grace_clips=1
    -v burst_stalls="$BURST_STALLS" -v burst_seconds="$BURST_SECONDS"
    -v sustained_stalls="$SUSTAINED_STALLS" -v sustained_seconds="$SUSTAINED_SECONDS"
    -v stuck_seconds="$STUCK_SECONDS" -v chronic_stalls="$CHRONIC_STALLS" -v chronic_seconds="$CHRONIC_SECONDS"
    -v chronic_action="$CHRONIC_ACTION" -v black_hole_seconds="$black_hole"
    -v max_reboots="$MAX_REBOOTS" -v healthy_seconds="$HEALTHY_SECONDS"
    -v hz="$HZ" -v normal_timeout="$NORMAL_TIMEOUT" -v expedited_timeout="$EXPEDITED_TIMEOUT"
  )
  local part
  for part in "$LIB_FOLDER"/*.awk; do DETECTOR+=(-f "$part"); done
}

start_pipeline() {
  local fifo=$RUN_FOLDER/records
  rm -f -- "$fifo" && mkfifo -m 600 "$fifo" || return 1
  # For both ends, so that it outlives whoever dies on either.
  exec 8<>"$fifo"
  exec 7< <(
    let_go
    exec "${DETECTOR[@]}" <"$fifo"
  )
  DETECTOR_PID=$! PARTIAL='' BLOCK='' OUTBOX=''
  (
    exec 7<&- 9>&-
    greet_detector
    exec setsid sh -c "$READER" reader "$KMSG" 8>&-
  ) >&8 </dev/null &
  READER_PID=$!
}

# What it has to know before the first record. The disk knows the ledger better than what was said last.
greet_detector() {
  local line
  printf '%s\n' "!boot $BOOT_ID" "!ledger $IN_A_ROW $TOTAL $ASKED_IN $CROSSED_IN $CROSSED_AT"
  while IFS='' read -r line; do
    [[ $line == 'state ledger '* ]] || printf '%s\n' "!resume ${line#state }"
  done < <(printf '%s' "$STATE")
}

# Said when the detector has nothing to say itself: two that both wait until the other one listens would wait for ever.
tell_detector() { OUTBOX+=$1$'\n'; }
# A FIFO that is full, because the detector waits for a disk, stops whoever writes. That must not be the main process once a
# reboot is under way: it has to force it.
post() {
  [[ -n $OUTBOX ]] || return 0
  if [[ $STAGE == none ]] && ((UNANSWERED < 2)); then
    printf '%s' "$OUTBOX" >&8
  else
    drop_post
    (
      exec 7<&- 9>&-
      printf '%s' "$OUTBOX" >&8
    ) </dev/null >/dev/null 2>&1 &
    POST_CHILD=$!
  fi
  OUTBOX=''
}

# It holds its FIFO open from both ends: nobody else would end it.
drop_post() {
  # It may have ended long ago.
  [[ -z $POST_CHILD ]] || kill -KILL "$POST_CHILD" 2>/dev/null || true
  POST_CHILD=''
}

# The reader's own program dies with it, because it leads their group.
stop_pipeline() {
  # Whoever has ended already is not there to be killed.
  [[ -z $READER_PID ]] || kill -KILL -- "-$READER_PID" "$READER_PID" 2>/dev/null || true
  # The same.
  [[ -z $DETECTOR_PID ]] || kill -KILL "$DETECTOR_PID" 2>/dev/null || true
  drop_post
  READER_PID='' DETECTOR_PID=''
  exec 7<&- 8>&-
}

pipeline_lives() { kill -0 "$READER_PID" && kill -0 "$DETECTOR_PID"; } 2>/dev/null
