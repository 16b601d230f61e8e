#!/usr/bin/env bash
# ledger.sh - part of selfheal-watchdog.sh: what survives a reboot, so that healing stays bounded.
#
# The file has two lines:
#   IN_A_ROW TOTAL ASKED_IN CROSSED_IN CROSSED_AT    reboots in a row, reboots at all, boot of the last reboot, boot and
#                                                    uptime of the last crossing
#   boot ID open|closed                              written ahead: a boot that was not closed counts as a reboot, since
#                                                    the disk may have been gone when it was asked for. So do power cuts.
#
# Environment: that of selfheal-watchdog.sh.
# shellcheck disable=SC2034,SC2154  # the parts share their variables

readonly LEDGER_SECONDS=2

# Sets the five words, NOTE, and LEDGER: good, bad (there, but makes no sense: the budget counts as spent) or unreadable.
read_ledger() {
  local status=0 words note
  IN_A_ROW=0 TOTAL=0 ASKED_IN=- CROSSED_IN=- CROSSED_AT=0 NOTE='' NOTED=no LEDGER=good WRITTEN=''
  bounded "$LEDGER_SECONDS" show_ledger || status=$?
  case $status in
    0) ;;
    3) return 0 ;; # none yet
    *)
      LEDGER=unreadable
      return 0
      ;;
  esac
  WRITTEN=$answer
  words=${answer%%$'\n'*} note=${answer:${#words}}
  note=${note#$'\n'}
  if [[ $words =~ ^(0|[1-9][0-9]{0,5})\ (0|[1-9][0-9]{0,8})\ [-0-9a-f]+\ [-0-9a-f]+\ (0|[1-9][0-9]{0,8})$ &&
    $note =~ ^(boot\ [-0-9a-f]+\ (open|closed))?$ ]]; then
    # Five words without blanks. No here-string: older shells put it into a file on a disk.
    # shellcheck disable=SC2086
    set -- $words
    IN_A_ROW=$1 TOTAL=$2 ASKED_IN=$3 CROSSED_IN=$4 CROSSED_AT=$5 NOTE=$note
  else
    LEDGER=bad IN_A_ROW=$MAX_REBOOTS
    log err "ledger '$STATE_FOLDER/ledger': expected five words and a note, got '$words'; the budget counts as spent"
  fi
}

show_ledger() {
  [[ -e $STATE_FOLDER/ledger ]] || return 3
  # Shorter than the wait for it, so that it is not left behind where it can be ended.
  timeout -k 1 1 head -c 4096 -- "$STATE_FOLDER/ledger"
}

# What changes nothing writes nothing: an SD card wears.
write_ledger() {
  local text="$IN_A_ROW $TOTAL $ASKED_IN $CROSSED_IN $CROSSED_AT"$'\n'"$NOTE"
  [[ $text != "$WRITTEN" ]] || return 0
  # A ledger that could not be read may say more than we know.
  [[ $LEDGER != unreadable ]] || return 1
  bounded "$LEDGER_SECONDS" put_ledger "$text" || return 1
  WRITTEN=$text
}

# Where the new name is lost, the file before it stands, which says `open` of this boot too, and the next one counts it:
# nobody has to wait for that before the act.
put_ledger() {
  local file=$STATE_FOLDER/ledger
  [[ -d $STATE_FOLDER/evidence ]] || mkdir -p "$STATE_FOLDER/evidence" || return 1
  printf '%s\n' "$1" >"$file.new" && sync "$file.new" && mv -f "$file.new" "$file" || return 1
  if [[ $NOTED == yes && $NOTE == *' open' ]]; then
    sync "$STATE_FOLDER" >/dev/null &
  else
    sync "$STATE_FOLDER"
  fi
} 2>/dev/null

# A boot that was left open may have ended in a reboot that could not be put down.
settle_last_boot() {
  local state=${NOTE##* } id=${NOTE#boot }
  id=${id% *}
  if [[ -n $id && $id != "$BOOT_ID" && $state == open && $ASKED_IN != "$id" ]]; then
    IN_A_ROW=$((IN_A_ROW + 1))
    log warning "the boot before this one did not end in an orderly way; it counts as one of $MAX_REBOOTS reboots in a row"
  fi
}

# note_boot open|closed: sets NOTED, whether this boot is on the disk. Without that nothing is acted upon.
note_boot() {
  NOTED=no NOTE="boot $BOOT_ID $1"
  if write_ledger; then
    NOTED=yes
  else
    log err "ledger '$STATE_FOLDER/ledger': expected to note this boot, could not; only reporting"
  fi
}

close_boot() {
  NOTE="boot $BOOT_ID closed"
  write_ledger || log err "ledger '$STATE_FOLDER/ledger': this boot could not be closed and will count as a reboot"
}
