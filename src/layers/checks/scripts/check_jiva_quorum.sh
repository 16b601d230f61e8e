#!/usr/bin/env bash
# check_jiva_quorum.sh [-w RANGE] [-c RANGE] [-t SECONDS] - has each Jiva volume enough ready replicas?
#
# The volume with the fewest is judged: without a quorum it is read-only.
#
# Environment:
#   CHECKS_KUBECTL          kubectl, its words separated by one blank
#   CHECKS_JIVA_NAMESPACE   where the StatefulSets of the replicas are
#   CHECKS_JIVA_REPLICAS    how many replicas a volume has
#   CHECKS_JIVA_QUORUM      how many it needs
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
  ABOUT='Ready replicas of Jiva volumes.' RANGES='the number of the volume with the fewest'
  read_settings
  WARNING=${CHECKS_JIVA_REPLICAS:+$CHECKS_JIVA_REPLICAS:} CRITICAL=${CHECKS_JIVA_QUORUM:+$CHECKS_JIVA_QUORUM:}
  begin "$@"
  KUBECTL=${CHECKS_KUBECTL:-kubectl}
  number JIVA_REPLICAS
  number JIVA_QUORUM
  [[ -n ${CHECKS_JIVA_NAMESPACE:-} ]] || unknown "setting 'CHECKS_JIVA_NAMESPACE': expected a namespace, got nothing"
  ask '{{range .items}}{{.metadata.name}} {{or .status.readyReplicas 0}}{{"\n"}}{{end}}' \
    statefulsets.apps -n "$CHECKS_JIVA_NAMESPACE"
  local row name ready fewest='' volume='' volumes=0 short=0
  for row in ${ROWS[@]+"${ROWS[@]}"}; do
    read -r name ready <<<"$row"
    [[ $name == *-rep ]] || continue
    count "StatefulSet '$name'" "$ready"
    volumes=$((volumes + 1))
    ((ready >= JIVA_REPLICAS)) || short=$((short + 1))
    if [[ -z $fewest ]] || ((ready < fewest)); then fewest=$ready volume=$name; fi
  done
  ((volumes > 0)) || unknown "no StatefulSet in '$CHECKS_JIVA_NAMESPACE' ends in -rep: expected one for each volume"
  perf fewest "$fewest" '' "$WARNING" "$CRITICAL"
  perf volumes "$volumes" ''
  perf short "$short" ''
  level "$fewest"
  case $reply in
    0) found 0 "$volumes volumes, each with $fewest of $JIVA_REPLICAS replicas ready or more" ;;
    *) found "$reply" "$volume has $fewest of $JIVA_REPLICAS replicas ready ($JIVA_QUORUM are needed), $short of $volumes volumes lack one" ;;
  esac
  finish
}

LABEL=JIVA

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then
  main "$@"
fi
