#!/usr/bin/env bash
# cmdline.sh - part of converge.sh: words of the kernel command line in a file of the Raspberry Pi's firmware.
#
# GRUB's form is a file like any other, which the plan brings; only what waits for a reboot is told here.
# A record of the kind "arguments" holds the words that had the key before us, one a line.
#
# Environment: that of converge.sh.
# shellcheck disable=SC2034,SC2154  # the parts share their variables

# The kernel does not tell "-" from "_" in the name of a parameter.
key_of_word() {
  key=${1%%=*}
  key=${key//-/_}
}

# split LINE: its words into "entries". A blank between double quotes does not part words.
split() {
  local line=$1 word='' quoted='' char i
  entries=()
  for ((i = 0; i < ${#line}; i++)); do
    char=${line:i:1}
    if [[ $char == '"' ]]; then
      if [[ -n $quoted ]]; then quoted=''; else quoted=1; fi
    fi
    if [[ -z $quoted && $char == [[:blank:]] ]]; then
      [[ -z $word ]] || entries+=("$word")
      word=''
    else
      word+=$char
    fi
  done
  [[ -z $word ]] || entries+=("$word")
}

# read_line PATH: the one line of a boot file in "reply"; 1 where it is no command line, 2 where it cannot be read.
read_line() {
  local line='' quotes
  # A NUL byte ends what is read; the end of the file is called a failure.
  if IFS= read -r -d '' line <"$CONVERGE_ROOT$1"; then
    why='expected one line of words, got something else'
    return 1
  elif [[ ${#line} != "${size_at[$1]:-}" ]]; then
    why="it cannot be read whole: ${#line} bytes of ${size_at[$1]:-?}"
    return 2
  fi
  line=${line%$'\n'}
  quotes=${line//[^\"]/}
  if [[ -z ${line//[[:space:]]/} || $line == *[[:cntrl:]]* ]]; then
    why='expected one line of words, got something else'
  elif ((${#quotes} % 2)); then
    why='expected each quotation mark closed, got an odd number'
  else
    reply=$line
    return 0
  fi
  return 1
}

# converge_arguments PATH ARGUMENT...: nothing is opened where nothing is asked for and nothing is remembered.
converge_arguments() {
  local path=$1 recorded_keys=() status=0
  shift
  records arguments
  recorded_keys=("${items[@]}")
  [[ $# -gt 0 || ${#recorded_keys[@]} -gt 0 ]] || return 0
  if ! boot_loader_is_here || ! allowed "$path"; then
    say refused "$path" "$why"
    return
  fi
  read_line "$path" || status=$?
  if [[ $status -ne 0 ]]; then
    if [[ $status -eq 2 ]]; then say cannot-tell "$path" "$why"; else say refused "$path" "$why"; fi
    return
  fi
  [[ -n $checking ]] || drop_draft "$CONVERGE_ROOT$path"
  split "$reply"
  set_arguments "$path" "$@" || say refused "$path" "$why"
}

set_arguments() {
  local path=$1 argument wanted item said=() keys=' ' gone=() before=("${entries[@]}") tail=() i
  shift
  # What follows "--" is not the kernel's: a word put there would do nothing.
  for i in "${!before[@]}"; do
    [[ ${before[i]} == -- ]] || continue
    entries=("${before[@]:0:i}")
    tail=("${before[@]:i}")
    break
  done
  claims=()
  for argument in "$@"; do
    key_of_word "$argument"
    wanted=$key
    keys+="$wanted "
    take arguments "$wanted" key_of_word "$wanted" "$argument" || return
    said+=("$verdict" "$argument" "$why")
  done
  for item in "${recorded_keys[@]}"; do
    [[ $keys != *" $item "* ]] || continue
    give_back arguments "$item" key_of_word "$item"
    gone+=("$item")
    said+=("$verdict" "$item" "$why")
  done
  entries+=("${tail[@]}")
  if [[ -z $checking ]]; then
    write_arguments "$path" || return
    [[ ${#gone[@]} -eq 0 ]] || say pending reboot "the running kernel was started with ${gone[*]}"
  fi
  for ((i = 0; i < ${#said[@]}; i += 3)); do say "${said[@]:i:3}"; done
}

# The line if it is another, then the records.
write_arguments() {
  local path=$1 item
  if [[ "${entries[*]}" != "${before[*]}" ]]; then
    if [[ ${#entries[@]} -eq 0 ]]; then
      why='expected at least one word to be left, got none'
      return 1
    fi
    # FAT has neither modes nor owners: the text alone.
    writable "$path" && place_text "${entries[*]}" "$CONVERGE_ROOT$path" || return
  fi
  settle_claims || return
  for item in "${gone[@]}"; do forget_entry arguments "$item" || return; done
}

# A word that the running kernel was not started with waits for a reboot, which is not ours to ask for.
tell_pending_arguments() {
  local argument running
  [[ -r $CONVERGE_ROOT/proc/cmdline ]] || return 0
  running=$(<"$CONVERGE_ROOT/proc/cmdline")
  for argument in "$@"; do
    [[ " $running " == *" $argument "* ]] || say pending reboot "the running kernel was started without $argument"
  done
}
