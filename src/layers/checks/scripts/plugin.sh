#!/usr/bin/env bash
# plugin.sh - part of the check_*.sh: options, ranges, the one line and the exit status of a Nagios plug-in.
#
# A check sets LABEL, ABOUT and RANGES (what -w and -c are compared with), calls `begin "$@"`, then `found` for each thing
# that it saw and `perf` for each figure, and ends with `finish`. Whatever ends it otherwise is UNKNOWN, never OK: bash
# leaves with 1 at an error, which would be read as WARNING.
#
# Environment: what is not set comes from CHECKS_SETTINGS_FILE (/etc/selfheal/checks.env), if that is there.
# shellcheck disable=SC2034,SC2154  # the parts share their variables

readonly VERSION=0.1.0
readonly WORDS=(OK WARNING CRITICAL UNKNOWN)
# From harmless to grave: what is known to be wrong is said before what cannot be told.
readonly GRAVITY=(0 2 3 1)
readonly LONGEST_LINE=600

finish() {
  local text='' i status=${STATUS:-3} order
  for order in 2 1 3 0; do
    for ((i = 0; i < ${#TEXTS[@]}; i++)); do
      # What is well is not told beside what is not.
      [[ ${LEVELS[i]} != "$order" || ( $order == 0 && $status != 0 ) ]] || text+="${text:+; }${TEXTS[i]}"
    done
  done
  text=${text:-nothing was found out}
  text=${text//[|[:cntrl:]]/ }
  local line="$LABEL ${WORDS[status]} - ${text:0:LONGEST_LINE}"
  [[ ${#FIGURES[@]} -eq 0 ]] || line+=" | ${FIGURES[*]}"
  ENDED=yes
  printf '%s\n' "$line"
  exit "$status"
}

# found STATUS TEXT
found() {
  LEVELS+=("$1")
  TEXTS+=("$2")
  if [[ -z $STATUS ]] || ((GRAVITY[$1] > GRAVITY[STATUS])); then STATUS=$1; fi
}

# What cannot be told ends the check.
unknown() {
  found 3 "$1"
  finish
}

ended() {
  [[ -z $ENDED ]] || return 0
  printf '%s UNKNOWN - the check itself ended early (status %s)\n' "$LABEL" "$1"
  exit 3
}

# perf NAME VALUE UNIT [WARN CRIT]: a figure; what is counted or measured here is never below 0.
perf() { FIGURES+=("${1//[^A-Za-z0-9_.-]/_}=$2$3;${4:-};${5:-};0"); }

# outside RANGE VALUE: whether the value alerts; no range never does. `10` is 0 to 10, `10:` 10 and more, `@` the inside.
outside() {
  local low=0 high='' inside=no
  [[ -n $1 ]] || return 1
  [[ $1 =~ ^(@?)((~|-?[0-9]+):)?(-?[0-9]+)?$ ]]
  [[ -z ${BASH_REMATCH[1]} ]] || inside=yes
  [[ -z ${BASH_REMATCH[3]} ]] || low=${BASH_REMATCH[3]}
  high=${BASH_REMATCH[4]}
  if { [[ $low == '~' ]] || (($2 >= low)); } && { [[ -z $high ]] || (($2 <= high)); }; then
    [[ $inside == yes ]]
  else
    [[ $inside == no ]]
  fi
}

# level VALUE: sets "reply" to what -w and -c make of it.
level() {
  reply=0
  if outside "$CRITICAL" "$1"; then reply=2; elif outside "$WARNING" "$1"; then reply=1; fi
}

# Seconds as a person says them.
span() {
  reply="$1 s"
  (($1 < 120)) || reply="$(($1 / 60)) min"
  (($1 < 7200)) || reply="$(($1 / 3600)) h"
}

help() {
  printf '%s\n\nUsage: %s.sh [-w RANGE] [-c RANGE] [-t SECONDS] [--last]\n\n' "$ABOUT" "$CHECK"
  printf '  -w, --warning RANGE    warn where %s is outside (default %s)\n' "$RANGES" "${WARNING:-none}"
  printf '  -c, --critical RANGE   the same, critical (default %s)\n' "${CRITICAL:-none}"
  printf '  -t, --timeout SECONDS  for the whole check (default %s)\n' "$LIMIT"
  printf '      --last             what selfheal-checks.timer saw last, as root\n'
  printf '  -h, --help             this\n  -V, --version          the version\n\n'
  printf 'Exit status: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN\n'
}

usage() {
  found 3 "$1; see --help"
  finish
}

# A plug-in is called without an environment. Read as text: what stands in the file is not run.
read_settings() {
  local line file=${CHECKS_SETTINGS_FILE:-/etc/selfheal/checks.env}
  [[ -r $file ]] || return 0
  while read -r line || [[ -n $line ]]; do
    [[ $line =~ ^(CHECKS_[A-Z_]+)=\"?([^\"]*)\"?$ ]] || continue
    [[ -v ${BASH_REMATCH[1]} ]] || printf -v "${BASH_REMATCH[1]}" '%s' "${BASH_REMATCH[2]}"
  done <"$file"
}

# number NAME: sets NAME from CHECKS_NAME, which must be a whole number.
number() {
  local variable=CHECKS_$1
  [[ ${!variable:-} =~ ^(0|[1-9][0-9]{0,8})$ ]] || unknown "setting '$variable': expected a whole number, got '${!variable:-}'"
  printf -v "$1" '%s' "${!variable}"
}

begin() {
  CHECK=${0##*/} CHECK=${CHECK%.sh}
  STATUS='' LAST='' ENDED='' LEVELS=() TEXTS=() FIGURES=() reply=''
  trap 'ended "$?"' EXIT
  : "${WARNING:=}" "${CRITICAL:=}"
  LIMIT=${CHECKS_TIMEOUT_SECONDS:-30}
  while (($#)); do
    case $1 in
      --*=*) set -- "${1%%=*}" "${1#*=}" "${@:2}" ;;
      -w | --warning) [[ $# -gt 1 ]] || usage "option '$1': expected a range, got nothing"; WARNING=$2; shift 2 ;;
      -c | --critical) [[ $# -gt 1 ]] || usage "option '$1': expected a range, got nothing"; CRITICAL=$2; shift 2 ;;
      -t | --timeout) [[ $# -gt 1 ]] || usage "option '$1': expected seconds, got nothing"; LIMIT=$2; shift 2 ;;
      --last) LAST=yes; shift ;;
      -h | --help) help; ENDED=yes; exit 3 ;;
      -V | --version) printf '%s.sh (selfheal) %s\n' "$CHECK" "$VERSION"; ENDED=yes; exit 3 ;;
      *) usage "option '$1': expected one of -w, -c, -t, --last, -h, -V" ;;
    esac
  done
  local range
  for range in "$WARNING" "$CRITICAL"; do
    # 010 would be eight, and 08 nothing at all.
    [[ $range =~ ^(@?((~|-?(0|[1-9][0-9]{0,8})):)?(-?(0|[1-9][0-9]{0,8}))?)$ && $range != @ ]] ||
      usage "range '$range': expected e.g. 10, 2: or @1:5, got that"
  done
  [[ $LIMIT =~ ^[1-9][0-9]{0,2}$ ]] || usage "timeout '$LIMIT': expected seconds from 1 to 999, got that"
  [[ -z $LAST ]] || last_verdict
}
