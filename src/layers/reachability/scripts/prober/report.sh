#!/usr/bin/env bash
# report.sh - part of reachability-prober.sh: `--status`, for people. Changes nothing.
#
#   report    0 all nodes can be reached, 2 it cannot tell, 3 one or more cannot be reached
#
# shellcheck disable=SC2153 # shared with the other parts, which reachability-prober.sh reads in
#
# Environment: that of reachability-prober.sh.

report() {
  local target name address line='' boot last blind waiting answer=0 unreachable=no known=yes
  # Where the looks keep what they see while the disk cannot be written.
  if [[ $SPARE_FOLDER/prober -nt $STATE_FOLDER/prober ]]; then STATE_FOLDER=$SPARE_FOLDER; fi
  { IFS= read -r line <"$STATE_FOLDER/prober"; } 2>/dev/null || true # none: said below
  if [[ -e $STATE_FOLDER/prober && ! -r $STATE_FOLDER/prober ]]; then
    printf 'what was seen is for root to read: run it with sudo\n'
    return 2
  fi
  if ! [[ $line =~ ^[-0-9a-f]+\ [0-9]+\ ([0-9]+|-)$ ]]; then
    printf 'no look yet that could be kept in %s\n' "$STATE_FOLDER"
    return 2
  fi
  read -r boot last blind <<<"$line"
  if [[ $boot != "$BOOT_ID" ]]; then
    printf 'no look since this host has booted\n'
    return 2
  fi
  printf 'last look %s ago' "$(words $((NOW - last)))"
  if ((NOW - last > 3 * PERIOD + LOOK_SECONDS)); then printf ': it no longer looks (systemctl status reachability-prober.timer)' && answer=2 known=no; fi
  if [[ $blind != - ]]; then printf '; this host has been cut off for %s' "$(words $((NOW - blind)))" && answer=2 known=no; fi
  waiting=$(queued)
  printf '\ntells by %s, ' "${FORM:-the log only}"
  printf '%s messages wait\n\n' "$(($(printf '%s' "$waiting" | grep -c .) + 0))"
  printf '%-20s %-20s %-12s %-10s %-12s %s\n' NODE ADDRESS SEEN FOR TOLD SILENCED
  for target in "${TARGETS[@]}"; do
    IFS=/ read -r name address _ <<<"$target"
    recall "$name"
    read_silence "$name"
    printf '%-20s %-20s %-12s %-10s %-12s %s\n' "$name" "$address" "$(state_text "$SEEN")" "$(words $((NOW - SINCE)))" \
      "$(state_text "$TOLD")" "$(if [[ $SILENT == yes ]]; then words "$SILENT_LEFT"; else printf -- -; fi)"
    case $SEEN in
    down) unreachable=yes ;;
    dim | unknown) answer=2 ;;
    esac
  done
  [[ $unreachable == no || $known == no ]] || answer=3
  return "$answer"
}

state_text() {
  case $1 in
  up) printf reachable ;;
  half) printf 'in part' ;;
  down) printf unreachable ;;
  dim) printf 'one silent' ;;
  *) printf '%s' "$1" ;;
  esac
}

words() {
  if (($1 < 120)); then
    printf '%s s' "$1"
  elif (($1 < 7200)); then
    printf '%s min' "$(($1 / 60))"
  else
    printf '%s h' "$(($1 / 3600))"
  fi
}
