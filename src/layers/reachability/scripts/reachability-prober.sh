#!/usr/bin/env bash
# reachability-prober.sh - tell somebody when a node of the cluster is silent, and when it is back.
#
# For any Linux host outside the cluster. A node is unreachable when neither ping nor TCP gets an answer. Times are
# seconds since this host's boot: its clock may step. What is told waits in a queue until it has got through.
#
#   reachability-prober.sh                         one look at every node; a timer starts it
#   reachability-prober.sh --status                what it knows, for people
#   reachability-prober.sh --silence NODE MINUTES  tell nothing bad of NODE for so long (at most 240; 0 ends it)
#   reachability-prober.sh --help
#
# Environment, or lines of the file REACHABILITY_SETTINGS where REACHABILITY_TARGETS is not set:
#   REACHABILITY_TARGETS            name/address/port+port,name/address/port,...                    (required)
#   REACHABILITY_TOLERATE_SECONDS   after so long a silence the message has arrived; 60 or more     (default 120)
#   REACHABILITY_PERIOD_SECONDS     between two looks, as the timer has it                          (default 20)
#   REACHABILITY_GATEWAY            answers while this host's own network is well       (default: the default route's)
#   REACHABILITY_FORM               ntfy | slack | webhook: what is posted       (default: nothing, the log only)
#   REACHABILITY_WEBHOOK            file with the URL   (default /etc/selfheal/reachability-prober.url)
#   REACHABILITY_TOKEN              file with a bearer token, if it is there (default /etc/selfheal/reachability-prober.token)
#   REACHABILITY_HEARTBEAT          file with a URL to call after each good look, if it is there
#                                   (default /etc/selfheal/reachability-prober.heartbeat)
#   REACHABILITY_STATE_FOLDER       what was seen and told               (default /var/lib/selfheal/reachability)
#   REACHABILITY_SPARE_FOLDER       the same while that one cannot be written    (default /run/selfheal-reachability)
#   REACHABILITY_PARTS_FOLDER       the parts of this program   (default /usr/local/lib/selfheal/reachability-prober)
#   REACHABILITY_PROC_FOLDER        another /proc, for tests                                        (default /proc)
#   REACHABILITY_SETTINGS           file of such lines        (default /etc/selfheal/reachability-prober.env)
#
# shellcheck disable=SC2034 # shared with the parts, which it reads in
#
# Exit status: 0 nothing to tell, 1 bad settings or arguments, 2 cannot tell, 3 told somebody.
# Of --status: 0 all nodes can be reached, 2 it cannot tell, 3 one or more cannot be reached.
set -euo pipefail
export LC_ALL=C

log() {
  timeout -k 2 5 logger -t reachability-prober -p "daemon.$1" -- "$2" || printf 'reachability-prober: %s\n' "$2" >&2
}

bad_setting() { log err "setting '$1': expected $2, got '$3'" && exit 1; }

usage() {
  printf 'reachability-prober.sh: %s\n' "$1" >&2
  exit 1
}

# By hand, without the unit, the settings are those of the unit.
read_settings_file() {
  local file=${REACHABILITY_SETTINGS:-/etc/selfheal/reachability-prober.env} name value
  [[ -z ${REACHABILITY_TARGETS:-} && -r $file ]] || return 0
  while IFS='=' read -r name value; do
    if [[ $name =~ ^REACHABILITY_[A-Z_]+$ ]]; then export "$name=$value"; fi
  done <"$file"
}

whole_number() {
  if ! [[ $2 =~ ^[1-9][0-9]{0,5}$ ]] || (($2 < $3)); then bad_setting "$1" "a whole number, $3 or more" "$2"; fi
}

