#!/bin/sh
# retention.sh - part of selfheal-backup-server.sh: which snapshots go.
#
# One goes only if it is beyond the newest KEEP_SNAPSHOTS and stopped being the newest state more than KEEP_DAYS ago.
# Never the newest; never the newest one in which a volume that there still is was read back and found equal. So a clock
# that jumps ahead leaves the first number, and a client that sends many cannot push out what is younger than the second.
#
# Environment: that of selfheal-backup-server.sh.
# shellcheck disable=SC2030,SC2031,SC2154  # the parts share their variables

# One night's worth of work, also where somebody lowers the numbers by much.
REMOVED_AT_ONCE=10

# Needs the lock and the clock.
retention() {
  sweep_dead
  going=$(find_going) || return 1
  removed=0
  for name in $going; do
    [ "$removed" -lt "$REMOVED_AT_ONCE" ] || break
    remove_snapshot "$name" || return 1
    removed=$((removed + 1))
  done
}

# The names, the oldest first.
find_going() {
  snapshots_newest_first | {
    rank=0 until=- going='' unverified=''
    while read -r _ name epoch _ _; do
      rank=$((rank + 1))
      [ "$rank" -gt 1 ] || unverified=$(volumes_of "$name") || exit 1
      # A clock that was ahead when it was taken and is right again: counted from the later of the two.
      if [ "$until" != - ] && [ "$until" -lt "$epoch" ]; then until=$epoch; fi
      if ! is_last_good && [ "$rank" -gt "$keep_snapshots" ] && [ $((now - until)) -gt $((keep_days * 86400)) ]; then
        going="$name $going"
      fi
      until=$epoch
    done
    printf '%s' "$going"
  }
}

# Whether this snapshot is the newest in which one of the volumes was found equal; each volume is asked for once.
is_last_good() {
  good=1 still=
  for volume in $unverified; do
    read_verified "$name" "$volume"
    if [ "$verified_word" = ok ]; then good=0; else still="$still $volume"; fi
  done
  unverified=$still
  return "$good"
}

# One that is being read is left for the next time.
remove_snapshot() {
  is_snapshot "$1" || return 0
  exec 8<"snapshots/$1/snapshot"
  if flock -n -x 8; then
    bury "snapshots/$1" "$1" || return 1
    say "removed snapshot $1"
  fi
  exec 8<&-
}
