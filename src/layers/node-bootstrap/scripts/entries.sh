#!/usr/bin/env bash
# entries.sh - part of converge.sh: a file that is others' too, of which a few entries are ours.
#
# The words of a command line and the lines of an arguments file alike stand in the array "entries" while they are
# worked on. KEY_OF is the function that prints an entry's key. A record holds the entries that had the key before us,
# one a line, or nothing.
#
# Environment: that of converge.sh.
# shellcheck disable=SC2034,SC2154  # the parts share their variables

declare -ga entries=()

# entries_with KEY_OF KEY
entries_with() {
  local entry
  for entry in "${entries[@]}"; do
    [[ $("$1" "$entry") != "$2" ]] || printf '%s\n' "$entry"
  done
}

# set_entries KEY_OF KEY [NEW...]: NEW in the place of all entries with this key, at the end where there is none.
set_entries() {
  local key_of=$1 key=$2 entry placed='' result=()
  shift 2
  for entry in "${entries[@]}"; do
    if [[ $("$key_of" "$entry") != "$key" ]]; then
      result+=("$entry")
    elif [[ -z $placed ]]; then
      result+=("$@")
      placed=1
    fi
  done
  [[ -n $placed ]] || result+=("$@")
  entries=("${result[@]}")
}

# take KIND ITEM KEY_OF KEY NEW: NEW as the only entry with its key; what stood there before is remembered once.
# Sets "verdict" to the word for the item.
take() {
  local kind=$1 item=$2 key_of=$3 key=$4 new=$5 present
  present=$(entries_with "$key_of" "$key")
  is_recorded "$kind" "$item" || record "$kind" "$item" "$present"
  verdict=kept
  [[ $present == "$new" ]] && return
  set_entries "$key_of" "$key" "$new"
  verdict=changed
}

# give_back KIND ITEM KEY_OF KEY: the entries of before. Sets "verdict".
give_back() {
  local before=()
  mapfile -t before < <(recorded "$1" "$2")
  set_entries "$3" "$4" "${before[@]}"
  verdict=removed
  [[ ${#before[@]} -eq 0 ]] || verdict=restored
}
