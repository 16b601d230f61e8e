#!/usr/bin/env bash
# flags.sh - part of converge.sh: flags in files of one "--flag=value" a line, as MicroK8s keeps its daemons' arguments.
#
# All flags of a file are written at once: a lease shorter than its old renew deadline, even for an instant, is a
# scheduler that does not start. A record of the kind "flags" holds the lines that the flag had before us.
#
# Environment: that of converge.sh.
# shellcheck disable=SC2034,SC2154  # the parts share their variables

# "--flag=value" and "--flag value" are the same flag; a comment is none.
key_of_line() {
  local line=$1
  line=${line#"${line%%[![:blank:]]*}"}
  printf '%s' "${line%%[=[:blank:]]*}"
}

# converge_flags FILE FLAGS: FLAGS is one "FLAG VALUE UNIT" a line, or nothing where all flags of the file are given back.
converge_flags() {
  local file=$1 flags=$2 target=$CONVERGE_ROOT$1 why flag value unit item verdict said=() asked=' ' gone=() readers=()
  why=$(why_not "$file")
  [[ -n $why || -f $target ]] || why='expected an arguments file, found none'
  if [[ -n $why ]]; then
    say refused "$file" "$why"
    return
  fi
  mapfile -t entries <"$target"
  local before=("${entries[@]}")

  while read -r flag value unit; do
    [[ -n $flag ]] || continue
    asked+="$flag "
    take flags "$file $flag" key_of_line "$flag" "$flag=$value"
    said+=("$verdict $file $flag=$value")
    readers+=("$unit")
  done <<<"$flags"
  while read -r item; do
    flag=${item#"$file "}
    [[ $item == "$file $flag" && $asked != *" $flag "* ]] || continue
    give_back flags "$item" key_of_line "$flag"
    gone+=("$item")
    said+=("$verdict $item")
  done < <(records flags)

  if [[ $(printf '%s\n' "${entries[@]}") != "$(printf '%s\n' "${before[@]}")" ]]; then
    for unit in "${readers[@]}"; do note_start "$unit"; done
    place_same "$(printf '%s\n' "${entries[@]}")" "$target"
  fi
  for item in "${gone[@]}"; do forget flags "$item"; done
  [[ ${#gone[@]} -eq 0 ]] || say pending "$file" 'who reads it must start again to see that flags are gone'
  for verdict in "${said[@]}"; do say "${verdict%% *}" "${verdict#* }"; done
}

# The files that the records speak of, each once.
recorded_flag_files() {
  local item
  records flags | while read -r item; do printf '%s\n' "${item% *}"; done | run sort -u
}

invocation_of() { run systemctl show --property=InvocationID --value "$1"; }

# Which start of the unit has not read the change.
note_start() {
  local invocation
  invocation=$(invocation_of "$1")
  record starts "$1" "$invocation"
}

# Says which unit still runs with the old arguments, and forgets the others.
tell_pending_starts() {
  local unit invocation
  while read -r unit; do
    invocation=$(invocation_of "$unit")
    if [[ -n $invocation && $invocation == "$(recorded starts "$unit")" ]]; then
      say pending "$unit" 'it reads its new arguments when it starts next'
    else
      forget starts "$unit"
    fi
  done < <(records starts)
}
