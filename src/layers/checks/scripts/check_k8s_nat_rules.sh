#!/usr/bin/env bash
# check_k8s_nat_rules.sh [-t SECONDS] [--last] - does this host reach Services by their ClusterIP?
#
# A connection to the ClusterIP of `kubernetes` is the sign that matters: it is critical that none comes about although
# the API server answers otherwise. Rules in place are the second: those of kube-proxy in iptables with the jump to them,
# in nftables, or in IPVS. Reading them needs root; NRPE asks with --last what root saw. Rules of another kind (eBPF) are
# none that this can read: it cannot tell.
#
# Environment:
#   CHECKS_NODE_KUBECTL      kubectl as the node, its words separated by one blank
#   CHECKS_PROGRAMS_FOLDER   the distribution's own iptables-save, where the host has none
#   CHECKS_PROC_FOLDER       another /proc, for tests
#   CHECKS_RUN_FOLDER        where the last verdict is
#
# Exit status: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN: it cannot tell.
# shellcheck source-path=SCRIPTDIR
# shellcheck disable=SC2034,SC2153,SC2154  # the parts share their variables
set -euo pipefail
export LC_ALL=C

main() {
  local folder=${BASH_SOURCE[0]%/*} part
  for part in plugin verdict cluster nat-rules; do
    # shellcheck source=/dev/null
    source "$folder/$part.sh" || { printf '%s UNKNOWN - %s.sh could not be read\n' "$LABEL" "$part" && exit 3; }
  done
  ABOUT='Rules for ClusterIPs on this host, and a connection by them.' RANGES='nothing: this check has no figure,' WARNING='' CRITICAL=''
  read_settings
  begin "$@"
  KUBECTL=${CHECKS_NODE_KUBECTL:-kubectl}
  ask '{{.spec.clusterIP}} {{range .spec.ports}}{{.port}} {{end}}{{"\n"}}' services -n default kubernetes
  local address port connected=no
  read -r address port _ <<<"${ROWS[0]:-}"
  [[ $address =~ ^[0-9]{1,3}(\.[0-9]{1,3}){3}$ && $port =~ ^[0-9]{1,5}$ ]] ||
    unknown "Service 'kubernetes': expected an IPv4 address and a port, got '${ROWS[0]:-}'"
  PROC_FOLDER=${CHECKS_PROC_FOLDER:-/proc} PROGRAMS_FOLDER=${CHECKS_PROGRAMS_FOLDER:-}
  look_for_rules
  ! connects "$address" "$port" || connected=yes
  perf connects "$([[ $connected == yes ]] && printf 1 || printf 0)" ''
  [[ $rules == unreadable ]] || perf rules "$([[ $rules == there ]] && printf 1 || printf 0)" ''
  if [[ $connected == no ]]; then
    found 2 "no connection to $address:$port, the ClusterIP of kubernetes, although the API server answers; $why"
  elif [[ $rules == there ]]; then
    found 0 "$address:$port answers, $why"
  elif [[ $rules == broken ]]; then
    found 2 "$address:$port answers, but $why"
  else
    found 3 "$address:$port answers, but $why"
  fi
  finish
}

LABEL=NAT_RULES rules='' why=''

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then
  main "$@"
fi
