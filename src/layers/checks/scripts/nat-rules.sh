#!/usr/bin/env bash
# nat-rules.sh - part of check_k8s_nat_rules.sh and host-report.sh: the rules that lead from a ClusterIP to its endpoints.
#
# Who sources it sets "address" and "port" (the ClusterIP of `kubernetes`), PROC_FOLDER and PROGRAMS_FOLDER (the
# distribution's own iptables-save, where the host has none), and has a function seconds_left that sets "reply".
#
# Environment: that of the program that sources it.
# shellcheck disable=SC2034,SC2154  # the parts share their variables

# connects ADDRESS PORT. Behind a ClusterIP are all API servers, of which one may be down: a rule picks one at random
# each time.
connects() {
  local i
  for i in 1 2 3 4; do
    # The caller has seen that they are nothing but an address and a port.
    if timeout 2 bash -c "exec 3<>/dev/tcp/$1/$2" 2>/dev/null; then return 0; fi
  done
  return 1
}

# Sets "rules" to there, broken (kube-proxy's own are there, this Service's are not), none or unreadable, and "why".
look_for_rules() {
  rules=unreadable why='the rules could not be read: no root, or no iptables-save'
  PATH=$PATH${PROGRAMS_FOLDER:+:$PROGRAMS_FOLDER}
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
  done < <(cat "$PROC_FOLDER/net/ip_vs" 2>/dev/null)
}
