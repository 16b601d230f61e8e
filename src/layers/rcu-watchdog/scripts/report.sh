#!/usr/bin/env bash
# report.sh - part of selfheal-watchdog.sh: `status`, for people. Needs no root rights, also where the service is dead.
#
# Environment: that of selfheal-watchdog.sh.
# shellcheck disable=SC2034,SC2153,SC2154,SC2317  # the parts share their variables

readonly WHERE_TO_LOOK='systemctl status "rcu-stall-watchdog.*"; journalctl -t rcu-stall-watchdog -n 20'

# What only the running program knows. The first line is new at each tick and shows that it lives.
write_report() {
  local text="$$ $UPTIME $TICK_SECONDS $UP
ledger $LEDGER $NOTED $IN_A_ROW $TOTAL $ASKED_IN
stage $STAGE $STAGE_AT $STAGE_PATH
timeouts $HZ $NORMAL_TIMEOUT $EXPEDITED_TIMEOUT
unknown $UNKNOWN
held $HELD
decision $DECISION"
  printf '%s\n' "$text" >"$RUN_FOLDER/report"
}

read_report() {
  local key rest
  declare -gA REPORT=()
  { read -r "REPORT[pid]" "REPORT[tick]" "REPORT[every]" "REPORT[up]"; } <"$RUN_FOLDER/report" || return 1
  while read -r key rest; do REPORT[$key]=$rest; done <"$RUN_FOLDER/report"
} 2>/dev/null

# Seconds as a person says them: `45 s`, `15 min`, `1 h 35 min`; two units at most.
span() {
  local s=$1
  if ((s < 60)); then
    reply="$s s"
  elif ((s < 3600)); then
    reply="$((s / 60)) min"
    ((s % 60 == 0 || s >= 600)) || reply+=" $((s % 60)) s"
  else
    reply="$((s / 3600)) h"
    ((s % 3600 < 60)) || reply+=" $((s % 3600 / 60)) min"
  fi
}

status() {
  local code=0 reply
  if ! read_uptime || ! read_boot_id; then
    printf "selfheal-watchdog: uptime or boot id in '%s' could not be read\n" "$PROC" >&2
    exit 2
  fi
  forget_state
  read_state
  read_back
  if ! read_report; then
    printf 'watchdog      has left no report in this boot: it does not run, or has only just been started\n'
    printf 'budget        at most %s reboots in a row; the ledger is %s/ledger\n' "$MAX_REBOOTS" "$STATE_FOLDER"
    printf 'now           nobody watches this node; see: %s\n' "$WHERE_TO_LOOK"
    exit 2
  fi
  tell_life || code=2
  tell_counts
  tell_budget
  tell_calibration
  tell_peers
  tell_intent || code=$((code == 2 ? 2 : 3))
  exit "$code"
}

# Fills what take_state knows from a block that was kept; nothing is written.
read_back() {
  keep_state() { :; }
  take_ledger() { :; }
  each_line take_state "$STATE"
}

tell_life() {
  local age
  age=$((UPTIME - REPORT[tick]))
  if [[ ! -d $PROC/${REPORT[pid]} ]] || ((age > 3 * REPORT[every] + 20)); then
    span "$age"
    printf 'watchdog      does not run: its last sign of life is %s old; what follows is as of then\n' "$reply"
    return 1
  fi
  if [[ ${REPORT[up]} != 1 ]]; then
    printf 'watchdog      runs, but cannot read the kernel log\n'
    return 1
  fi
  span "$UPTIME"
  printf 'watchdog      runs and reads the kernel log; last tick %s s ago, the node is up for %s\n' "$age" "$reply"
}

tell_counts() {
  local path
  if [[ -z $STATE ]]; then
    printf 'counts        none yet\n'
    return 0
  fi
  if ((UPTIME < GRACE_SECONDS)); then
    span $((GRACE_SECONDS - UPTIME))
    printf 'grace         nothing counts so soon after the boot; it will in %s\n' "$reply"
  fi
  for path in burst sustained chronic; do
    [[ ${THRESHOLD[$path]:-0} != 0 ]] || continue
    local seconds=${path^^}_SECONDS
    span "${!seconds}"
    printf '%-13s %s of %s stalls in %s%s\n' "$path" "${SEEN[$path]}" "${THRESHOLD[$path]}" "$reply" "${ALONE[$path]}"
  done
  printf 'since boot    %s stall reports, %s grace periods, %s hung tasks, %s soft and %s hard lockups, %s NFS time-outs, %s OOM kills\n' \
    "${COUNTS[@]:0:7}"
  printf 'kernel log    %s lines like a stall that could not be read, %s lines lost\n' "${COUNTS[@]:7:2}"
}

tell_budget() {
  local ledger noted in_a_row total asked
  read -r ledger noted in_a_row total asked <<<"${REPORT[ledger]}"
  printf 'budget        %s of %s reboots in a row used, %s at all; ledger %s, this boot is %son the disk\n' \
    "$in_a_row" "$MAX_REBOOTS" "$total" "$ledger" "$([[ $noted == yes ]] || printf 'not ')"
}

tell_calibration() {
  local hz normal expedited
  read -r hz normal expedited <<<"${REPORT[timeouts]}"
  if ((CALIBRATED)); then
    printf 'calibration   HZ %s, stall time-outs %s s and %s s (expedited)\n' "$hz" "$normal" "$expedited"
  else
    printf 'calibration   not known: %s; thresholds are not scaled\n' "${REPORT[unknown]:-what the detector expects}"
  fi
}

tell_peers() {
  local state=nothing
  # None yet.
  { read -r _ state _ <"$RUN_FOLDER/peer"; } 2>/dev/null || true
  printf 'peers         this node tells them: %s\n' "$state"
  printf 'network       black hole: %s\n' "$( ((DARK)) && printf 'nobody answers, neither gateway nor peers' || printf no)"
}

# What it would do now, and why not.
tell_intent() {
  local stage ledger noted in_a_row asked
  read -r stage _ <<<"${REPORT[stage]}"
  read -r ledger noted in_a_row _ asked <<<"${REPORT[ledger]}"
  [[ -z ${REPORT[decision]} ]] || printf 'last decision %s\n' "${REPORT[decision]}"
  if [[ $stage != none ]]; then
    printf 'now           a reboot was asked for in this boot (%s): nothing more is asked for\n' "$stage"
    return 1
  elif [[ -n ${REPORT[held]} ]]; then
    printf 'now           would reboot, but is held (%s): %s\n' "${REPORT[held]%% *}" "${REPORT[held]#* }"
    return 1
  elif [[ $asked == "$BOOT_ID" ]]; then
    printf 'now           a reboot was asked for in this boot: only reports\n'
    return 1
  elif [[ $noted != yes ]]; then
    printf 'now           only reports: the ledger cannot be written, a reboot could be repeated without end\n'
    return 1
  elif ((in_a_row >= MAX_REBOOTS)); then
    span "$HEALTHY_SECONDS"
    printf 'now           %s: the budget is spent until %s without a crossing\n' \
      "$([[ ${HOLDS:-- - -} == '- - -' ]] && printf 'only reports' || printf 'would reboot, but only reports')" "$reply"
    return 1
  fi
  if ((code == 2)); then
    printf 'now           nobody watches this node; see: %s\n' "$WHERE_TO_LOOK"
  else
    printf 'now           nothing to do\n'
  fi
}
