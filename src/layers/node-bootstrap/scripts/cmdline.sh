#!/usr/bin/env bash
# cmdline.sh - part of converge.sh: words of the kernel command line in a file of the Raspberry Pi's firmware.
#
# GRUB's form is a file like any other, which the plan brings; only what waits for a reboot is told here.
# A record of the kind "arguments" holds the words that had the key before us, one a line.
#
# Environment: that of converge.sh.
# shellcheck disable=SC2034,SC2154  # the parts share their variables

# The file in which the firmware finds the command line; nothing where another mechanism brings it.
boot_file() {
  case $1 in
    piboot) printf /boot/firmware/current/cmdline.txt ;;
    raspberry-pi-firmware) printf /boot/firmware/cmdline.txt ;;
  esac
}

# The kernel does not tell "-" from "_" in the name of a parameter.
key_of_word() {
  local key=${1%%=*}
  printf '%s' "${key//-/_}"
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

# Prints why a boot file cannot be trusted to be a command line; nothing where it can.
boot_file_why_not() {
  local path=$1 file=$CONVERGE_ROOT$1 why line size quotes
  why=$(why_not "$path")
  if [[ -n $why ]]; then
    printf '%s' "$why"
  elif [[ ! -f $file ]]; then
    printf 'expected the kernel command line, found no file (is /boot/firmware mounted?)'
  else
    # What bash cannot hold (NUL bytes, further lines at the end) shows in the size.
    line=$(run tr -d '\0' <"$file")
    size=$(run stat -c %s -- "$file")
    quotes=${line//[^\"]/}
    if [[ -z ${line//[[:space:]]/} || $line == *[[:cntrl:]]* ]] || ((size - ${#line} > 1)); then
      printf 'expected one line of words, got something else'
    elif ((${#quotes} % 2)); then
      printf 'expected each quotation mark closed, got an odd number'
    fi
  fi
}

# converge_arguments PATH ARGUMENT...: nothing is opened where nothing is asked for and nothing is remembered.
converge_arguments() {
  local path=$1 argument key why verdict line said=() keys=' ' gone=()
  shift
  [[ $# -gt 0 || -n $(records arguments) ]] || return 0
  why=$(boot_file_why_not "$path")
  if [[ -n $why ]]; then
    say refused "$path" "$why"
    return
  fi
  line=$(<"$CONVERGE_ROOT$path")
  split "$line"
  # What follows "--" is not the kernel's: a word put there would do nothing.
  local before=("${entries[@]}") tail=() i
  for i in "${!before[@]}"; do
    [[ ${before[i]} == -- ]] || continue
    entries=("${before[@]:0:i}")
    tail=("${before[@]:i}")
    break
  done

  for argument in "$@"; do
    key=$(key_of_word "$argument")
    keys+="$key "
    take arguments "$key" key_of_word "$key" "$argument"
    said+=("$verdict $argument")
  done
  while read -r key; do
    [[ $keys != *" $key "* ]] || continue
    give_back arguments "$key" key_of_word "$key"
    gone+=("$key")
    said+=("$verdict $key")
  done < <(records arguments)

  entries+=("${tail[@]}")
  if [[ "${entries[*]}" != "${before[*]}" ]]; then
    if [[ ${#entries[@]} -eq 0 ]]; then
      say refused "$path" 'expected at least one word to be left, got none'
      return
    fi
    # FAT has neither modes nor owners: the text alone.
    place_text "${entries[*]}" "$CONVERGE_ROOT$path"
  fi
  for key in "${gone[@]}"; do forget arguments "$key"; done
  [[ ${#gone[@]} -eq 0 ]] || say pending reboot "the running kernel was started with ${gone[*]}"
  for verdict in "${said[@]}"; do say "${verdict%% *}" "${verdict#* }"; done
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
