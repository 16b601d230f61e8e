#!/bin/sh
# prepare.sh - part of selfheal-backup-server.sh: make the layout, once, in a folder that is there and empty.
#
# Environment: that of selfheal-backup-server.sh.
# shellcheck disable=SC2154  # the parts share their variables

prepare() {
  if [ ! -d "$folder" ] || [ -L "$folder" ]; then stop 2 "folder '$folder': expected a folder, got none"; fi
  cd -- "$folder" || stop 2 "folder '$folder': expected one that can be entered"
  if [ -d snapshots ] && [ -d work/empty ] && [ ! -L snapshots ] && [ ! -L work ]; then return 0; fi
  for entry in * .[!.]*; do
    case $entry in
      lost+found | snapshots | work | '*' | '.[!.]*') ;;
      *) stop 2 "folder '$folder': expected an empty one, got $entry in it" ;;
    esac
  done
  mkdir -p snapshots work/empty
}
