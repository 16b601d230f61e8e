#!/bin/sh
# store.sh - part of selfheal-backup-server.sh: the folder, its snapshots, and which of them is the newest.
#
# The order is that of the snapshots' numbers, never that of the clock: a clock may be stepped, numbers only grow.
# What lies in snapshots/ and is not a folder of ours (a symlink, another name, no `snapshot` file) is not seen at all.
#
# Environment: that of selfheal-backup-server.sh.
# shellcheck disable=SC2034,SC2154  # the parts share their variables

# Everything below works with paths relative to the folder. An empty one is most likely a disk that is not mounted:
# nothing is ever made there by itself, or backups would fill the disk below.
open_store() {
  if [ ! -d "$folder" ] || [ -L "$folder" ]; then
    stop 2 "folder '$folder': expected a folder, got none"
  fi
  cd -- "$folder" || stop 2 "folder '$folder': expected one that can be entered"
  for inner in snapshots work work/empty; do
    if [ ! -d "$inner" ] || [ -L "$inner" ]; then
      stop 2 "folder '$folder': expected $inner in it (is its disk mounted? was it prepared?), got none"
    fi
  done
}

is_snapshot_name() {
  case $1 in
    [0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]-[0-9][0-9]-[0-9][0-9]Z) ;;
    [0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]-[0-9][0-9]-[0-9][0-9]Z-*) is_number "${1#*Z-}" ;;
    *) return 1 ;;
  esac
}

is_volume_name() {
  case $1 in
    '' | [!A-Za-z0-9]* | *[!A-Za-z0-9._-]*) return 1 ;;
  esac
}

is_token() {
  case $1 in
    *[!0-9a-f-]*) return 1 ;;
  esac
  [ ${#1} -eq 36 ]
}

is_snapshot() {
  is_snapshot_name "$1" && [ -d "snapshots/$1/data" ] && [ ! -L "snapshots/$1" ] && [ -f "snapshots/$1/snapshot" ] &&
    [ -f "snapshots/$1/volumes" ] && [ -f "snapshots/$1/manifest" ]
}

# read_snapshot NAME: its number, epoch, files and bytes; false where they cannot be read.
read_snapshot() {
  number='' epoch='' files='' bytes=''
  while read -r key value; do
    case $key in
      number) number=$value ;;
      epoch) epoch=$value ;;
      files) files=$value ;;
      bytes) bytes=$value ;;
    esac
  done <"snapshots/$1/snapshot"
  if is_number "$number" && is_number "$epoch" && is_number "$files" && is_number "$bytes"; then return 0; fi
  say "snapshot '$1': expected number, epoch, files and bytes in its file snapshot; it is left alone"
  return 1
}

# The name of the newest snapshot, or "-"; no process is started for it.
find_newest() {
  newest=- newest_number=0 newest_files=0 newest_bytes=0
  for path in snapshots/[0-9]*Z*; do
    is_snapshot "${path#snapshots/}" || continue
    read_snapshot "${path#snapshots/}" || continue
    if [ "$number" -gt "$newest_number" ]; then
      newest=${path#snapshots/} newest_number=$number newest_files=$files newest_bytes=$bytes
    fi
  done
}

# Lines `NUMBER NAME EPOCH FILES BYTES`, the newest first.
snapshots_newest_first() {
  for path in snapshots/[0-9]*Z*; do
    is_snapshot "${path#snapshots/}" || continue
    read_snapshot "${path#snapshots/}" || continue
    printf '%s %s %s %s %s\n' "$number" "${path#snapshots/}" "$epoch" "$files" "$bytes"
  done | sort -rn
}

expect_snapshot() {
  is_snapshot_name "$1" || stop 1 "snapshot '$1': expected a name such as 2026-11-21T02-30-04Z"
  is_snapshot "$1" || stop 2 "snapshot '$1': expected in $folder/snapshots, got none"
}

# expect_volume NAME VOLUME
expect_volume() {
  is_volume_name "$2" || stop 1 "volume '$2': expected a folder's name of letters, digits and ._-"
  if [ ! -d "snapshots/$1/data/$2" ] || [ -L "snapshots/$1/data/$2" ]; then
    stop 2 "volume '$2': expected in snapshot $1, got none"
  fi
}

expect_token() {
  is_token "$1" || stop 1 "token '$1': expected 36 of 0-9, a-f and -"
}

# One at a time may take something in. A session whose client is gone ends by rsync's own time limit (60 s).
take_lock() {
  # In a shell of its own: a redirection that fails ends the shell, without a word of ours.
  (: >>work/lock) 2>/dev/null || stop 2 "lock '$folder/work/lock': expected one that this account can write, got none"
  exec 9>work/lock
  flock -w 90 9 || stop 3 "lock '$folder/work/lock': expected free within 90 s, got held by another run"
}

# The lock is held and what was received has this token.
expect_incoming() {
  held=
  [ ! -f work/incoming/token ] || read -r held <work/incoming/token
  [ "$held" = "$1" ] || stop 3 "incoming '$1': expected to be what was received last, got another or none"
}
