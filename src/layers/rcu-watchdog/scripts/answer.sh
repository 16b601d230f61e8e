#!/bin/sh
# answer.sh - tells whoever connected what the watchdog of this node is about to do, and how long the node has been up.
#
# Run by selfheal-peer@.service once for each connection; systemd listens, so that it is there before the watchdog and until
# the very end of a shutdown. Prints one line and ends:
#   selfheal-peer NAME watching|wants|rebooting|stopped|unknown SINCE UPTIME      (seconds since boot)
# `stopped`: there is no watchdog now, whatever it left behind; only `rebooting` outlives it, because a shutdown ends it early.
# `unknown`: what it left makes no sense. Reads nothing from the connection.
#
# Environment: SELFHEAL_PEER_FILE, SELFHEAL_PROC, for tests.
#
# Exit status: always 0, the answer is the status.
set -eu

main() {
  file=${SELFHEAL_PEER_FILE:-/run/selfheal/watchdog/peer}
  proc=${SELFHEAL_PROC:-/proc}
  name=- state=stopped since=0.00 uptime=0.00
  read -r uptime _ <"$proc/uptime"
  if [ -e "$file" ]; then
    # A line that is being written has no end yet: it is there a moment later.
    for _ in 1 2 3 4 5; do
      read -r name state since pid start end <"$file" || true # no line yet
      [ "${end:-}" != . ] || break
      sleep 0.02
    done
    if [ "${end:-}" != . ]; then
      name=- state=unknown since=0.00
    elif [ "$state" != rebooting ] && ! lives; then
      state=stopped
    fi
  fi
  printf 'selfheal-peer %s %s %s %s\n' "$name" "$state" "$since" "$uptime"
}

# The very process that wrote the line: its number and when it started.
lives() {
  read -r stat 2>/dev/null <"$proc/$pid/stat" || return 1
  # shellcheck disable=SC2086 # the fields after the name, which may hold blanks
  set -- ${stat##*) }
  [ "${20:-}" = "$start" ]
}

main
