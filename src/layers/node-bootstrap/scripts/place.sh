#!/usr/bin/env bash
# place.sh - part of converge.sh: the one way in which it writes.
#
# A file is written whole under another name in the same folder, brought to the disk, and renamed. What fails leaves
# the old file and no draft, returns 1 and says why in "why".
#
# Environment: that of converge.sh.
# shellcheck disable=SC2034,SC2154  # the parts share their variables

# The name of a draft is always the same, so that no more than one is left over.
draft_of() { reply=${1%/*}/.${1##*/}.selfheal-new; }

# What a run left that was killed, or what did not get its name. Answers nothing, so that it may stand anywhere.
drop_draft() {
  local reply why
  draft_of "$1"
  [[ ! -e $reply && ! -L $reply ]] || run rm -f -- "$reply" || true # the failure that led here is what is told
}

# commit TARGET: from one instant to the next, and on the disk before anything builds on it.
commit() {
  draft_of "$1"
  local draft=$reply
  if attempt sync -- "$draft" && attempt mv -fT -- "$draft" "$1" && attempt sync -- "${1%/*}"; then return; fi
  drop_draft "$1"
  return 1
}

# draft_text TEXT TARGET
draft_text() {
  local text
  drop_draft "$2"
  draft_of "$2"
  text=$({ printf '%s\n' "$1" >"$reply"; } 2>&1) && return
  why="it cannot be written: ${text##*: }"
  drop_draft "$2"
  return 1
}

# draft_copy SOURCE TARGET MODE: MODE is "same" for SOURCE's mode and owner, "none" where there is neither, as on FAT.
draft_copy() {
  local draft
  drop_draft "$2"
  draft_of "$2"
  draft=$reply
  case $3 in
    none) attempt cp -- "$1" "$draft" && return ;;
    same) attempt cp --preserve=mode,ownership -- "$1" "$draft" && return ;;
    *) attempt cp -- "$1" "$draft" && attempt chmod "$3" "$draft" && return ;;
  esac
  drop_draft "$2"
  return 1
}

place_text() { draft_text "$1" "$2" && commit "$2"; }
place_copy() { draft_copy "$1" "$2" "$3" && commit "$2"; }

# place_same TEXT TARGET: new text for a file that keeps its mode and owner.
place_same() {
  local text
  draft_copy "$2" "$2" same || return
  draft_of "$2"
  text=$({ printf '%s\n' "$1" >"$reply"; } 2>&1) || {
    why="it cannot be written: ${text##*: }"
    drop_draft "$2"
    return 1
  }
  commit "$2"
}
