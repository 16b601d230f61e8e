#!/usr/bin/env bash
# at-once.sh - part of converge.sh: several files brought in one stroke.
#
# First it is noted what stands there, then all drafts are written, then it is noted whom to tell, then the drafts get
# their names. Each step is on the disk before the next, and the disk is asked once for all files: on the card of a
# small board it takes as long for one as for many.
#
# Environment: that of converge.sh.
# shellcheck disable=SC2004,SC2034,SC2154  # the parts share their variables, of which some have words for keys

declare -g blocked_at=''

# write_at_once PATH...: sets "blocked_at" where it fails.
write_at_once() {
  local path
  prepare_files "$@" && rename_files "$@" && settle_files "$@" && return
  drop_notes
  for path in "$@"; do drop_draft "$CONVERGE_ROOT$path"; done
  return 1
}

# prepare_files PATH...: everything but the last step, each step for all before the next.
prepare_files() {
  local step path drafts=()
  for step in note_file draft_file note_effects; do
    for path in "$@"; do
      blocked_at=$path
      "$step" "$path" || return
    done
    keep_notes || return
  done
  for path in "$@"; do
    draft_of "$CONVERGE_ROOT$path"
    drafts+=("$reply")
  done
  attempt sync -- "${drafts[@]}"
}

# rename_files PATH...: in this order, and what comes before the units is on the disk before the first of them.
rename_files() {
  local path units_begun='' folders=()
  for path in "$@"; do
    blocked_at=$path
    if [[ -z $units_begun && $path == /etc/systemd/* ]]; then
      units_begun=1
      sync_folders || return
    fi
    draft_of "$CONVERGE_ROOT$path"
    attempt mv -fT -- "$reply" "$CONVERGE_ROOT$path" || return
    state_of[$path]=changed
    [[ " ${folders[*]} " == *" $CONVERGE_ROOT${path%/*} "* ]] || folders+=("$CONVERGE_ROOT${path%/*}")
  done
  sync_folders
}

sync_folders() {
  [[ ${#folders[@]} -eq 0 ]] || attempt sync -- "${folders[@]}" || return
  folders=()
}
