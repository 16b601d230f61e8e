#!/usr/bin/env bash
# entries.sh - part of converge.sh: a file that is others' too, of which a few entries are ours.
#
# The words of a command line and the lines of an arguments file alike stand in the array "entries" while they are
# worked on. KEY_OF is the function that sets "key" to an entry's key. A record holds the entries that had the key
# before us, one a line, or nothing.
#
# Environment: that of converge.sh.
# shellcheck disable=SC2034,SC2154  # the parts share their variables

declare -ga entries=() claims=()
declare -g key='' verdict='' found=''

# entries_with KEY_OF KEY: sets "found", one a line.
entries_with() {
  local entry
  found=''
  for entry in "${entries[@]}"; do
    "$1" "$entry"
    [[ $key != "$2" ]] || found+=${found:+$'\n'}$entry
  done
}

# set_entries KEY_OF KEY [NEW...]: NEW in the place of all entries with this key, at the end where there is none.
set_entries() {
  local key_of=$1 wanted=$2 entry placed='' result=()
  shift 2
  for entry in "${entries[@]}"; do
    "$key_of" "$entry"
    if [[ $key != "$wanted" ]]; then
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
# Sets "verdict" to the word for the item, and "why" to what was found where that is a person's work.
take() {
  local kind=$1 item=$2 key_of=$3 wanted=$4 new=$5 present ours=1
  why=''
  entries_with "$key_of" "$wanted"
  present=${found//$'\n'/$'\t'}
  verdict=kept
  if [[ $present != "$new" ]]; then
    verdict=changed
    is_ours "$kind" "$item" "$present" || ours=''
    if [[ -z $ours ]]; then
      why="it was edited since: found ${present:-nothing}"
      [[ $on_drift != report ]] || verdict=drifted
    fi
    if [[ -n $checking ]]; then
      verdict=drifted
      why=${why:-"found ${present:-nothing}"}
    fi
  fi
  [[ -z $checking && $verdict != drifted ]] || return 0
  is_recorded "$kind" "$item" || record "$kind" "$item" "$found" || return
  if [[ $verdict == changed ]]; then
    local said=$why
    claim "$kind" "$item" "$new" "$present" || return
    why=$said
    set_entries "$key_of" "$wanted" "$new"
  fi
  claims+=("$kind"$'\n'"$item"$'\n'"$new")
}

# Strikes out what came before, once all is written.
settle_claims() {
  local each part
  for each in "${claims[@]}"; do
    mapfile -t part <<<"$each"
    settle "${part[0]}" "${part[1]}" "${part[2]}" || return
  done
}

# give_back KIND ITEM KEY_OF KEY: the entries of before. Sets "verdict".
give_back() {
  local before=()
  why=''
  recorded "$1" "$2"
  [[ -z $reply ]] || mapfile -t before <<<"$reply"
  entries_with "$3" "$4"
  [[ $found == "$reply" ]] || is_ours "$1" "$2" "${found//$'\n'/$'\t'}" ||
    why="it was edited since: found ${found:-nothing}"
  verdict=removed
  [[ ${#before[@]} -eq 0 ]] || verdict=restored
  if [[ -n $checking ]]; then
    verdict=drifted why='it is no longer asked for'
  else
    set_entries "$3" "$4" "${before[@]}"
  fi
}

forget_entry() { forget "ours-$1" "$2" && forget "$1" "$2"; }
