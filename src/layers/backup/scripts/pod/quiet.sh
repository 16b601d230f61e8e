#!/bin/sh
# quiet.sh - part of backup.sh: lets a node that is busy finish what it does first.
#
# Reading all volumes while something else does heavy work has frozen nodes. Needs finish.sh.
#
# Environment:
#   LOCAL_PATH_BACKUP_PROC              where the kernel's own files are (default /proc; another one in tests only)
#   LOCAL_PATH_BACKUP_PATIENCE_SECONDS  how long it waits (default 600; less in tests only)

# More than two programs a core that want to run, or wait for the disk, over the last minute.
wait_until_quiet() {
  proc=${LOCAL_PATH_BACKUP_PROC:-/proc}
  cores=$(grep -c '^processor' "$proc/cpuinfo" || :) # 0 where there is none
  waited_from=$(uptime_seconds)
  while :; do
    IFS='. ' read -r load hundredths _ <"$proc/loadavg"
    # In hundredths; a leading 0 would make it octal.
    busy=$((load * 100 + ${hundredths#0}))
    [ "$busy" -gt $((cores * 200)) ] && [ "$cores" -gt 0 ] || return 0
    waited=$(($(uptime_seconds) - waited_from))
    rest=$((${LOCAL_PATH_BACKUP_PATIENCE_SECONDS:-600} - waited))
    if [ "$rest" -le 0 ] || [ "$(seconds_left)" -le 30 ]; then
      finish 5 "node: expected a load of at most $((cores * 2)) (two a core), got $load.$hundredths for $waited s; nothing was copied"
    fi
    # Somebody may be reading along.
    [ "$waited" -gt 0 ] || say "waiting for the node: expected a load of at most $((cores * 2)) (two a core), got $load.$hundredths"
    [ "$rest" -le 15 ] || rest=15
    bounded 60 sleep "$rest"
  done
}
