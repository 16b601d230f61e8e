#!/usr/bin/env bash
# converge.sh - bring this host to the state that the plan beside it describes, and keep it there.
#
# Usage: converge.sh            converge
#        converge.sh --check    say how the host differs from the plan, and write nothing at all
#
# Runs on the host with the host's bash, coreutils, util-linux and systemd (and sysctl or update-grub where the plan
# needs them). What the plan no longer asks for is removed, or what stood there before is put back. A second run changes
# nothing. A run that was cut off is completed by the next. It reboots nothing and restarts no Kubernetes service; it
# says what waits for that.
#
# Prints one line for each item: "WORD ITEM" or "WORD ITEM: WHY". The words: kept, changed, restored, removed; refused
# (left alone, or the disk did not take it; the others are done); cannot-tell (a question failed: left alone too);
# drifted (not as described: by --check, and where the plan says that a person's change is left); and "pending" for
# what waits.
#
# Environment:
#   CONVERGE_ROOT     a folder that stands for the host's root, for tests        (default: empty, the host itself)
#   CONVERGE_TIMEOUT  seconds that one external command may take                 (default 120)
#
# Exit status: 0 nothing to do, 1 bad settings (nothing touched), 2 cannot tell (an item was refused or could not be
# told, the others are done; or something failed), 3 acted. With --check: 0 as described, 1, 2 cannot tell, 3 drifted.
# shellcheck source-path=SCRIPTDIR
set -Eeuo pipefail
shopt -s extglob nullglob
export LC_ALL=C
umask 022

# Where the host keeps what is ours, and the part of it that is this program's own.
readonly STATE_PATH=/var/lib/selfheal/bootstrap

HERE=$(cd "${BASH_SOURCE[0]%/*}" && pwd)
readonly HERE
source "$HERE/state.sh"
source "$HERE/place.sh"
source "$HERE/paths.sh"
source "$HERE/probe.sh"
source "$HERE/effects.sh"
source "$HERE/boot-loader.sh"
source "$HERE/files.sh"
source "$HERE/at-once.sh"
source "$HERE/families.sh"
source "$HERE/units.sh"
source "$HERE/entries.sh"
source "$HERE/cmdline.sh"
source "$HERE/flags.sh"
source "$HERE/parameters.sh"
source "$HERE/plan.sh"

# The first thing that fails unforeseen ends the run: what was noted is completed by the next.
trap 'printf "converge: failed: %s\n" "$BASH_COMMAND" >&2; exit 2' ERR

main() {
  : "${CONVERGE_ROOT:=}" "${CONVERGE_TIMEOUT:=120}"
  [[ -z $CONVERGE_ROOT || $CONVERGE_ROOT == /?* ]] || bad "CONVERGE_ROOT: expected an absolute path, got \"$CONVERGE_ROOT\""
  [[ $CONVERGE_TIMEOUT =~ ^[1-9][0-9]*$ ]] || bad "CONVERGE_TIMEOUT: expected seconds, got \"$CONVERGE_TIMEOUT\""
  [[ $# -eq 0 || $* == --check ]] || bad "arguments: expected none or --check, got \"$*\""
  checking=${1:-} PAYLOAD=$HERE STATE=$CONVERGE_ROOT$STATE_PATH held='' BOOT_ID=none
  read_plan
  # What a killed run of another boot set is not what runs.
  [[ ! -r $CONVERGE_ROOT/proc/sys/kernel/random/boot_id ]] || read -r BOOT_ID <"$CONVERGE_ROOT/proc/sys/kernel/random/boot_id"
  # The plan lies in it.
  [[ -d $STATE ]] || run mkdir -p "$STATE"
  lock
  converge
  [[ $refused -eq 0 ]] || exit 2
  [[ $((changed + (${#checking} ? drifted : 0))) -eq 0 ]] || exit 3
}

# Two runs at once would each take the other's drafts for its own. A folder is locked, so that no lock is left behind.
lock() {
  local how=--exclusive
  [[ -z $checking ]] || how=--shared
  exec 9<"$STATE"
  flock "$how" --timeout "$CONVERGE_TIMEOUT" 9 || {
    printf 'converge: another run holds %s\n' "$STATE" >&2
    exit 2
  }
}

converge() {
  local item asked=()
  sweep
  records files && asked=("${items[@]}")
  recorded_flag_files && asked+=("${items[@]}" "${flag_files[@]}")
  boot_file "$boot_loader"
  probe_files "${paths[@]}" "${asked[@]}" ${reply:+"$reply"}
  ask_units
  release_units
  converge_files
  # A unit that could not be stopped keeps its files.
  if [[ -z $held ]]; then
    release_files
    [[ -n $checking ]] || remove_empty_folders
  fi
  settle_all
  converge_boot
  converge_all_flags
  tell_pending_arguments "${arguments[@]}"
  tell_pending_starts
}

# What is told once the files stand.
settle_all() {
  local item
  settle_manager
  [[ $changed -eq 0 ]] || ask_units
  settle_sysctls
  for item in "${units[@]}"; do converge_unit "$item"; done
  release_parameters
  for item in "${parameters[@]}"; do
    # Three fields without blanks, checked by read_plan.
    # shellcheck disable=SC2086
    converge_parameter $item
  done
  due update-grub update-grub
}

# One question for all units; those that read arguments are known from the plan and from the records.
ask_units() {
  local each readers=()
  for each in "${flags[@]}"; do readers+=("${each##* }"); done
  records starts
  probe_units "${units[@]}" "${readers[@]}" "${items[@]}"
}

converge_boot() {
  boot_file "$boot_loader"
  if [[ -n $reply ]]; then converge_arguments "$reply" "${arguments[@]}"; fi
}

converge_all_flags() {
  local item
  for item in "${flag_files[@]}"; do converge_flags "$item"; done
  recorded_flag_files
  for item in "${items[@]}"; do
    [[ " ${flag_files[*]} " == *" $item "* ]] || converge_flags "$item"
  done
}

# Drafts of a run that was killed while it remembered something.
sweep() {
  local drafts=("$STATE"/*/.*.selfheal-new)
  [[ -z $checking ]] || return 0
  [[ ${#drafts[@]} -eq 0 ]] || run rm -f -- "${drafts[@]}"
  drop_notes
}

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then
  main "$@"
fi
