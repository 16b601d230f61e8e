#!/usr/bin/env bash
# verdict.sh - part of the check_*.sh: what only root may see, told to NRPE without giving it root.
#
# selfheal-checks.sh leaves each verdict in a file: seconds since boot, the status, the line. By the uptime, because a
# clock that is set back would make an old verdict young; the folder is gone after a boot.
#
# Environment: CHECKS_RUN_FOLDER (/run/selfheal/checks), CHECKS_LAST_SECONDS (how old a verdict may be, default 240),
#   CHECKS_PROC_FOLDER (/proc)
# shellcheck disable=SC2034,SC2154  # the parts share their variables

# Sets "uptime" to whole seconds.
read_uptime() {
  uptime=''
  { read -r uptime _ <"${CHECKS_PROC_FOLDER:-/proc}/uptime"; } 2>/dev/null || return 1
  uptime=${uptime%%.*}
  [[ $uptime =~ ^[0-9]+$ ]]
}

# What was seen last, or UNKNOWN; does not return.
last_verdict() {
  local file=${CHECKS_RUN_FOLDER:-/run/selfheal/checks}/$CHECK most=${CHECKS_LAST_SECONDS:-240} seen='' status='' line=''
  local uptime
  read_uptime || unknown 'the uptime of this host could not be read'
  { read -r seen status && IFS= read -r line; } 2>/dev/null <"$file" ||
    unknown "no verdict in '$file': selfheal-checks.timer has not run, or not for long enough"
  [[ $seen =~ ^[0-9]{1,9}$ && $status =~ ^[0-3]$ && -n $line && $most =~ ^[0-9]{1,6}$ ]] ||
    unknown "'$file': expected a verdict, got something else"
  ((seen <= uptime && uptime - seen <= most)) ||
    unknown "the last verdict is $((uptime - seen)) s old, more than $most s: $line"
  ENDED=yes
  printf '%s\n' "$line"
  exit "$status"
}
