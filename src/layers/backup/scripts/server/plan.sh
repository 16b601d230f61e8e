#!/bin/sh
# plan.sh - part of selfheal-backup-server.sh: the dry runs, before anything is sent and after everything was.
#
# A plan takes no lock and writes nothing. Two processes are all that it adds to rsync: this shell and one stat.
#
# Environment: that of selfheal-backup-server.sh.
# shellcheck disable=SC2154  # the parts share their variables

plan() {
  read_rsync_words dry "$@"
  open_store
  find_newest
  find_suspects
  measure_room
  say_facts >&2
  if [ "$newest" = - ]; then rsync_server '' work/empty/; else rsync_server '' "snapshots/$newest/data/"; fi
}

say_facts() {
  printf '@protocol 1\n@base %s\n@files %s\n@bytes %s\n' "$newest" "$newest_files" "$newest_bytes"
  if [ "$newest" != - ]; then
    while read -r files bytes _ _ volume; do
      printf '@volume %s %s %s\n' "$files" "$bytes" "$volume"
    done <"snapshots/$newest/volumes"
  fi
  # Of these "unchanged" means nothing: they are sent anew, whole.
  for volume in $suspects; do printf '@suspect %s\n' "$volume"; done
  say_room
  if [ -d work/incoming ] || [ -d work/partial ]; then printf '@partial-bytes %s\n' "$(partial_bytes)"; fi
}

settle() {
  expect_token "$1"
  token=$1
  shift
  read_rsync_words dry "$@"
  open_store
  expect_incoming "$token"
  rsync_server '' work/incoming/data/
}
