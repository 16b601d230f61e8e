#!/usr/bin/env bash
# state.sh - part of converge.sh: what it says, what it remembers, and the one way in which it writes.
#
# Everything is remembered before it is done: a record without its effect is completed by the next run, an effect
# without its record would be forgotten.
#
# Environment: that of converge.sh.
# shellcheck disable=SC2034,SC2154  # the parts share their variables

declare -g changed=0 refused=0

# say WORD ITEM [WHY]: the one line for an item.
say() {
  printf '%s %s%s\n' "$1" "$2" "${3:+: $3}"
  case $1 in
    changed | restored | removed) changed=1 ;;
    refused) refused=1 ;;
  esac
}

# Nothing here may wait for ever, least of all on a disk that is dying.
run() { timeout --kill-after=5 "$CONVERGE_TIMEOUT" "$@"; }

# A path or word as the name of a record; "%" is in no plan.
encode() { printf '%s' "${1//\//%}"; }
decode() { printf '%s' "${1//%//}"; }

is_recorded() { [[ -e $STATE/$1/$(encode "$2") ]]; }
recorded() { printf '%s' "$(<"$STATE/$1/$(encode "$2")")"; }

# record KIND ITEM TEXT
record() {
  local target
  target=$STATE/$1/$(encode "$2")
  run mkdir -p "${target%/*}"
  place_text "$3" "$target"
}

forget() { run rm -f -- "$STATE/$1/$(encode "$2")"; }

# records KIND: the recorded items, one a line.
records() {
  local path
  for path in "$STATE/$1"/*; do
    [[ -e $path ]] || continue
    decode "${path##*/}"
    printf '\n'
  done
}

# The name under which a file is written before it gets its own: always the same, so that no more than one is left over.
draft_of() { printf '%s/.%s.selfheal-new' "${1%/*}" "${1##*/}"; }

# commit DRAFT TARGET: from one instant to the next, and on the disk before anything builds on it.
commit() {
  run sync -- "$1"
  run mv -fT -- "$1" "$2"
  run sync -- "${2%/*}"
}

place_text() {
  local draft
  draft=$(draft_of "$2")
  run rm -f -- "$draft"
  printf '%s\n' "$1" >"$draft"
  commit "$draft" "$2"
}

# place_copy SOURCE TARGET [MODE]: with SOURCE's mode and owner where no MODE is given.
place_copy() {
  local draft
  draft=$(draft_of "$2")
  run rm -f -- "$draft"
  if [[ -n ${3:-} ]]; then
    run cp -- "$1" "$draft"
    run chmod "$3" "$draft"
  else
    run cp --preserve=mode,ownership -- "$1" "$draft"
  fi
  commit "$draft" "$2"
}

# place_same TEXT TARGET: new text for a file that keeps its mode and owner.
place_same() {
  local draft
  draft=$(draft_of "$2")
  run rm -f -- "$draft"
  run cp --preserve=mode,ownership -- "$2" "$draft"
  printf '%s\n' "$1" >"$draft"
  commit "$draft" "$2"
}

hash_of() {
  local sum
  sum=$(run sha256sum <"$1")
  printf '%s' "${sum%% *}"
}
