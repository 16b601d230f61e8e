#!/usr/bin/env bash
# check_coredns_replicas.sh [-w RANGE] [-c RANGE] [-t SECONDS] - are there enough CoreDNS replicas, on more than one node?
#
# Environment:
#   CHECKS_KUBECTL            kubectl, its words separated by one blank
#   CHECKS_COREDNS_REPLICAS   how many there should be; with 1, one node is right
#
# Exit status: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN: it cannot tell.
# shellcheck source-path=SCRIPTDIR
# shellcheck disable=SC2034,SC2153,SC2154  # the parts share their variables
set -euo pipefail
export LC_ALL=C

main() {
  local folder=${BASH_SOURCE[0]%/*} part
  for part in plugin verdict cluster; do
    # shellcheck source=/dev/null
    source "$folder/$part.sh" || { printf '%s UNKNOWN - %s.sh could not be read\n' "$LABEL" "$part" && exit 3; }
  done
  ABOUT='Available replicas of CoreDNS.' RANGES='their number' CRITICAL=1:
  read_settings
  WARNING=${CHECKS_COREDNS_REPLICAS:+$CHECKS_COREDNS_REPLICAS:}
  begin "$@"
  KUBECTL=${CHECKS_KUBECTL:-kubectl}
  number COREDNS_REPLICAS
  local available status
  ask '{{or .status.availableReplicas 0}}{{"\n"}}' deployments.apps -n kube-system coredns
  available=${ROWS[0]:-}
  count "Deployment 'coredns'" "$available"
  level "$available"
  status=$reply
  perf available "$available" '' "$WARNING" "$CRITICAL"
  found "$status" "$available of $COREDNS_REPLICAS CoreDNS replicas available"
  if ((COREDNS_REPLICAS > 1 && available > 0)); then judge_nodes; fi
  finish
}

judge_nodes() {
  local row ready node
  local -A on=()
  ask '{{range .items}}{{range .status.conditions}}{{if eq .type "Ready"}}{{.status}}{{end}}{{end}} {{or .spec.nodeName "-"}}{{"\n"}}{{end}}' \
    pods -n kube-system -l k8s-app=kube-dns
  for row in ${ROWS[@]+"${ROWS[@]}"}; do
    read -r ready node <<<"$row"
    [[ $ready != True ]] || on[$node]=yes
  done
  ((${#on[@]} > 0)) || unknown 'replicas are available, but no ready pod has the label k8s-app=kube-dns'
  ask_nodes
  perf nodes "${#on[@]}" ''
  ((${#on[@]} > 1 || READY < 2)) || found 1 "all of them on ${!on[*]}, of $READY nodes that are Ready"
}

LABEL=COREDNS

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then
  main "$@"
fi
