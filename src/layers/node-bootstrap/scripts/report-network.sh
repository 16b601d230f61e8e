#!/usr/bin/env bash
# report-network.sh - part of host-report.sh: whether this host reaches Services, and what its own checks say of that.
#
# Environment: that of host-report.sh.
# shellcheck disable=SC2153,SC2154  # the parts share their variables

# Reading the rules takes a right that the pod which asks may not have. Then the host's own check of them is asked, which
# runs as root; and then a connection. That none comes about proves something only while the API server answers otherwise.
tell_rules() {
  local address=${REPORT_CLUSTER_IP:-} port=${REPORT_CLUSTER_PORT:-443} rules='' status value=null
  local api=${REPORT_API_ADDRESS:-} api_port=${REPORT_API_PORT:-6443}
  if [[ $address =~ ^[0-9]{1,3}(\.[0-9]{1,3}){3}$ && $port =~ ^[0-9]{1,5}$ ]]; then
    look_for_rules
    verdict_of check_k8s_nat_rules
    if [[ $rules == broken || $status == 2 ]]; then
      value='"missing"'
    elif [[ $rules == there || $status == 0 ]] || connects "$address" "$port"; then
      value='"present"'
    elif [[ $api =~ ^[A-Za-z0-9.:-]+$ && $api_port =~ ^[0-9]{1,5}$ ]] && connects "$api" "$api_port"; then
      value='"missing"'
    fi
  fi
  field clusterIpRules "$value"
}

# It remembers the start that the boot before knew.
tell_calico() {
  local status value=null
  verdict_of check_calico_node_restarts
  case $status in
    0) value=false ;;
    2) value=true ;;
  esac
  field calicoBeforeBoot "$value"
}

# verdict_of CHECK: sets "status" to what the host's own check last said as root; empty where it said nothing of late.
verdict_of() {
  local seen=''
  { read -r seen status <"$ROOT/run/selfheal/checks/$1"; } 2>/dev/null || seen=''
  if [[ -z $uptime || ! $seen =~ ^[0-9]{1,9}$ ]] || ((seen > uptime || uptime - seen > 240)); then status=''; fi
}
