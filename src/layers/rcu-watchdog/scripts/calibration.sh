#!/usr/bin/env bash
# calibration.sh - part of selfheal-watchdog.sh: after which times this kernel calls something a stall, and its HZ.
#
# Environment: that of selfheal-watchdog.sh.
# shellcheck disable=SC2034,SC2154  # the parts share their variables

# Sets HZ, NORMAL_TIMEOUT and EXPEDITED_TIMEOUT (seconds); 0 is "not known", with which the detector does not scale.
# UNKNOWN says in words what is not known, and where it was looked for.
calibrate() {
  local parameters=$SYS/module/rcupdate/parameters value release
  HZ=0 NORMAL_TIMEOUT=0 EXPEDITED_TIMEOUT=0 UNKNOWN=''
  value=''
  { read -r value <"$parameters/rcu_cpu_stall_timeout"; } 2>/dev/null || value=''
  if [[ $value =~ ^[1-9][0-9]{0,5}$ ]]; then
    NORMAL_TIMEOUT=$value
  else
    UNKNOWN+=" stall time-out ($parameters/rcu_cpu_stall_timeout)"
  fi
  value='' release=''
  { read -r value <"$parameters/rcu_exp_cpu_stall_timeout"; } 2>/dev/null || value=''
  { read -r release <"$PROC/sys/kernel/osrelease"; } 2>/dev/null || release=''
  if [[ $value =~ ^[1-9][0-9]{0,8}$ ]]; then
    printf -v EXPEDITED_TIMEOUT '%d.%03d' $((value / 1000)) $((value % 1000)) # milliseconds
  elif [[ $value == 0 ]] || { [[ -z $value && $release =~ ^([0-9]+)\.([0-9]+) ]] &&
    ((BASH_REMATCH[1] * 1000 + BASH_REMATCH[2] < 5019)); }; then
    # The kernel says so, or is from before it had one of its own: the other one holds for both.
    EXPEDITED_TIMEOUT=$NORMAL_TIMEOUT
  else
    UNKNOWN+=" expedited stall time-out ($parameters/rcu_exp_cpu_stall_timeout)"
  fi
  # The kernel's configuration lies on a disk.
  if bounded 5 show_hz && [[ $answer =~ ^[1-9][0-9]{1,4}$ ]]; then
    HZ=$answer
  else
    UNKNOWN+=" HZ ($PROC/config.gz, $BOOT_FOLDER/config-$release)"
  fi
  value=0
  { read -r value <"$parameters/rcu_cpu_stall_suppress"; } 2>/dev/null || value=0
  [[ $value == 0 ]] || log warning "$parameters/rcu_cpu_stall_suppress: expected 0, got '$value': the kernel reports no stalls"
}

show_hz() {
  local release line
  read -r release <"$PROC/sys/kernel/osrelease"
  if [[ -r $PROC/config.gz ]]; then
    line=$(timeout 4 gzip -dc "$PROC/config.gz" | grep '^CONFIG_HZ=')
  else
    line=$(timeout 4 grep '^CONFIG_HZ=' "$BOOT_FOLDER/config-$release")
  fi
  printf '%s' "${line#CONFIG_HZ=}"
} 2>/dev/null
