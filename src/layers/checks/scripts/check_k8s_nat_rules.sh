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
  for part in plugin verdict cluster; do
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
  look_for_rules
  ! connects || connected=yes
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

# Behind the address are all API servers, of which one may be down: a rule picks one at random each time.
connects() {
  local i
  for i in 1 2 3 4; do
    # The address and the port are digits, as they were found above.
    if timeout 2 bash -c "exec 3<>/dev/tcp/$address/$port" 2>/dev/null; then return 0; fi
  done
  return 1
}

# Sets "rules" to there, broken (kube-proxy's own are there, this Service's are not), none or unreadable, and "why".
look_for_rules() {
  rules=unreadable why='the rules could not be read: no root, or no iptables-save'
  PATH=$PATH${CHECKS_PROGRAMS_FOLDER:+:$CHECKS_PROGRAMS_FOLDER}
  local program
  # A host may keep rules in both of its iptables; which one the plain name means is the host's choice.
  for program in iptables-save iptables-nft-save iptables-legacy-save; do
    [[ $rules != there ]] || return 0
    command -v "$program" >/dev/null || continue
    read_iptables "$program"
  done
  [[ $rules != there && $rules != broken ]] || return 0
  read_other_modes
}

read_iptables() {
  local text line service=no jump=no chain=no
  seconds_left
  text=$(timeout -k 1 "$reply" "$1" -t nat 2>/dev/null) || return 0
  while IFS= read -r line; do
    case $line in
      ':KUBE-SERVICES '*) chain=yes ;;
      '-A KUBE-SERVICES '*"-d $address/32 "*' -j KUBE-SVC-'*) service=yes ;;
      '-A PREROUTING '*'-j KUBE-SERVICES'*) jump=yes ;;
    esac
  done <<<"$text"
  if [[ $service == yes && $jump == yes ]]; then
    rules=there why="iptables has its rules"
  elif [[ $chain == yes ]]; then
    rules=broken why="iptables lacks $([[ $service == yes ]] && printf 'the jump to' || printf 'the rule of kubernetes in') KUBE-SERVICES"
  elif [[ $rules != broken ]]; then
    rules=none why='iptables has no chain KUBE-SERVICES, and no other kind of rules was found'
  fi
}

read_other_modes() {
  local text='' line hex octets
  seconds_left
  if command -v nft >/dev/null && text=$(timeout -k 1 "$reply" nft list table ip kube-proxy 2>/dev/null); then
    if [[ $text == *"$address . tcp . $port : goto service-"* ]]; then
      rules=there why='nftables has its rules'
    else
      rules=broken why='nftables has the table of kube-proxy without kubernetes in it'
    fi
    return 0
  fi
  IFS=. read -ra octets <<<"$address"
  printf -v hex '%02X%02X%02X%02X:%04X' "${octets[@]}" "$port"
  while IFS= read -r line; do
    if [[ $line == "TCP  $hex "* ]]; then rules=there why='IPVS has its rules'; fi
  done < <(cat "${CHECKS_PROC_FOLDER:-/proc}/net/ip_vs" 2>/dev/null)
}

LABEL=NAT_RULES rules='' why=''

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then
  main "$@"
fi
