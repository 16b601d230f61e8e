#!/bin/sh
# read.sh - part of selfheal-backup-server.sh: give a volume back, and the lines that say what must arrive.
#
# Environment: that of selfheal-backup-server.sh.
# shellcheck disable=SC2154  # the parts share their variables

# print_manifest NAME VOLUME: paths relative to the volume; the volume's own folder is "./". Sorted again: "./" has its own place.
print_manifest() {
  open_store
  expect_snapshot "$1"
  expect_volume "$1" "$2"
  awk -F '\t' -v volume="$2/" '
    index($8, volume) == 1 {
      # Counted from the left: a name may have tabs in it.
      at = 0
      for (i = 0; i < 7; i++) at += length($(i + 1)) + 1
      path = substr($0, at + 1 + length(volume))
      print substr($0, 1, at) (path == "" ? "./" : path)
    }
  ' "snapshots/$1/manifest" | sort
}

# send NAME VOLUME RSYNC…: held against removal for as long as it is read.
send() {
  name=$1 volume=$2
  shift 2
  read_rsync_words send "$@"
  open_store
  expect_snapshot "$name"
  expect_volume "$name" "$volume"
  exec 8<"snapshots/$name/snapshot"
  flock -n -s 8 || stop 3 "snapshot '$name': expected to be there, got one that is being removed"
  letters="--sender $letters"
  rsync_server '' "snapshots/$name/data/$volume/"
}
