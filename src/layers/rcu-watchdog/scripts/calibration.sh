#!/usr/bin/env bash
# calibration.sh - part of selfheal-watchdog.sh: after which times this kernel calls something a stall, and its HZ.
#
# Environment: that of selfheal-watchdog.sh.
# shellcheck disable=SC2034,SC2154  # the parts share their variables

# Sets HZ, NORMAL_TIMEOUT and EXPEDITED_TIMEOUT (seconds); 0 is "not known", with which the detector does not scale.
calibrate() {
  local parameters=$SYS/module/rcupdate/parameters value
  HZ=0 NORMAL_TIMEOUT=0 EXPEDITED_TIMEOUT=0
  if { read -r value <"$parameters/rcu_cpu_stall_timeout"; } 2>/dev/null && [[ $value =~ ^[1-9][0-9]{0,5}$ ]]; then
    NORMAL_TIMEOUT=$value
  fi
  # Milliseconds. 0, or a kernel from before 5.19, which does not have it: the other one holds for both.
  value=0
  { read -r value <"$parameters/rcu_exp_cpu_stall_timeout"; } 2>/dev/null || value=0
  if [[ $value =~ ^[1-9][0-9]{0,8}$ ]]; then
    printf -v EXPEDITED_TIMEOUT '%d.%03d' $((value / 1000)) $((value % 1000))
  else
    EXPEDITED_TIMEOUT=$NORMAL_TIMEOUT
  fi
  # The kernel's configuration lies on a disk.
  if bounded 5 show_hz && [[ $answer =~ ^[1-9][0-9]{1,4}$ ]]; then HZ=$answer; fi
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
