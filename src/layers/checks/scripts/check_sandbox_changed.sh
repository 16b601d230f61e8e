#!/usr/bin/env bash
# check_sandbox_changed.sh [-w RANGE] [-c RANGE] [-t SECONDS] - does a node fail to make pod sandboxes again and again?
#
# Counts the events SandboxChanged and FailedCreatePodSandBox of the last minutes by node; the worst node is judged. An
# event that repeats keeps its number since its first time: the share that falls into these minutes is taken. MicroK8s
# forgets events after five minutes, and an API server may drop some: none seen is not none there.
#
# Environment:
#   CHECKS_KUBECTL           kubectl, its words separated by one blank
#   CHECKS_SANDBOX_SECONDS   the window
#   CHECKS_SANDBOX_ERRORS    more than that many on one node are a warning
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
  ABOUT='Events of sandboxes that changed or could not be made.' RANGES='their number on one node' CRITICAL=''
  read_settings
  WARNING=${CHECKS_SANDBOX_ERRORS:-}
  begin "$@"
  KUBECTL=${CHECKS_KUBECTL:-kubectl}
  number SANDBOX_SECONDS
  number SANDBOX_ERRORS
  local reason total=0 worst=0 node=none status
  local -A on=()
  for reason in SandboxChanged FailedCreatePodSandBox; do add_up; done
  perf worst_node "$worst" '' "$WARNING" "$CRITICAL"
  perf all "$total" ''
  level "$worst"
  status=$reply
  span "$SANDBOX_SECONDS"
  if ((status == 0)); then
    found 0 "$total sandbox events in $reply, at most $worst on one node"
  else
    found "$status" "$worst sandbox events on $node in $reply, $total in all"
  fi
  finish
}

# Each event: its number, first and last time (an event of the newer API has eventTime and a series), its node.
add_up() {
  local row number first last host within sum
  ask '{{range .items}}{{if .series}}{{.series.count}} {{or .eventTime .firstTimestamp}} {{or .series.lastObservedTime .lastTimestamp "-"}}{{else}}{{or .count 1}} {{or .firstTimestamp .eventTime}} {{or .lastTimestamp .eventTime "-"}}{{end}} {{or .source.host .reportingInstance "-"}}{{"\n"}}{{end}}' \
    events -A --field-selector=reason="$reason"
  for row in ${ROWS[@]+"${ROWS[@]}"}; do
    read -r number first last host <<<"$row"
    count "event of $host" "$number"
    share
    # Anybody may write an event: bash before 5.2 runs $(...) in a name that is a key inside of ((...)).
    sum=$((${on[$host]:-0} + within))
    on[$host]=$sum
    total=$((total + within))
    if ((sum > worst)); then worst=$sum node=$host; fi
  done
}

# Sets "within": the last one counts, those before it as if evenly spread since the first.
share() {
  local lasted
  within=0
  age "event of $host" "$last"
  local ago=$reply
  ((ago < SANDBOX_SECONDS)) || return 0
  age "event of $host" "$first"
  lasted=$((reply - ago))
  if ((reply <= SANDBOX_SECONDS)); then
    within=$number
  else
    within=$((1 + (number - 1) * (SANDBOX_SECONDS - ago) / lasted))
  fi
}

LABEL=SANDBOXES

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then
  main "$@"
fi
