#!/usr/bin/env bash
# plan.sh - part of converge.sh: what the host is to be like, read as a whole before anything is touched.
#
# One item a line, its fields parted by one blank:
#   selfheal-plan 1                   first line
#   boot-loader NAME                  piboot, raspberry-pi-firmware or grub
#   file MODE PAYLOAD PATH
#   on-drift WORD                     restore (default) or report: what a person changed of ours is put back, or left
#   unit NAME [PATH...]               enabled and running; a change of a PATH restarts it
#   argument WORD                     of the kernel command line
#   flag FILE FLAG VALUE UNIT
#   parameter MODULE NAME VALUE       in the running kernel
#   end                               last line: a plan that was cut off would take everything back
#
# Environment: that of converge.sh.
# shellcheck disable=SC2034,SC2154  # the parts share their variables

declare -g boot_loader='' on_drift=restore
declare -ga files=() paths=() payloads=() units=() arguments=() flags=() flag_files=() parameters=() parameter_items=()
# By path: its key in the payload, its mode. By unit: the paths that it reads, between blanks.
declare -gA payload_of=() mode_of=() reads_of=()

# bad TEXT: the plan is wrong; nothing has been touched yet.
bad() {
  printf 'plan: %s\n' "$1" >&2
  exit 1
}

read_plan() {
  local -A counts=([selfheal-plan]=2 [boot-loader]=2 [on-drift]=2 [file]=4 [argument]=2 [flag]=5 [parameter]=4 [end]=1)
  local fields=() kind number=0 last=''
  [[ -f $PAYLOAD/plan ]] || bad "'$PAYLOAD/plan': expected a file, got none"
  while read -ra fields; do
    number=$((number + 1))
    kind=${fields[0]:-}
    [[ $last != end ]] || bad "line $number: expected nothing after \"end\", got \"${fields[*]}\""
    [[ $number -gt 1 || ${fields[*]} == 'selfheal-plan 1' ]] ||
      bad "line 1: expected \"selfheal-plan 1\", got \"${fields[*]}\""
    [[ $kind == unit || (-n $kind && -n ${counts[$kind]:-}) ]] || bad "line $number: expected a known kind, got \"$kind\""
    [[ ${#fields[@]} -eq ${counts[$kind]:-${#fields[@]}} ]] ||
      bad "line $number: expected ${counts[$kind]} fields, got ${#fields[@]}: \"${fields[*]}\""
    last=$kind
    case $kind in
      selfheal-plan) [[ $number -eq 1 ]] || bad "line $number: expected \"selfheal-plan\" once" ;;
      boot-loader) read_boot_loader "${fields[@]:1}" ;;
      on-drift) read_on_drift "${fields[@]:1}" ;;
      file) read_file "${fields[@]:1}" ;;
      unit) read_unit "${fields[@]:1}" ;;
      argument) read_argument "${fields[@]:1}" ;;
      flag) read_flag "${fields[@]:1}" ;;
      parameter) read_parameter "${fields[@]:1}" ;;
    esac
  done <"$PAYLOAD/plan"
  [[ $last == end ]] || bad 'last line: expected "end", got something else (was it cut off?)'
  [[ -n $boot_loader ]] || bad 'boot-loader: expected one, got none'
}

read_boot_loader() {
  [[ $1 == @(piboot|raspberry-pi-firmware|grub) ]] || bad "boot-loader: expected a known one, got \"$1\""
  boot_loader=$1
}

read_on_drift() {
  [[ $1 == @(restore|report) ]] || bad "on-drift: expected \"restore\" or \"report\", got \"$1\""
  on_drift=$1
}

read_file() {
  local path=$3
  [[ $1 == 0[0-7][0-7][0-7] ]] || bad "file '$path': expected a mode of four digits, got \"$1\""
  [[ $2 =~ ^[A-Za-z0-9._-]+$ && -f $PAYLOAD/$2 ]] || bad "file '$path': expected its content in the payload, got \"$2\""
  root_of "$path" || bad "file '$path': expected a plain path in ${ROOTS[*]}, got one outside"
  [[ -z ${payload_of[$path]:-} ]] || bad "file '$path': expected once, got twice"
  files+=("$1 $2 $path")
  paths+=("$path")
  payloads+=("$2")
  payload_of[$path]=$2 mode_of[$path]=$1
}

read_unit() {
  local unit=${1:-} path
  [[ $unit =~ ^[A-Za-z0-9_:@-][A-Za-z0-9_.:@-]*\.(service|timer|socket|path|mount|target)$ ]] ||
    bad "unit: expected the name of a unit, got \"$unit\""
  [[ -z ${reads_of[$unit]:-} ]] || bad "unit '$unit': expected once, got twice"
  for path in "${@:2}"; do
    [[ $path == /* ]] || bad "unit '$unit': expected absolute paths that it reads, got \"$path\""
  done
  units+=("$unit")
  reads_of[$unit]=" ${*:2} "
}

read_argument() {
  local key wanted other
  [[ $1 =~ ^[A-Za-z0-9_.-]+(=[A-Za-z0-9_.,:/@+-]+)?$ ]] || bad "argument: expected a plain word, got \"$1\""
  key_of_word "$1"
  wanted=$key
  for other in "${arguments[@]}"; do
    key_of_word "$other"
    [[ $key != "$wanted" ]] || bad "argument '$key': expected one value, got \"$other\" and \"$1\""
  done
  arguments+=("$1")
}

read_flag() {
  root_of "$1" || bad "flag in '$1': expected a plain path in ${ROOTS[*]}, got one outside"
  [[ $2 =~ ^--[a-z0-9-]+$ ]] || bad "flag in '$1': expected \"--name\", got \"$2\""
  flags+=("$1 $2 $3 $4")
  [[ " ${flag_files[*]} " == *" $1 "* ]] || flag_files+=("$1")
}

read_parameter() {
  [[ $1 =~ ^[A-Za-z0-9_-]+$ ]] || bad "parameter: expected the name of a module, got \"$1\""
  [[ $2 =~ ^[A-Za-z0-9_]+$ ]] || bad "parameter of '$1': expected its name, got \"$2\""
  [[ " ${parameter_items[*]} " != *" $1.$2 "* ]] || bad "parameter '$1.$2': expected once, got twice"
  parameters+=("$1 $2 $3")
  parameter_items+=("$1.$2")
}
