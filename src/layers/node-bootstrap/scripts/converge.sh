#!/usr/bin/env bash
# converge.sh - bring this host to the state that the plan beside it describes, and keep it there.
#
# Runs on the host with the host's bash, coreutils, util-linux and systemd (and sysctl or update-grub where the plan
# needs them). What the plan no longer asks for is removed, or what stood there before is put back. A second run changes
# nothing. A run that was cut off is completed by the next. It reboots nothing and restarts no Kubernetes service; it
# says what waits for that.
#
# Prints one line for each item: kept, changed, restored, removed or refused, and "pending" for what waits.
#
# Environment:
#   CONVERGE_ROOT     a folder that stands for the host's root, for tests        (default: empty, the host itself)
#   CONVERGE_TIMEOUT  seconds that one external command may take                 (default 120)
#
# Exit status: 0 nothing to do, 1 bad settings (nothing touched), 2 cannot tell (an item was refused, the others are
# done, or something failed), 3 acted.
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
source "$HERE/paths.sh"
source "$HERE/effects.sh"
source "$HERE/files.sh"
source "$HERE/units.sh"
source "$HERE/entries.sh"
source "$HERE/cmdline.sh"
source "$HERE/flags.sh"
source "$HERE/plan.sh"

# The first thing that fails ends the run: what was noted is completed by the next.
trap 'printf "converge: failed: %s\n" "$BASH_COMMAND" >&2; exit 2' ERR

main() {
  : "${CONVERGE_ROOT:=}" "${CONVERGE_TIMEOUT:=120}"
  [[ -z $CONVERGE_ROOT || $CONVERGE_ROOT == /?* ]] || bad "CONVERGE_ROOT: expected an absolute path, got \"$CONVERGE_ROOT\""
  [[ $CONVERGE_TIMEOUT =~ ^[1-9][0-9]*$ ]] || bad "CONVERGE_TIMEOUT: expected seconds, got \"$CONVERGE_TIMEOUT\""
  PAYLOAD=$HERE STATE=$CONVERGE_ROOT$STATE_PATH held=''
  read_plan
  run mkdir -p "$STATE"
  lock
  converge
  [[ $refused -eq 0 ]] || exit 2
  [[ $changed -eq 0 ]] || exit 3
}

# Two runs at once would each take the other's drafts for its own.
lock() {
  exec 9<"$STATE"
  flock --exclusive --timeout "$CONVERGE_TIMEOUT" 9 || {
    printf 'converge: another run holds %s\n' "$STATE" >&2
    exit 2
  }
}

converge() {
  local item
  release_units "${units[@]}"
  for item in "${files[@]}"; do
    # Three fields without blanks, checked by read_plan.
    # shellcheck disable=SC2086
    converge_file $item
  done
  # A unit that could not be stopped keeps its files.
  if [[ -z $held ]]; then
    release_files "${paths[@]}"
    remove_empty_folders
  fi
  settle_manager
  settle_sysctls
  for item in "${units[@]}"; do converge_unit "$item"; done
  due update-grub update-grub
  converge_boot
  for item in "${flag_files[@]}"; do converge_flags "$item" "$(flags_in "$item")"; done
  while read -r item; do
    [[ " ${flag_files[*]} " == *" $item "* ]] || converge_flags "$item" ''
  done < <(recorded_flag_files)
  tell_pending_arguments "${arguments[@]}"
  tell_pending_starts
}

converge_boot() {
  local path
  path=$(boot_file "$boot_loader")
  if [[ -n $path ]]; then converge_arguments "$path" "${arguments[@]}"; fi
}

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then
  main "$@"
fi
