#!/usr/bin/env bash
# host-report.sh - say in one line of JSON how this host is. Reads only.
#
# Every field is null where it cannot be told, and one that cannot does not keep the others from being told. Read by
# `selfheal check`; src/ops/check/host-report.ts says what each field means.
#
# Environment:
#   REPORT_CLUSTER_IP       the ClusterIP of `kubernetes`, which every pod is told    (default: its rules cannot be told)
#   REPORT_CLUSTER_PORT     its port                                                  (default 443)
#   REPORT_KUBELET_UNIT     the unit of the kubelet                                   (default: none)
#   REPORT_DATASTORE_UNIT   the unit of kine or dqlite                                (default: none)
#   REPORT_LOG_SECONDS      how far back logs are read, within this boot              (default 600)
#   REPORT_API_ADDRESS      where an API server is reached without a ClusterIP        (default: none)
#   REPORT_API_PORT         its port                                                  (default 6443)
#   REPORT_PROGRAMS_FOLDER  the distribution's iptables, where the host has none      (default: none)
#   REPORT_DISKS            paths, one blank between them                             (default /)
#   REPORT_CERTIFICATES     folders of certificates, one blank between them           (default: none)
#   REPORT_ROOT             a folder that stands for the host's root, for tests       (default: empty, the host itself)
# What is not set comes from /etc/selfheal/host-report.env, if that is there.
#
# Exit status: 0 told, 1 bad settings, 2 cannot tell: its parts are not beside it.
# shellcheck source-path=SCRIPTDIR
# shellcheck disable=SC2034,SC2154  # the parts share their variables
set -euo pipefail
shopt -s nullglob extglob
export LC_ALL=C

main() {
  HERE=$(cd "${BASH_SOURCE[0]%/*}" && pwd)
  local part
  for part in nat-rules unit-log watchdog-report report-network report-disks report-boot; do
    # shellcheck source=/dev/null
    source "$HERE/$part.sh" || { printf "host-report: '%s': expected %s.sh there, found none\n" "$HERE" "$part" >&2 && exit 2; }
  done
  ROOT=${REPORT_ROOT:-}
  read_settings
  local json='"report":1' reply why uptime boot=null
  PROC_FOLDER=$ROOT/proc PROGRAMS_FOLDER=${REPORT_PROGRAMS_FOLDER:-}
  tell_boot
  tell_clock
  tell_rules
  tell_calico
  tell_logs
  tell_watchdog
  tell_disks
  tell_pending
  tell_certificates
  printf '{%s}\n' "$json"
}

# Read as text: what stands in the file is not run.
read_settings() {
  local line file=$ROOT/etc/selfheal/host-report.env
  if [[ -r $file ]]; then
    while read -r line || [[ -n $line ]]; do
      [[ $line =~ ^(REPORT_[A-Z_]+)=\"?([^\"]*)\"?$ ]] || continue
      [[ -v ${BASH_REMATCH[1]} ]] || printf -v "${BASH_REMATCH[1]}" '%s' "${BASH_REMATCH[2]}"
    done <"$file"
  fi
  : "${REPORT_LOG_SECONDS:=600}" "${REPORT_DISKS:=/}"
  [[ $REPORT_LOG_SECONDS =~ ^[1-9][0-9]{0,5}$ ]] || {
    printf "host-report: REPORT_LOG_SECONDS: expected seconds, got '%s'\n" "$REPORT_LOG_SECONDS" >&2
    exit 1
  }
}

# field NAME VALUE: the value as JSON has it.
field() { json+=",\"$1\":$2"; }

# text TEXT: sets "reply" to it as JSON; what needs an escape is none of ours.
text() {
  reply=null
  if [[ $1 =~ ^[A-Za-z0-9_./:+@~=,-]{1,200}$ ]]; then reply="\"$1\""; fi
}

# read_word FILE: sets "word" to its first word.
read_word() {
  word=''
  { read -r word _ <"$1"; } 2>/dev/null || [[ -n $word ]]
}

# For the parts: no single question may take longer.
seconds_left() { reply=5; }

tell_boot() {
  local word id=null
  if read_word "$PROC_FOLDER/sys/kernel/hostname"; then text "$word"; else reply=null; fi
  field node "$reply"
  if read_word "$PROC_FOLDER/sys/kernel/random/boot_id" && [[ $word =~ ^[-0-9a-f]{36}$ ]]; then id="\"$word\""; fi
  field bootId "$id"
  uptime=''
  if read_word "$PROC_FOLDER/uptime" && [[ $word =~ ^[0-9]{1,9}\.[0-9]+$ ]]; then uptime=${word%.*}; fi
  field uptimeSeconds "${uptime:-null}"
}

# What the host takes for the time. Nothing here is decided by it.
tell_clock() {
  local now answer
  printf -v now '%(%s)T' -1
  field epochSeconds "$now"
  answer=$(timeout -k 1 5 timedatectl show -p NTPSynchronized --value 2>/dev/null) || answer=''
  case $answer in
    yes) field clockSynchronized true ;;
    no) field clockSynchronized false ;;
    *) field clockSynchronized null ;;
  esac
}

# Each unit's log is read once: on k3s kubelet and datastore are one.
tell_logs() {
  local kubelet=${REPORT_KUBELET_UNIT:-} store=${REPORT_DATASTORE_UNIT:-} unit='' log cut='' RECENT=()
  local reserved=null datastore=null names locked canceled
  if recent_of "$kubelet"; then
    count_names
    # None in the part of a log that could be read is not none.
    [[ -n $cut && $names -eq 0 ]] || reserved=$names
  fi
  if [[ -n $store ]] && { [[ $unit == "$store" ]] || recent_of "$store"; }; then
    count_errors
    [[ -n $cut && $((locked + canceled)) -eq 0 ]] || datastore="{\"locked\":$locked,\"canceled\":$canceled}"
  fi
  field sandboxNamesReserved "$reserved"
  field datastore "$datastore"
}

# recent_of UNIT: sets "unit" where its log could be read.
recent_of() {
  [[ -n $uptime && $1 =~ ^[A-Za-z0-9@:_.-]+\.service$ ]] || return 1
  read_unit_log "$1" 10 || return 1
  recent "$REPORT_LOG_SECONDS"
  unit=$1
}

# Sets "names" to how many names of sandboxes were refused: the kubelet asks for each again and again.
count_names() {
  local line
  local -A seen=()
  names=0
  for line in ${RECENT[@]+"${RECENT[@]}"}; do
    [[ $line =~ name\ [\\]*\"?([A-Za-z0-9._-]+)[\\]*\"?\ is\ reserved\ for ]] || continue
    seen[${BASH_REMATCH[1]}]=1
  done
  names=${#seen[@]}
}

tell_watchdog() {
  local tick up budget held value=null silent=null
  if [[ -n $uptime && (-d $ROOT/run/selfheal/watchdog || -e $ROOT/var/lib/node-exporter/textfile/selfheal_watchdog.prom) ]]; then
    if read_life "$ROOT/run/selfheal/watchdog"; then silent=$((uptime - tick)); fi
    if ! read_power "$ROOT/var/lib/node-exporter/textfile"; then budget=null held=null; fi
    case $held in
      0) held=false ;;
      1) held=true ;;
    esac
    value="{\"budgetLeft\":$budget,\"held\":$held,\"silentSeconds\":$silent}"
  fi
  field watchdog "$value"
}

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then
  main "$@"
fi