read_settings() {
  local conf=/etc/selfheal/reachability-prober target
  read_settings_file
  TOLERATE=${REACHABILITY_TOLERATE_SECONDS:-120} PERIOD=${REACHABILITY_PERIOD_SECONDS:-20}
  GATEWAY=${REACHABILITY_GATEWAY:-} FORM=${REACHABILITY_FORM:-}
  WEBHOOK=${REACHABILITY_WEBHOOK:-$conf.url} TOKEN=${REACHABILITY_TOKEN:-$conf.token}
  HEARTBEAT=${REACHABILITY_HEARTBEAT:-$conf.heartbeat}
  STATE_FOLDER=${REACHABILITY_STATE_FOLDER:-/var/lib/selfheal/reachability}
  SPARE_FOLDER=${REACHABILITY_SPARE_FOLDER:-/run/selfheal-reachability}
  PROC=${REACHABILITY_PROC_FOLDER:-/proc}
  whole_number REACHABILITY_TOLERATE_SECONDS "$TOLERATE" 60
  whole_number REACHABILITY_PERIOD_SECONDS "$PERIOD" 1
  [[ $FORM =~ ^(ntfy|slack|webhook|)$ ]] || bad_setting REACHABILITY_FORM 'ntfy, slack, webhook or nothing' "$FORM"
  [[ $STATE_FOLDER == /?* ]] || bad_setting REACHABILITY_STATE_FOLDER 'an absolute path' "$STATE_FOLDER"
  [[ $SPARE_FOLDER == /?* ]] || bad_setting REACHABILITY_SPARE_FOLDER 'an absolute path' "$SPARE_FOLDER"
  IFS=, read -ra TARGETS <<<"${REACHABILITY_TARGETS:-}"
  ((${#TARGETS[@]} > 0)) || bad_setting REACHABILITY_TARGETS 'name/address/ports, separated by commas' ''
  for target in "${TARGETS[@]}"; do
    [[ $target =~ ^[a-z0-9]([a-z0-9.-]*[a-z0-9])?/[A-Za-z0-9:][A-Za-z0-9.:-]*/[0-9]{1,5}([+][0-9]{1,5})*$ ]] ||
      bad_setting REACHABILITY_TARGETS 'name/address/port+port' "$target"
  done
}

read_parts() {
  local parts=${REACHABILITY_PARTS_FOLDER:-/usr/local/lib/selfheal/reachability-prober} part
  for part in signs memory judge queue post report; do
    # shellcheck disable=SC1090 # each is checked as a script of its own
    source "$parts/$part.sh"
  done
}

# Sets NOW and BOOT_ID.
read_time() {
  { read -r NOW _ <"$PROC/uptime" && read -r BOOT_ID <"$PROC/sys/kernel/random/boot_id"; } 2>/dev/null || NOW=none
  NOW=${NOW%%.*}
  [[ $NOW =~ ^[0-9]+$ && $BOOT_ID =~ ^[-0-9a-f]+$ ]] ||
    { log err "cannot tell: uptime or boot id in '$PROC' could not be read" && return 1; }
}

# A node that is looked at counts from the look's start. Without a word from anybody it is this host that is cut off.
look() {
  local name signs target address ports
  CHANGED=no UNSURE=no
  declare -A SIGNS=()
  while read -r name signs; do SIGNS[$name]=$signs; done < <(look_at_all)
  if [[ ${SIGNS[*]} != *yes* && ${SIGNS[*]} != *refused* ]]; then
    log warning 'cannot tell: nothing answers, not even the gateway'
    BLIND=yes
  fi
  remember_prober || { log err 'what was seen of this host could not be kept' && UNWRITABLE=yes; }
  for target in "${TARGETS[@]}"; do
    IFS=/ read -r name address ports <<<"$target"
    signs=${SIGNS[$name]:-unknown unknown}
    [[ $BLIND == no ]] || signs='unknown unknown'
    # What cannot be kept of one node does not end the look at the others.
    judge "$name" "$address" "$signs" || { log err "$name: what was seen could not be kept" && UNWRITABLE=yes; }
  done
}

# One at a time: the look of the timer and a person's --silence write the same files. What a look and its messages may
# need is tried at once: a disk that takes the first of them and not the last would end the look half way.
with_lock() {
  mkdir -p "$STATE_FOLDER/nodes" "$STATE_FOLDER/queue" "$STATE_FOLDER/silence" 2>/dev/null &&
    printf '%65536s\n' x 2>/dev/null >"$STATE_FOLDER/written" && rm -f -- "$STATE_FOLDER/written" &&
    exec 9>"$STATE_FOLDER/lock" && timeout 30 flock 9
}

print_header() {
  local line
  while IFS= read -r line && [[ $line == '#'* ]]; do
    [[ $line == '#!'* || $line == *shellcheck* ]] || printf '%s\n' "${line#\#}"
  done <"${BASH_SOURCE[0]}"
}

main() {
  BLIND=no
  case ${1:-} in
  --help) (($# == 1)) || usage '--help: expected nothing behind it' ;;
  --status) (($# == 1)) || usage '--status: expected nothing behind it' ;;
  --silence) (($# == 3)) || usage "--silence: expected NODE MINUTES, got $(($# - 1)) words" ;;
  *) (($# == 0)) || usage "arguments: expected --status, --silence NODE MINUTES, --help or nothing, got '$1'" ;;
  esac
  if [[ ${1:-} == --help ]]; then
    print_header
    return 0
  fi
  read_settings
  read_parts
  read_time || return 2
  case ${1:-} in
  --status)
    report
    return
    ;;
  --silence)
    with_lock || usage "state folder '$STATE_FOLDER': expected one that can be written, run it with sudo"
    silence "$2" "$3"
    return 0
    ;;
  esac
  if ! with_lock 2>/dev/null; then
    log err "state folder '$STATE_FOLDER': expected one that can be written; '$SPARE_FOLDER' takes its place"
    STATE_FOLDER=$SPARE_FOLDER UNWRITABLE=yes
    with_lock || { log err "cannot tell: '$SPARE_FOLDER' cannot be written either" && return 2; }
  fi
  look
  deliver_all || UNDELIVERED=yes
  [[ $BLIND == yes || ${UNWRITABLE:-no} == yes || ${UNDELIVERED:-no} == yes ]] || heartbeat
  [[ $CHANGED == no ]] || return 3
  [[ $UNSURE == no ]] || return 2
}

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then
  main "$@"
fi
