#!/usr/bin/env bash
# check_k8s_lease_holder.sh [-w RANGE] [-c RANGE] [-t SECONDS] - are the control plane's leases renewed, by one that works?
#
# The ranges are for the seconds since the last renewal; one that is too old is asked for again 17 s later. A holder that
# renews its lease while pods wait that nobody looked at is a warning: it says which node to look at.
#
# Environment:
#   CHECKS_KUBECTL                       kubectl, its words separated by one blank
#   CHECKS_UNRENEWED_SECONDS             after how long without a renewal a lease is critical
#   CHECKS_UNTOUCHED_SECONDS             how long a pod may wait to be looked at
#   CHECKS_UNTOUCHED_WITH_CLAIM_SECONDS  the same while a volume is made for it
#
# Exit status: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN: it cannot tell.
# shellcheck source-path=SCRIPTDIR
# shellcheck disable=SC2034,SC2154  # the parts share their variables
set -euo pipefail
export LC_ALL=C

main() {
  local folder=${BASH_SOURCE[0]%/*} part
  for part in plugin verdict cluster; do
    # shellcheck source=/dev/null
    source "$folder/$part.sh" || { printf '%s UNKNOWN - %s.sh could not be read\n' "$LABEL" "$part" && exit 3; }
  done
  ABOUT='The leases of kube-scheduler and kube-controller-manager.' RANGES='the age of a renewal in seconds' WARNING=''
  read_settings
  CRITICAL=${CHECKS_UNRENEWED_SECONDS:-}
  begin "$@"
  KUBECTL=${CHECKS_KUBECTL:-kubectl}
  number UNTOUCHED_SECONDS
  number UNTOUCHED_WITH_CLAIM_SECONDS
  number UNRENEWED_SECONDS
  ask_leases
  local row name renewed holder node='' is_renewed=no again=no
  local -A first=()
  for row in "${ROWS[@]}"; do
    read -r name renewed holder <<<"$row"
    first[$name]=$renewed
    age "lease '$name'" "$renewed"
    level "$reply"
    [[ $reply == 0 ]] || again=yes
  done
  # The holder writes by its own clock, which may be behind: whether the time changes tells more than how old it is.
  if [[ $again == yes ]]; then
    sleep "$RENEWED_WITHIN"
    ask_leases
  fi
  for row in "${ROWS[@]}"; do
    read -r name renewed holder <<<"$row"
    judge_lease
    if [[ $name == kube-scheduler ]]; then
      node=${holder%_*}
      [[ $status != 0 ]] || is_renewed=yes
    fi
  done
  judge_holder
  finish
}

ask_leases() {
  ask '{{range .items}}{{.metadata.name}} {{or .spec.renewTime "-"}} {{or .spec.holderIdentity "-"}}{{"\n"}}{{end}}' \
    leases.coordination.k8s.io -n kube-system kube-scheduler kube-controller-manager
  ((${#ROWS[@]} == 2)) || unknown "expected two leases, got ${#ROWS[@]}"
}

judge_lease() {
  local seconds
  age "lease '$name'" "$renewed"
  seconds=$reply
  [[ $renewed == "${first[$name]:-}" ]] || seconds=0
  level "$seconds"
  status=$reply
  span "$seconds"
  perf "${name#kube-}" "$seconds" s "$WARNING" "$CRITICAL"
  if [[ $holder == - ]]; then
    found 2 "nobody holds the lease $name"
    status=2
  elif ((status == 0)); then
    found 0 "$name renewed $reply ago by ${holder%_*}"
  else
    found "$status" "$name not renewed for $reply by ${holder%_*}"
  fi
}

judge_holder() {
  ask_untouched
  perf untouched "$UNTOUCHED" ''
  [[ $is_renewed == yes ]] && ((UNTOUCHED > 0)) || return 0
  ask_nodes
  [[ ${READY_OF[$node]:-} != True ]] ||
    found 1 "$node is Ready, holds and renews the scheduler's lease, and $UNTOUCHED pods wait that it has not looked at"
}

LABEL=K8S_LEASES status=0
# MicroK8s renews every 15 seconds, everybody else every 2.
readonly RENEWED_WITHIN=17

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then
  main "$@"
fi
