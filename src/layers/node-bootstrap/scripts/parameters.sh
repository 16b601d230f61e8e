#!/usr/bin/env bash
# parameters.sh - part of converge.sh: parameters of modules in the running kernel.
#
# What holds when a module is loaded stands in files or on the command line, which the plan brings. A record of the
# kind "parameters" holds the value that the running kernel had before us.
#
# Environment: that of converge.sh.
# shellcheck disable=SC2034,SC2154  # the parts share their variables

parameter_file() { reply=$CONVERGE_ROOT/sys/module/${1//-/_}/parameters/$2; }

# The kernel prints a switch as Y or N, whatever it was given.
same_value() {
  local there=$1 wanted=$2
  if [[ $there == [YN] ]]; then
    case $wanted in
      1 | y | on) wanted=Y ;;
      0 | n | off) wanted=N ;;
    esac
  fi
  [[ $there == "$wanted" ]]
}

# converge_parameter MODULE NAME VALUE
converge_parameter() {
  local module=$1 name=$2 value=$3 item=$1.$2 file present=''
  parameter_file "$module" "$name"
  file=$reply
  if [[ ! -d ${file%/parameters/*} ]]; then
    say pending "$item" 'the module is not loaded; it gets the value when it is'
  elif [[ ! -e $file ]]; then
    say refused "$item" "expected a parameter of this kernel, found no $file"
  elif ! IFS= read -r present <"$file"; then
    say cannot-tell "$item" "$file cannot be read"
  elif same_value "$present" "$value"; then
    if [[ -n $checking ]] || remember_parameter "$item" "$present" "$value"; then say kept "$item"; else say refused "$item" "$why"; fi
  else
    set_parameter "$item" "$file" "$present" "$value" || say refused "$item" "$why"
  fi
}

remember_parameter() {
  is_recorded parameters "$1" || record parameters "$1" "$2" || return
  settle parameters "$1" "$3"
}

set_parameter() {
  local item=$1 file=$2 present=$3 value=$4 note='' mode
  mode=$(run stat -c %a -- "$file") || mode=000
  if [[ $mode != *[2367]* ]]; then
    say pending "$item" "found $present, which cannot be changed before the module is loaded anew"
    return
  fi
  # Each boot starts with another value: what differs is only a hand's work where it was ours in this boot.
  if is_recorded parameters-boot "$item"; then
    recorded parameters-boot "$item"
    if [[ $reply == "$BOOT_ID" ]] && ! is_ours parameters "$item" "$present"; then note="it was edited since: found $present"; fi
  fi
  if [[ -n $checking || (-n $note && $on_drift == report) ]]; then
    say drifted "$item" "${note:-found $present}"
    return
  fi
  is_recorded parameters "$item" || record parameters "$item" "$present" || return
  claim parameters "$item" "$value" "$present" && record parameters-boot "$item" "$BOOT_ID" || return
  write_parameter "$file" "$value" && settle parameters "$item" "$value" || return
  say changed "$item" "$note"
}

# write_parameter FILE VALUE
write_parameter() {
  local text present=''
  text=$({ printf '%s\n' "$2" >"$1"; } 2>&1) || {
    why="the kernel did not take $2: ${text##*: }"
    return 1
  }
  IFS= read -r present <"$1" || true # an empty value reads as a failure
  same_value "$present" "$2" && return
  why="expected $2 to be taken, found $present"
  return 1
}

# Gives back every recorded parameter that the plan does not name.
release_parameters() {
  local item
  records parameters
  for item in "${items[@]}"; do
    if [[ " ${parameter_items[*]} " == *" $item "* ]]; then
      continue
    elif [[ -n $checking ]]; then
      say drifted "$item" 'it is no longer asked for'
    else
      release_parameter "$item" || say refused "$item" "$why"
    fi
  done
}

release_parameter() {
  local item=$1
  parameter_file "${item%%.*}" "${item#*.}"
  local file=$reply
  recorded parameters "$item"
  # A module that is gone took the value with it.
  [[ ! -e $file ]] || write_parameter "$file" "$reply" || return
  forget parameters-boot "$item" && forget_entry parameters "$item" || return
  say restored "$item"
}
