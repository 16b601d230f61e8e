#!/usr/bin/env bash
# act.sh - part of selfheal-watchdog.sh: from a decision to a machine that goes down, whatever it takes.
#
# STAGE says how far it is: none, asked (systemctl reboot), forced (systemctl reboot --force), reset (sysrq). It lies in
# memory too, so that a watchdog that is started again goes on from there and does not ask a second time.
#
# Environment: that of selfheal-watchdog.sh.
# shellcheck disable=SC2034,SC2154  # the parts share their variables

# The gate needs 6.5 s at most.
readonly PEERS_SECONDS=12

# Words of the detector: reboot|window|alert PATH COUNT AT WHY…
decided() {
  local action=$1 path=$2 at=$4 why=$5
  DECISION="$action $path at ${at%.*}s: $why"
  if [[ $action == alert ]]; then
    log crit "path $path: $why; only reporting"
    detached keep_evidence "path $path: $why"
  elif [[ $STAGE == none && $ASKED_IN != "$BOOT_ID" ]] && read_uptime; then
    why_not_now "$action" "$path" "$why"
    if [[ -n $WHY_NOT ]]; then hold_back "$path" "$why"; else ask_for_reboot "$path" "$at" "$why"; fi
  fi
  write_report
}

# Sets WHY_NOT. The evidence is gathered while the peers are asked.
why_not_now() {
  WHY_NOT=''
  if ((IN_A_ROW >= MAX_REBOOTS)); then
    WHY_NOT="the budget of $MAX_REBOOTS reboots in a row is spent"
  elif [[ $NOTED != yes ]]; then
    WHY_NOT="the ledger in '$STATE_FOLDER' could not be written, so that a reboot could be repeated without end"
  elif [[ $1 == window ]]; then
    bounded 5 why_not_in_window || answer='whether it is the maintenance window cannot be told'
    WHY_NOT=$answer
  fi
  [[ -z $WHY_NOT ]] || return 0
  if [[ -z $EVIDENCE_CHILD ]] && ((CENTISECONDS - EVIDENCE_STARTED >= 6000)); then start_evidence "path $2: $3"; fi
  ask_the_gate "$2"
}

# What it answers is all that counts; no answer is no "go".
ask_the_gate() {
  local status=0
  bounded "$PEERS_SECONDS" may_go "$1" || status=$?
  case $answer in
    go) ;;
    hold\ ?*) WHY_NOT=${answer#hold } ;;
    *) WHY_NOT="expected the peers' gate to say go or hold, got '$answer' (status $status)" ;;
  esac
}

# Who cannot be told hears what was said before; the gate itself does not open without it.
say_to_peers() { publish "$1" || true; }

# One line when it begins and when the reason changes; the detector decides again as long as it holds.
hold_back() {
  tell_detector "!held $WHY_NOT"
  say_to_peers watching
  if [[ "$1 $WHY_NOT" != "$HELD" ]]; then log crit "path $1: $2; held: $WHY_NOT"; fi
  HELD="$1 $WHY_NOT"
}

ask_for_reboot() {
  local path=$1 at=$2 why=$3
  IN_A_ROW=$((IN_A_ROW + 1)) TOTAL=$((TOTAL + 1)) ASKED_IN=$BOOT_ID CROSSED_IN=$BOOT_ID CROSSED_AT=${at%.*}
  if ! write_ledger; then
    if [[ $NOTE != *' open' ]]; then
      IN_A_ROW=$((IN_A_ROW - 1)) TOTAL=$((TOTAL - 1)) ASKED_IN=-
      WHY_NOT="the ledger in '$STATE_FOLDER' could not be written, so that a reboot could be repeated without end"
      hold_back "$path" "$why"
      return 0
    fi
    # The disk may hang: this boot stands there as open, and the next one counts it.
    log err "ledger in '$STATE_FOLDER' could not be written; the next boot counts this one by its note"
  fi
  HELD='' STAGE=asked STAGE_AT=$CENTISECONDS STAGE_PATH=$path
  note_stage
  await_evidence
  detached run_or_say systemctl reboot
  log crit "path $path: $why; rebooting ($IN_A_ROW of $MAX_REBOOTS in a row)"
  tell_detector "!asked $path $NOW"
}

# Not by way of `timeout`, which is one more file on the disk: nobody waits for it.
run_or_say() { "$@" || write_log crit "'$*' failed"; }

# Each stage has its own deadline, and none needs the one before it to have come to an end.
escalate() {
  case $STAGE in
    asked) ((CENTISECONDS - STAGE_AT >= REBOOT_DEADLINE_SECONDS * 100)) || return 0 ;;
    forced) ((CENTISECONDS - STAGE_AT >= FORCED_DEADLINE_SECONDS * 100)) || return 0 ;;
    *) return 0 ;;
  esac
  STAGE_AT=$CENTISECONDS
  if [[ $STAGE == asked ]]; then
    STAGE=forced
    note_stage
    log crit "still up ${REBOOT_DEADLINE_SECONDS}s after the reboot was asked for; forcing it"
    detached run_or_say systemctl reboot --force
    return 0
  fi
  STAGE=reset
  note_stage
  log crit "still up ${FORCED_DEADLINE_SECONDS}s after the reboot was forced; resetting by sysrq"
  reset_by_sysrq
}

# Sync and remount read-only, which only begin here and may hang; then reset. kernel.sysrq does not bind this file.
reset_by_sysrq() {
  local key
  for key in s u b; do
    { printf '%s' "$key" >>"$PROC/sysrq-trigger"; } 2>/dev/null || log crit "sysrq $key failed"
    pause 0.5
  done
}

note_stage() { printf '%s %s %s %s\n' "$BOOT_ID" "$STAGE" "$STAGE_AT" "$STAGE_PATH" >"$RUN_FOLDER/asked"; }

# Where the file makes no sense, something was asked for, and that is all that is known: nothing is asked again.
read_stage() {
  local boot
  STAGE=none STAGE_AT=0 STAGE_PATH=-
  [[ -e $RUN_FOLDER/asked ]] || return 0
  # An empty file leaves empty words, which the next line sees.
  read -r boot STAGE STAGE_AT STAGE_PATH <"$RUN_FOLDER/asked" || true
  if [[ $boot =~ ^[-0-9a-f]{36}$ && $boot != "$BOOT_ID" ]]; then
    STAGE=none STAGE_AT=0
  elif [[ ! $STAGE =~ ^(asked|forced|reset)$ || ! $STAGE_AT =~ ^[0-9]{1,12}$ ]]; then
    STAGE=asked STAGE_AT=$CENTISECONDS STAGE_PATH=-
  fi
}
