#!/usr/bin/env bash
# settings.sh - part of selfheal-watchdog.sh: what the environment asks for, checked before anything is done.
#
# Environment: that of selfheal-watchdog.sh.
# shellcheck disable=SC2034,SC2154  # the parts share their variables

readonly CLOCK='([01][0-9]|2[0-3]):[0-5][0-9]'

# setting NAME DEFAULT [PATTERN EXPECTED]: sets NAME from RCU_WATCHDOG_NAME. Empty counts as not set.
setting() {
  local variable=RCU_WATCHDOG_$1
  printf -v "$1" "%s" "${!variable:-$2}"
  [[ -z ${3:-} || ${!1} =~ ^$3$ ]] || wrong "$variable" "$4" "${!1}"
}

wrong() { WRONG+=("setting '$1': expected $2, got '$3'"); }

# The service gets them from systemd. Who calls by hand must not judge, or act, by other settings than the service.
read_settings_file() {
  local line file=${RCU_WATCHDOG_SETTINGS_FILE:-/etc/selfheal/rcu-watchdog.env}
  [[ -r $file ]] || return 0
  while read -r line || [[ -n $line ]]; do
    [[ $line =~ ^(RCU_WATCHDOG_[A-Z_]+)=(.*)$ ]] || continue
    [[ -v ${BASH_REMATCH[1]} ]] || printf -v "${BASH_REMATCH[1]}" '%s' "${BASH_REMATCH[2]}"
  done <"$file"
}

read_settings() {
  local whole='[1-9][0-9]{0,8}' off='(0|[1-9][0-9]{0,8})' path='/.*[^/]'
  # No window of the detector holds more: a threshold above it would never be crossed.
  local stalls='([1-9][0-9]{0,2}|1[0-9]{3}|2000)'
  WRONG=()
  read_settings_file
  setting BURST_STALLS 10 "$stalls" 'a whole number from 1 to 2000'
  setting BURST_SECONDS 120 "$whole" 'seconds above 0'
  setting SUSTAINED_STALLS 10 "$stalls" 'a whole number from 1 to 2000'
  setting SUSTAINED_SECONDS 900 "$whole" 'seconds above 0'
  setting STUCK_SECONDS 180 "$off" 'seconds, or 0 for off'
  setting CHRONIC_STALLS 100 "(0|$stalls)" 'a whole number up to 2000, or 0 for off'
  setting CHRONIC_SECONDS 21600 "$whole" 'seconds above 0'
  setting CHRONIC_ACTION alert '(alert|window)' 'alert or window'
  setting CHRONIC_WINDOW '' "($CLOCK-$CLOCK)?" 'HH:MM-HH:MM'
  setting BLACK_HOLE_SECONDS 300 "$off" 'seconds, or 0 for off'
  setting GRACE_SECONDS 1200 "$whole" 'seconds above 0'
  setting MAX_REBOOTS 3 "$whole" 'a whole number above 0'
  setting HEALTHY_SECONDS 21600 "$whole" 'seconds above 0'
  setting REBOOT_DEADLINE_SECONDS 180 '(0|[1-9][0-9]{0,4})' 'seconds'
  setting FORCED_DEADLINE_SECONDS 60 '(0|[1-9][0-9]{0,4})' 'seconds'
  setting PEER_PORT 9847 '[1-9][0-9]{0,4}' 'a port'
  setting API_PORT 6443 '[1-9][0-9]{0,4}' 'a port'
  setting GATEWAY_PORT 53 '[1-9][0-9]{0,4}' 'a port'
  setting LOCAL_PORT 10248 '[1-9][0-9]{0,4}' 'a port'
  setting PROBE_PORT 9 '[1-9][0-9]{0,4}' 'a port'
  setting TICK_SECONDS 20 '[1-9][0-9]?' 'seconds from 1 to 99'
  setting COUNT periods '(periods|lines)' 'periods or lines'
  setting STATE_FOLDER /var/lib/selfheal/rcu-watchdog "$path" 'an absolute path'
  setting TEXTFILE_FOLDER /var/lib/node-exporter/textfile "$path" 'an absolute path'
  setting RUN_FOLDER /run/selfheal/watchdog "$path" 'an absolute path'
  setting PEERS_FILE /etc/selfheal/rcu-watchdog-peers "$path" 'an absolute path'
  setting TIMESYNC_FILE /run/systemd/timesync/synchronized "$path" 'an absolute path'
  setting KMSG /dev/kmsg "$path" 'an absolute path'
  setting PROC_FOLDER /proc "$path" 'an absolute path'
  setting SYS_FOLDER /sys "$path" 'an absolute path'
  setting BOOT_FOLDER /boot "$path" 'an absolute path'
  if [[ $CHRONIC_ACTION == window && -z $CHRONIC_WINDOW ]]; then
    wrong RCU_WATCHDOG_CHRONIC_WINDOW 'HH:MM-HH:MM, because RCU_WATCHDOG_CHRONIC_ACTION is window' ''
  fi
  PROC=$PROC_FOLDER SYS=$SYS_FOLDER
  [[ ${#WRONG[@]} -eq 0 ]]
}
