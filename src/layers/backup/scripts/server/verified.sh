#!/bin/sh
# verified.sh - part of selfheal-backup-server.sh: note what a volume was found to be when it was read back.
#
# Environment: that of selfheal-backup-server.sh.
# shellcheck disable=SC2154  # the parts share their variables

# verified NAME VOLUME ok|bad [WORDS]
verified() {
  case $3 in
    ok | bad) ;;
    *) stop 1 "verified: expected ok or bad, got \"$3\"" ;;
  esac
  open_store
  expect_snapshot "$1"
  expect_volume "$1" "$2"
  read_clock
  name=$1 volume=$2 word=$3
  shift 3
  why=$*
  [ ${#why} -le 300 ] || stop 1 "verified: expected at most 300 letters of reason, got ${#why}"
  case $why in
    *[![:print:]]*) stop 1 "verified: expected a reason of one line" ;;
  esac
  # A name that no volume has: it begins with a dot.
  printf '%s %s %s\n' "$now" "$word" "$why" >"snapshots/$name/verified/.new-$$"
  mv -T "snapshots/$name/verified/.new-$$" "snapshots/$name/verified/$volume"
}
