#!/usr/bin/env bash
# watchdog-report.sh - part of check_rcu_watchdog.sh and host-report.sh: what the watchdog says of itself.
#
# Environment: that of the program that sources it.
# shellcheck disable=SC2034,SC2154  # the parts share their variables

# read_life FOLDER: sets "tick", the uptime of its last sign of life, and "up", whether it can read the kernel log.
read_life() {
  tick='' up=''
  { read -r _ tick _ up <"$1/report"; } 2>/dev/null || return 1
  [[ $tick =~ ^[0-9]{1,9}$ && $up =~ ^[01]$ && $tick -le $uptime ]]
}

# read_power FOLDER: by its metrics there, sets "budget", the reboots that it has left, and "held".
read_power() {
  local name value
  budget='' held=''
  while read -r name value; do
    case $name in
      selfheal_watchdog_budget_remaining) budget=$value ;;
      selfheal_watchdog_held) held=$value ;;
    esac
  done < <(cat "$1/selfheal_watchdog.prom" 2>/dev/null)
  [[ $budget =~ ^[0-9]{1,3}$ && $held =~ ^[01]$ ]]
}
