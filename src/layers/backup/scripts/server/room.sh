#!/bin/sh
# room.sh - part of selfheal-backup-server.sh: how much room there is, and how much of it stays free.
#
# Environment: that of selfheal-backup-server.sh.
# shellcheck disable=SC2154  # the parts share their variables

# Sets free_bytes, reserve_bytes, free_inodes and reserve_inodes; the last two are - on a file system that has no
# fixed number of inodes (btrfs).
measure_room() {
  room=$(stat -f -c '%a %S %b %d %c' .) || stop 2 "folder '$folder': expected its free space from stat, got nothing"
  # shellcheck disable=SC2086  # five numbers
  set -- $room
  [ $# -eq 5 ] || stop 2 "folder '$folder': expected five numbers from stat, got \"$room\""
  free_bytes=$(($1 * $2)) reserve_bytes=$(($3 * $2 * reserve_percent / 100))
  free_inodes=- reserve_inodes=-
  [ "$5" -eq 0 ] || free_inodes=$4 reserve_inodes=$(($5 * reserve_percent / 100))
}

say_room() {
  printf '@free-bytes %s\n@free-inodes %s\n' "$free_bytes" "$free_inodes"
  printf '@reserve-bytes %s\n@reserve-inodes %s\n' "$reserve_bytes" "$reserve_inodes"
}

# Whether less is free than the given part (1 = all, 2 = half) of the reserve.
is_below_reserve() {
  [ "$free_bytes" -lt $((reserve_bytes / $1)) ] || lacks_inodes "$1"
}

lacks_inodes() {
  [ "$free_inodes" != - ] && [ "$free_inodes" -lt $((reserve_inodes / $1)) ]
}

# What an interrupted run left is found again by the next one; it needs no room twice.
partial_bytes() {
  for left in work/incoming/data work/partial/data; do
    if [ -d "$left" ] && [ ! -L "$left" ]; then find "$left" -type f -links 1 -printf '%b\n'; fi
  done | awk '{ sum += $1 } END { printf "%.0f\n", sum * 512 }'
}
