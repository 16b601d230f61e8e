#!/usr/bin/env bash
# selfheal-upgrade-gate.sh - let this node's upgrade begin only while the rest of the cluster is well.
#
# Well means: this node and every other one that is named is Ready, not cordoned, and has kept its boot for the settling
# time; no roll of reboots is at work; the nodes of the Plan that goes first run the target release, and carry that
# Plan's mark, which is set only after they rebooted into it.
#
# Environment:
#   GATE_SELF               this node's name                                          (required)
#   GATE_RELEASE            the release to go to, e.g. 26.04                          (required)
#   GATE_KUBECTL            kubectl and its first words                               (required)
#   GATE_DAYS               weekdays on which it may begin, in lower case, with commas (required)
#   GATE_FROM               the time of day from which it may begin, e.g. 09:00       (required)
#   GATE_UNTIL              the time of day until which it may begin, e.g. 15:00      (required)
#   GATE_TIME_ZONE          the zone of those times                                   (required)
#   GATE_OTHERS             names of the nodes to look at besides, with commas        (default none)
#   GATE_FIRST              those of GATE_OTHERS that must be upgraded already        (default none)
#   GATE_FIRST_PLAN         namespace/name of their Plan; required with GATE_FIRST    (default none)
#   GATE_SETTLE_SECONDS     how long everything must have been well                   (default 600)
#   GATE_DEADLINE_SECONDS   how long to wait for that                                 (default 2400)
#   GATE_INTERVAL_SECONDS   how often to look                                         (default 15)
#   GATE_STATE              folder that outlives a reboot      (default /var/lib/selfheal/os-upgrade)
#   GATE_OS_RELEASE         what says the release              (default /etc/os-release)
#   GATE_UPTIME             what says the uptime               (default /proc/uptime)
#
# Exit status: 0 the upgrade may begin (or is done), 1 bad settings, 2 not well, or cannot tell.
set -euo pipefail

readonly NAME='^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$'

log() {
  printf 'upgrade-gate: %s\n' "$*"
}

bad_setting() {
  log "$1" >&2
  exit 1
}

