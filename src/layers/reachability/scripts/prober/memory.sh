#!/usr/bin/env bash
# memory.sh - part of reachability-prober.sh: what is known from the looks before, also over a boot of this host.
#
#   recall NAME / remember NAME     a node: sets or keeps what judge.sh needs
#   remember_prober                 this host: was it cut off, or did it not look?
#   silence NODE MINUTES            `--silence`
#   read_silence NAME               sets SILENT (yes while it holds) and PLANNED (its minutes, once it is over)
#
# A node's line: boot, last look, what was told, what is seen, since when it is alive or not, since when exactly this is
# seen, start of the last look that it answered, signs it ever gave, times at which it came or went.
#
# shellcheck disable=SC2034,SC2153 # shared with the other parts, which reachability-prober.sh reads in
#
# Environment: that of reachability-prober.sh.

LONGEST_SILENCE_MINUTES=240

recall() {
  local line='' boot last file=$STATE_FOLDER/nodes/$1 number='[0-9]+'
  TOLD=up SEEN=unknown SINCE=$NOW LIKE=$NOW GOOD=- HAD=- CHANGES=-
  { IFS= read -r line <"$file"; } 2>/dev/null || [[ ! -s $file ]] || line=broken
  [[ -n $line ]] || return 0
  if ! [[ $line =~ ^[-0-9a-f]+\ $number\ (up|half|down|dim|flapping)\ (up|half|down|dim|unknown)\ $number\ $number\ ($number|-)\ (p|t|pt|-)\ ([0-9,]+|-)$ ]]; then
    log warning "state '$file': expected a line of its own, got another; $1 starts anew"
    return 0
  fi
  read -r boot last TOLD SEEN SINCE LIKE GOOD HAD CHANGES <<<"$line"
  # After a boot of this host, or a long time without a look, nothing is known about the time between.
  if [[ $boot != "$BOOT_ID" ]] || ((NOW < last || NOW - last > TOLERATE)); then
    SEEN=unknown SINCE=$NOW LIKE=$NOW GOOD=-
    [[ $boot == "$BOOT_ID" ]] || CHANGES=-
  fi
}

remember() {
  keep "nodes/$1" "$BOOT_ID $NOW $TOLD $SEEN $SINCE $LIKE $GOOD $HAD $CHANGES"
}

# Whole or not at all, whatever ends this program.
keep() {
  printf '%s\n' "$2" >"$STATE_FOLDER/$1.new" && mv -f "$STATE_FOLDER/$1.new" "$STATE_FOLDER/$1"
}

remember_prober() {
  local line='' boot=- last=0 blind=- text=''
  { IFS= read -r line <"$STATE_FOLDER/prober"; } 2>/dev/null || true # none: the first look
  if [[ $line =~ ^[-0-9a-f]+\ [0-9]+\ ([0-9]+|-)$ ]]; then read -r boot last blind <<<"$line"; fi
  if [[ $boot != "$BOOT_ID" ]]; then
    [[ $boot == - ]] || log notice 'this host has booted: of the time before nothing is known'
    blind=-
  elif ((NOW - last > TOLERATE)); then
    text="did not look for $((NOW - last)) seconds"
  fi
  if [[ $BLIND == yes ]]; then
    [[ $blind != - ]] || blind=$NOW
  elif [[ $blind != - ]]; then
    ((NOW - blind < TOLERATE)) || text="was cut off for $((NOW - blind)) seconds"
    blind=-
  fi
  if [[ -n $text ]]; then
    enqueue notice blind - - 0 "the prober $text" "the prober $text: what became of the nodes then, it did not see"
    CHANGED=yes
  fi
  keep prober "$BOOT_ID $NOW $blind"
}

silence() {
  local target known=no
  for target in "${TARGETS[@]}"; do [[ ${target%%/*} != "$1" ]] || known=yes; done
  [[ $known == yes ]] || usage "--silence: expected one of ${TARGETS[*]%%/*}, got '$1'"
  if ! [[ $2 =~ ^(0|[1-9][0-9]{0,2})$ ]] || (($2 > LONGEST_SILENCE_MINUTES)); then
    usage "--silence: expected minutes from 0 to $LONGEST_SILENCE_MINUTES, got '$2'"
  fi
  if (($2 == 0)); then
    rm -f -- "$STATE_FOLDER/silence/$1"
    log notice "$1: no longer silenced"
    printf '%s: no longer silenced\n' "$1"
    return 0
  fi
  keep "silence/$1" "$BOOT_ID $((NOW + $2 * 60)) $2"
  log notice "$1: silenced for $2 minutes"
  printf '%s: nothing bad is told of it for %s minutes; "--silence %s 0" ends that\n' "$1" "$2" "$1"
}

# After a boot of this host nobody knows how much of it was left: it is over.
read_silence() {
  local line='' boot until
  SILENT=no PLANNED='' SILENT_LEFT=0
  { IFS= read -r line <"$STATE_FOLDER/silence/$1"; } 2>/dev/null || return 0
  [[ $line =~ ^[-0-9a-f]+\ [0-9]+\ [0-9]+$ ]] || return 0
  read -r boot until PLANNED <<<"$line"
  if [[ $boot == "$BOOT_ID" ]] && ((NOW < until)); then
    SILENT=yes SILENT_LEFT=$((until - NOW)) PLANNED=''
  fi
}
