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
  key=${1#"${1%%[![:blank:]]*}"}
  key=${key%%[=[:blank:]]*}
}

# converge_flags FILE: all flags of a file; where the plan has none of it, what the records speak of is given back.
converge_flags() {
  local file=$1 target=$CONVERGE_ROOT$1
  if ! allowed "$file"; then
    say refused "$file" "$why"
  elif [[ ! -f $target ]]; then
    say refused "$file" 'expected an arguments file, found none'
  elif ! read_lines "$file"; then
    say cannot-tell "$file" 'it cannot be read whole'
  else
    [[ -n $checking ]] || drop_draft "$target"
    set_flags "$file" || say refused "$file" "$why"
  fi
}

# read_lines FILE: into "entries"; its size says whether these are all.
read_lines() {
  local text size=${size_at[$1]:-0}
  mapfile -t entries <"$CONVERGE_ROOT$1" || return
  printf -v text '%s\n' "${entries[@]}"
  # The last line may lack its end, and an empty file has no line at all.
  [[ $size -eq 0 ]] || ((${#text} == size || ${#text} == size + 1))
}

set_flags() {
  local file=$1 flag value unit each item said=() asked=' ' gone=() readers=() before=("${entries[@]}") i
  claims=()
  for each in "${flags[@]}"; do
    read -r item flag value unit <<<"$each"
    [[ $item == "$file" ]] || continue
    asked+="$flag "
    take flags "$file $flag" key_of_line "$flag" "$flag=$value" || return
    said+=("$verdict" "$file $flag=$value" "$why")
    readers+=("$unit")
  done
  records flags
  for item in "${items[@]}"; do
    flag=${item#"$file "}
    [[ $item == "$file $flag" && $asked != *" $flag "* ]] || continue
    give_back flags "$item" key_of_line "$flag"
    gone+=("$item")
    said+=("$verdict" "$item" "$why")
  done
  if [[ -z $checking ]]; then
    write_flags "$file" || return
    [[ ${#gone[@]} -eq 0 ]] || say pending "$file" 'who reads it must start again to see that flags are gone'
  fi
  for ((i = 0; i < ${#said[@]}; i += 3)); do say "${said[@]:i:3}"; done
}

# The file if it is another, then the records.
write_flags() {
  local file=$1 unit item text old
  printf -v text '%s\n' "${entries[@]}"
  printf -v old '%s\n' "${before[@]}"
  if [[ $text != "$old" ]]; then
    writable "$file" || return
    for unit in "${readers[@]}"; do record starts "$unit" "${invocation_at[$unit]:-}" || return; done
    place_same "${text%$'\n'}" "$CONVERGE_ROOT$file" || return
  fi
  settle_claims || return
  for item in "${gone[@]}"; do forget_entry flags "$item" || return; done
}

# Sets "items" to the files that the records speak of.
recorded_flag_files() {
  local item files=()
  records flags
  for item in "${items[@]}"; do
    [[ " ${files[*]} " == *" ${item% *} "* ]] || files+=("${item% *}")
  done
  items=("${files[@]}")
}

# Says which unit still runs with the old arguments, and forgets the others.
tell_pending_starts() {
  local unit
  records starts
  for unit in "${items[@]}"; do
    recorded starts "$unit"
    if [[ -n ${invocation_at[$unit]:-} && ${invocation_at[$unit]} == "$reply" ]]; then
      say pending "$unit" 'it reads its new arguments when it starts next'
    elif [[ -z $checking ]]; then
      forget starts "$unit" || say refused "$unit" "$why"
    fi
  done
}
