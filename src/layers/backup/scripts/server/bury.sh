#!/bin/sh
# bury.sh - part of selfheal-backup-server.sh: the one place that removes folders.
#
# What goes is first renamed to work/dead-…, in one step; so a snapshot is either there or gone, never half there.
#
# Environment: that of selfheal-backup-server.sh.

# bury PATH NAME: PATH is a real folder below this one, NAME a word.
bury() {
  if [ ! -d "$1" ] || [ -L "$1" ]; then return 0; fi
  sweep "work/dead-$2"
  mv -T -- "$1" "work/dead-$2" || return 1
  sweep "work/dead-$2"
}

# What an earlier run could not remove to the end.
sweep_dead() {
  for dead in work/dead-*; do sweep "$dead"; done
}

sweep() {
  case $1 in
    work/dead-?*) ;;
    *) return 0 ;;
  esac
  case ${1#work/} in
    */*) return 0 ;;
  esac
  if [ ! -d "$1" ] || [ -L "$1" ]; then return 0; fi
  rm -rf -- "$1"
}