check_settings() {
  GATE_OTHERS=${GATE_OTHERS:-} GATE_FIRST=${GATE_FIRST:-} GATE_FIRST_PLAN=${GATE_FIRST_PLAN:-}
  GATE_SETTLE_SECONDS=${GATE_SETTLE_SECONDS:-600} GATE_DEADLINE_SECONDS=${GATE_DEADLINE_SECONDS:-2400}
  GATE_INTERVAL_SECONDS=${GATE_INTERVAL_SECONDS:-15} GATE_STATE=${GATE_STATE:-/var/lib/selfheal/os-upgrade}
  GATE_OS_RELEASE=${GATE_OS_RELEASE:-/etc/os-release} GATE_UPTIME=${GATE_UPTIME:-/proc/uptime}
  [[ ${GATE_RELEASE:-} =~ ^[0-9]{2}\.[0-9]{2}$ ]] ||
    bad_setting "GATE_RELEASE: expected a release like 26.04, got '${GATE_RELEASE:-}'"
  [[ -n ${GATE_KUBECTL:-} ]] || bad_setting "GATE_KUBECTL: expected a command, got ''"
  [[ ,${GATE_DAYS:-} =~ ^(,(mon|tues|wednes|thurs|fri|satur|sun)day)+$ ]] ||
    bad_setting "GATE_DAYS: expected weekdays, got '${GATE_DAYS:-}'"
  [[ ${GATE_TIME_ZONE:-} =~ ^[A-Za-z0-9_+/-]+$ ]] ||
    bad_setting "GATE_TIME_ZONE: expected a time zone, got '${GATE_TIME_ZONE:-}'"
  [[ "${GATE_FROM:-}-${GATE_UNTIL:-}" =~ ^[0-9]{2}:[0-9]{2}-[0-9]{2}:[0-9]{2}$ ]] ||
    bad_setting "GATE_FROM, GATE_UNTIL: expected times like 09:00, got '${GATE_FROM:-}' and '${GATE_UNTIL:-}'"
  [[ $GATE_STATE == /*[!/] ]] || bad_setting "GATE_STATE: expected an absolute path, got '$GATE_STATE'"
  local name seconds
  for seconds in GATE_SETTLE_SECONDS GATE_DEADLINE_SECONDS GATE_INTERVAL_SECONDS; do
    [[ ${!seconds} =~ ^[1-9][0-9]{0,5}$ ]] || bad_setting "$seconds: expected seconds, got '${!seconds}'"
  done
  ((GATE_SETTLE_SECONDS < GATE_DEADLINE_SECONDS)) ||
    bad_setting "GATE_DEADLINE_SECONDS: expected more than $GATE_SETTLE_SECONDS, got '$GATE_DEADLINE_SECONDS'"
  read -r -a KUBECTL <<<"$GATE_KUBECTL"
  IFS=, read -r -a OTHERS <<<"$GATE_OTHERS"
  IFS=, read -r -a FIRST <<<"$GATE_FIRST"
  for name in "${GATE_SELF:-}" "${OTHERS[@]}" "${FIRST[@]}"; do
    [[ $name =~ $NAME ]] || bad_setting "GATE_SELF, GATE_OTHERS, GATE_FIRST: expected names of nodes, got '$name'"
  done
  for name in "${FIRST[@]}"; do
    [[ ,$GATE_OTHERS, == *",$name,"* ]] || bad_setting "GATE_FIRST: expected names out of GATE_OTHERS, got '$name'"
  done
  if ((${#FIRST[@]} > 0)); then
    [[ $GATE_FIRST_PLAN =~ ^[-a-z0-9]+/[-a-z0-9]+$ ]] ||
      bad_setting "GATE_FIRST_PLAN: expected namespace/name, got '$GATE_FIRST_PLAN'"
  fi
}

# Seconds since boot: a clock that is set while we wait must neither shorten nor lengthen the wait.
uptime_seconds() {
  local up
  read -r up _ <"$GATE_UPTIME" || return 1
  printf '%s' "${up%%.*}"
}

kube() {
  timeout 30 "${KUBECTL[@]}" "$@"
}

# Succeeds when this host runs the target release and no upgrade of it was cut short.
is_done() {
  local release
  release=$(sed -n 's/^VERSION_ID="\{0,1\}\([0-9.]*\)"\{0,1\}$/\1/p' "$GATE_OS_RELEASE") || return 1
  [[ $release == "$GATE_RELEASE" ]] || return 1
  [[ ! -e $GATE_STATE/phase ]] || [[ $(<"$GATE_STATE/phase") != upgrading* ]]
}

# Fails beside a roll at work or stopped at a node. One that a check has stopped touched none: it may wait for this Job.
check_roll() {
  local line holder roll path='{.spec.holderIdentity}|{.metadata.annotations.selfheal\.dev/roll}'
  PROBLEM='lease kube-system/selfheal-reboot: cannot be read'
  line=$(kube -n kube-system get lease selfheal-reboot --ignore-not-found -o "jsonpath=$path") || return 1
  IFS='|' read -r holder roll <<<"$line"
  PROBLEM="a roll of reboots is at work, or was stopped: ${holder:-selfheal reboot says where}"
  [[ -z $holder ]] && [[ -z $roll || $roll == *'"stopped":null'* || $roll == *'"step":"check"'* ]]
}

# Succeeds when this gate let this node pass before: its Job has cordoned it since, and has to come to its end.
has_passed() {
  [[ -e $GATE_STATE/passed && $(<"$GATE_STATE/passed") == "$GATE_RELEASE" ]]
}

# A Job that waited here may outlive the window in which the controller made it.
is_in_window() {
  local day time
  read -r day time <<<"$(TZ=$GATE_TIME_ZONE LC_ALL=C timeout 10 date '+%A %H:%M')"
  [[ -n $time && ,$GATE_DAYS, == *",${day,,},"* && ! $time < $GATE_FROM && $time < $GATE_UNTIL ]]
}

# Sets PROBLEM and fails where the node is not well or nothing can be said of it; appends its boot to BOOTS.
check_node() {
  local name=$1 mark=$2 ready unschedulable boot carried image rolled line path
  path='{.status.conditions[?(@.type=="Ready")].status}|{.spec.unschedulable}|{.status.nodeInfo.bootID}|'
  [[ -z $mark ]] || path+="{.metadata.labels.plan\\.upgrade\\.cattle\\.io/${GATE_FIRST_PLAN#*/}}"
  path+='|{.status.nodeInfo.osImage}|{.metadata.annotations.selfheal\.dev/reboot}'
  PROBLEM="node $name: cannot be read"
  line=$(kube get node "$name" -o "jsonpath=$path") || return 1
  IFS='|' read -r ready unschedulable boot carried image rolled <<<"$line"
  PROBLEM="node $name: a roll of reboots works on it, or was stopped there"
  [[ -z $rolled ]] || return 1
  PROBLEM="node $name: expected Ready, got '$ready'"
  [[ $ready == True ]] || return 1
  PROBLEM="node $name: expected a boot id, got ''"
  [[ -n $boot ]] || return 1
  PROBLEM="node $name: is cordoned"
  [[ $unschedulable != true ]] || { [[ $name == "$GATE_SELF" ]] && has_passed; } || return 1
  BOOTS+="$name=$boot "
  [[ -n $mark ]] || return 0
  PROBLEM="node $name: expected Ubuntu $GATE_RELEASE, got '$image'"
  [[ $image =~ ^Ubuntu\ ${GATE_RELEASE//./\\.}([. ]|$) ]] || return 1
  PROBLEM="node $name: has not finished Plan $GATE_FIRST_PLAN"
  [[ $carried == "$mark" ]]
}

check_all() {
  local name mark='' expected
  BOOTS=''
  check_roll || return 1
  if ((${#FIRST[@]} > 0)); then
    PROBLEM="plan $GATE_FIRST_PLAN: cannot be read"
    mark=$(kube -n "${GATE_FIRST_PLAN%/*}" get plans.upgrade.cattle.io "${GATE_FIRST_PLAN#*/}" \
      -o 'jsonpath={.status.latestHash}') || return 1
    [[ -n $mark ]] || return 1
  fi
  for name in "$GATE_SELF" "${OTHERS[@]}"; do
    [[ $BOOTS != *"$GATE_SELF="* || $name != "$GATE_SELF" ]] || continue
    expected=''
    [[ ,$GATE_FIRST, != *",$name,"* ]] || expected=$mark
    check_node "$name" "$expected" || return 1
  done
}

wait_until_settled() {
  local start now since='' boots='' told=''
  PROBLEM='uptime: cannot be read'
  start=$(uptime_seconds) || return 1
  while true; do
    now=$(uptime_seconds) || return 1
    if ! check_all; then
      since=''
    else
      PROBLEM="nodes: well for less than $GATE_SETTLE_SECONDS s"
      [[ -n $since && $BOOTS == "$boots" ]] || since=$now boots=$BOOTS
      ((now - since < GATE_SETTLE_SECONDS)) || return 0
    fi
    [[ $PROBLEM == "$told" ]] || { told=$PROBLEM && log "waits: $PROBLEM"; }
    ((now - start < GATE_DEADLINE_SECONDS)) || return 1
    sleep "$GATE_INTERVAL_SECONDS"
  done
}

main() {
  check_settings
  if is_done; then
    log "$GATE_SELF runs $GATE_RELEASE already"
    return 0
  fi
  if ! wait_until_settled; then
    log "gave up after $GATE_DEADLINE_SECONDS s: $PROBLEM" >&2
    return 2
  fi
  if ! has_passed && ! is_in_window; then
    log "every node is well, but it is not $GATE_DAYS between $GATE_FROM and $GATE_UNTIL" >&2
    return 2
  fi
  mkdir -p "$GATE_STATE"
  printf '%s\n' "$GATE_RELEASE" >"$GATE_STATE/passed"
  log "every node was well for $GATE_SETTLE_SECONDS s, $GATE_SELF may be upgraded"
}

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then
  main "$@"
fi
