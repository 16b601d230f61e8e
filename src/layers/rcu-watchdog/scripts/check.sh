#!/usr/bin/env bash
# check.sh - part of selfheal-watchdog.sh: `check`, one pass over the kernel log, for a timer.
#
# The detector goes on where the last check of this boot ended, so that a flood between two checks costs only what the
# ring has lost, and is seen as a gap.
#
# Environment: that of selfheal-watchdog.sh.
# shellcheck disable=SC2034,SC2154  # the parts share their variables

readonly RING_SECONDS=30 HEAR_OUT_SECONDS=10

check() {
  local words status=0
  begin
  find_detector tick || fail "detector '$LIB_FOLDER/main.awk': expected a program that awk can run, found none"
  settle_last_boot
  # Nothing runs at a shutdown that could close the boot, so it is never open: a reboot needs a ledger that can be written.
  note_boot closed
  trap 'trap "" TERM INT; finish' TERM INT
  if [[ $STAGE == none ]]; then say_to_peers watching; fi
  bounded "$RING_SECONDS" one_pass || status=$?
  words=$answer
  if ((status != 0)) || [[ $words != *'state end'* ]]; then
    write_metrics_now 0
    fail "the kernel log '$KMSG' could not be read to its end (status $status)"
  fi
  each_line take "$words"
  keep_ledger
  write_report
  write_metrics_now 1
  while [[ $STAGE == asked || $STAGE == forced ]]; do
    pause 0.2
    read_uptime || fail "uptime: expected seconds since boot in '$PROC/uptime', got nothing of the kind"
    escalate
  done
  [[ $STAGE == none ]] || exit 3
  log info "looked at ${UPTIME}s: ${SEEN[burst]:-?} in ${BURST_SECONDS}s, ${SEEN[sustained]:-?} in ${SUSTAINED_SECONDS}s; ${DECISION:-left alone}${HELD:+, held: $HELD}"
  # systemd kills what a check leaves behind: this line, and the evidence of what is only reported.
  hear_out "$HEAR_OUT_SECONDS"
}

# dd leaves the log when there is nothing more; that this counts as an error is its way to say so.
one_pass() {
  {
    greet_detector
    read_ring || exit 1
    printf '!check %s\n' "$NOW"
  } | timeout -k 1 "$RING_SECONDS" "${DETECTOR[@]}"
}

read_ring() {
  local why
  [[ -r $KMSG ]] || return 1
  # Overtaken by the log (EPIPE): what the ring still holds comes again.
  while why=$(timeout -k 1 "$RING_SECONDS" dd if="$KMSG" iflag=nonblock bs=16384 status=none 2>&1 >&3); do [[ -c $KMSG ]] || return 0; done 3>&1
  [[ $why == *'temporarily unavailable'* ]]
}
