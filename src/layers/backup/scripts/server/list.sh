#!/bin/sh
# list.sh - part of selfheal-backup-server.sh: what there is, and what should be read back next.
#
# Environment: that of selfheal-backup-server.sh.
# shellcheck disable=SC2154  # the parts share their variables

TAB='	'

# The newest first; each followed by its volumes.
list() {
  open_store
  snapshots_newest_first | {
    until=-
    while read -r number name epoch files bytes; do
      print_line snapshot "$name" "$number" "$epoch" "$until" "$files" "$bytes"
      list_volumes "$name"
      until=$epoch
    done
  }
}

print_line() {
  line=$1
  shift
  for field in "$@"; do line=$line$TAB$field; done
  printf '%s\n' "$line"
}

list_volumes() {
  while read -r volume_files volume_bytes changing consistency volume; do
    read_verified "$1" "$volume"
    print_line volume "$1" "$volume" "$volume_files" "$volume_bytes" "$changing" "$consistency" "$verified_epoch" "$verified_word"
  done <"snapshots/$1/volumes"
}

# So that a source that did not change costs one connection. A volume that must be sent anew did change.
print_newest() {
  open_store
  find_newest
  find_suspects
  source=-
  if [ "$newest" != - ] && [ -z "$suspects" ]; then
    while read -r key value; do
      [ "$key" != source ] || source=$value
    done <"snapshots/$newest/snapshot"
  fi
  printf '%s %s\n' "$newest" "$source"
  measure_room
  say_room >&2
}

# pick MAX-BYTES: the newest snapshot's volume that was read back longest ago, in whichever snapshot; before all others
# one that was found bad and is there again.
pick() {
  is_number "$1" || stop 1 "bytes '$1': expected a whole number"
  open_store
  names=$(snapshots_newest_first | while read -r _ name _; do printf '%s ' "$name"; done)
  newest=${names%% *} picked='' too_large=0 oldest=
  if [ -n "$newest" ]; then
    while read -r files bytes _ _ volume; do
      if [ "$bytes" -gt "$1" ]; then
        too_large=$((too_large + 1))
        continue
      fi
      find_last_verified "$volume"
      if [ -z "$picked" ] || [ "$last" -lt "$oldest" ]; then
        picked="$newest $volume $files $bytes" oldest=$last
      fi
    done <"snapshots/$newest/volumes"
  fi
  [ -z "$picked" ] || printf '%s\n' "$picked"
  printf 'too-large %s\n' "$too_large"
}

find_last_verified() {
  last=0 told=
  for name in $names; do
    read_verified "$name" "$1"
    [ -n "$told" ] || [ "$verified_word" = - ] || told="$verified_word $name"
    if [ "$verified_epoch" != - ] && [ "$verified_epoch" -gt "$last" ]; then last=$verified_epoch; fi
  done
  case $told in
    "bad $newest") ;;
    bad*) last=-1 ;;
  esac
}
