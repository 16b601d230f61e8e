#!/usr/bin/env bash
# memory.sh - part of selfheal-watchdog.sh: what the detector told of itself (`state KEY VALUE…`), for a restart and for people.
#
# Environment: that of selfheal-watchdog.sh.
# shellcheck disable=SC2034,SC2154  # the parts share their variables

# Sets what is known before the detector has said anything.
forget_state() {
  declare -gA SEEN=() THRESHOLD=() ALONE=()
  COUNTS=() STATE='' BLOCK='' CALIBRATED=0 DARK=0 HOLDS=''
}

# each_line COMMAND TEXT. No here-strings, which older shells put into files.
each_line() {
  local rest=${2%$'\n'} line
  while [[ -n $rest ]]; do
    line=${rest%%$'\n'*}
    rest=${rest:${#line}}
    rest=${rest#$'\n'}
    "$1" "$line"
  done
}

take_state() {
  local line=$1 word
  BLOCK+=$line$'\n'
  # The split lines hold names and numbers only; no here-strings, which older shells put into files.
  # shellcheck disable=SC2206
  case $line in
    'state calibrated yes') CALIBRATED=1 ;;
    'state calibrated no') CALIBRATED=0 ;;
    'state counts '*) COUNTS=(${line#state counts }) ;;
    'state holds '*) HOLDS=${line#state holds } ;;
    'state net '*) word=(${line#state net }) && DARK=$((${#word[1]} > 1)) ;;
    'state window '*)
      word=(${line#state window })
      SEEN[${word[0]}]=${word[1]} THRESHOLD[${word[0]}]=${word[2]} ALONE[${word[0]}]=''
      # Of a kind that the kernel reports only after a long time, fewer are enough.
      ((word[5] >= word[2])) || ALONE[${word[0]}]+="; expedited alone ${word[4]} of ${word[5]}"
      ((word[7] >= word[2])) || ALONE[${word[0]}]+="; normal alone ${word[6]} of ${word[7]}"
      ;;
    'state ledger '*) word=(${line#state ledger }) && take_ledger "${word[@]}" ;;
    'state end')
      [[ $BLOCK != *$'\nstate holds - - -\n'* ]] || HELD=''
      STATE=$BLOCK BLOCK=''
      keep_state
      ;;
  esac
}

# The detector gives the budget back after enough health, and knows the last crossing. What it said before it heard of
# a reboot that was asked for is old.
take_ledger() {
  [[ $ASKED_IN != "$BOOT_ID" || $3 == "$BOOT_ID" ]] || return 0
  if ((IN_A_ROW > 0 && $1 == 0)); then
    IN_A_ROW=0
    log info 'healthy for long enough: the budget is whole again'
  fi
  # One crossing after the other is the same trouble: on the disk it may be ten minutes behind.
  if [[ $4 == "$BOOT_ID" ]] && { [[ $CROSSED_IN != "$BOOT_ID" ]] || (($5 - CROSSED_AT >= 600)); }; then
    CROSSED_IN=$4 CROSSED_AT=$5
  fi
}

# Two files in turn: one of them is whole at any time, and no program is needed to rename it.
keep_state() {
  STATE_FILE=$((1 - STATE_FILE))
  printf '%s' "$STATE" >"$RUN_FOLDER/state.$STATE_FILE"
}

# Sets STATE to the last whole block of this boot, or to nothing.
read_state() {
  local file order=(0 1) text
  STATE_FILE=1
  if [[ $RUN_FOLDER/state.1 -nt $RUN_FOLDER/state.0 ]]; then order=(1 0); fi
  for file in "${order[@]}"; do
    { IFS='' read -r -d '' text <"$RUN_FOLDER/state.$file"; } 2>/dev/null || [[ -n ${text:-} ]] || continue
    if [[ $text == *$'\nstate end\n' && $text == *$'\n'"state boot $BOOT_ID"$'\n'* ]]; then
      STATE=$text STATE_FILE=$file
      return 0
    fi
    text=''
  done
}
