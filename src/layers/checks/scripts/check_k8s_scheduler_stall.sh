#!/usr/bin/env bash
# check_k8s_scheduler_stall.sh [-w RANGE] [-c RANGE] [-t SECONDS] - does the scheduler look at pods?
#
# A pod that it looked at has the condition PodScheduled, also where it found no place; one that nobody looked at has
# none. That tells a stalled scheduler from a full cluster. One for which a volume is being made has none either: for that
# there is more time.
#
# Environment:
#   CHECKS_KUBECTL                       kubectl, its words separated by one blank
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
  ABOUT='Pods that are pending and that the scheduler has not looked at.' RANGES='their number' WARNING='' CRITICAL=0
  read_settings
  begin "$@"
  KUBECTL=${CHECKS_KUBECTL:-kubectl}
  number UNTOUCHED_SECONDS
  number UNTOUCHED_WITH_CLAIM_SECONDS
  ask_untouched
  perf untouched "$UNTOUCHED" '' "$WARNING" "$CRITICAL"
  perf pending "$PENDING" ''
  perf oldest "$OLDEST" s
  local status patience
  level "$UNTOUCHED"
  status=$reply
  span "$UNTOUCHED_SECONDS"
  patience=$reply
  found "$status" "$UNTOUCHED pods pending for more than $patience that nobody looked at${EXAMPLE:+, e.g. $EXAMPLE} ($PENDING wait for a node)"
  finish
}

LABEL=K8S_SCHEDULER

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then
  main "$@"
fi
