#!/bin/sh
# state.sh - part of backup.sh: whether anything happened to the source since the newest snapshot was made of it.
#
# Comparing file by file costs the other machine a look at each of its own files. So a checksum of what the kernel says of
# each file here is published with each snapshot: inode, links, mode, owner, size, times, name and a symlink's text. The
# kernel changes the ctime with each change of content, attributes or ACLs, and nobody can set it: where the checksum is
# the same there is nothing to compare. Where it is not, or cannot be had, everything is compared.
# It is made by the host's find (the image's cannot print these). Needs finish.sh, host.sh and source.sh.
#
# Sets STATE (32 of 0-9a-f, or - where it is not known) and, in `is_unchanged`, BASE.
#
# Environment:
#   LOCAL_PATH_BACKUP_SOURCE, LOCAL_PATH_BACKUP_RUN_FOLDER, LOCAL_PATH_BACKUP_LINKER, LOCAL_PATH_BACKUP_LIBRARIES
#   LOCAL_PATH_BACKUP_RSYNC   find lies beside it

STATE=-

# look_at_source: must come before the files are read: what changes after it makes the next checksum another one.
look_at_source() {
  STATE=-
  looked="$LOCAL_PATH_BACKUP_RUN_FOLDER/state"
  rm -f "$looked.whole"
  set -- "$LOCAL_PATH_BACKUP_SOURCE" -xdev
  for option in $EXCLUDE_OPTIONS; do
    name=${option#--exclude=/}
    set -- "$@" -path "$LOCAL_PATH_BACKUP_SOURCE/${name%/}" -prune -o
  done
  find='find'
  case $LOCAL_PATH_BACKUP_RSYNC in */*) find=${LOCAL_PATH_BACKUP_RSYNC%/*}/find ;; esac
  set -- "$find" "$@" -printf '%i %n %m %U %G %s %T@ %C@ %y %P\0%l\0'
  [ -z "$LOCAL_PATH_BACKUP_LINKER" ] ||
    set -- "$LOCAL_PATH_BACKUP_LINKER" --library-path "$LOCAL_PATH_BACKUP_LIBRARIES" "$@"
  # What is left out, and how files are compared, is part of it. A checksum of half a list is none.
  # shellcheck disable=SC2016 # for the inner shell
  bounded "$(seconds_left)" sh -c 'whole=$1 settings=$2
    shift 2
    { printf "%s\0" "$settings" && "$@" && : >"$whole"; } | md5sum' sh \
    "$looked.whole" "$RSYNC_OPTIONS $EXCLUDE_OPTIONS" "$@" >"$looked" 2>"$looked.err" || return 0 # not known, then
  [ ! -e "$looked.whole" ] || read -r STATE _ <"$looked"
}

# is_unchanged: whether the newest snapshot was made of a source in exactly this state.
is_unchanged() {
  look_at_source
  [ "$STATE" != - ] || return 1
  status=0
  # What it says besides is read as a plan's is.
  planned="$looked.newest"
  server "$(seconds_left)" newest >"$planned" 2>"$planned.err" || status=$?
  # Without rsync in between, these are the program's own.
  case $status in [1-5]) printf '@refused %s\n' "$status" >>"$planned.err" ;; esac
  [ "$status" -eq 0 ] || server_failed 'asking for the newest snapshot' "$status" "$planned.err"
  read -r newest state <"$planned" || return 1
  [ "$state" = "$STATE" ] || return 1
  # shellcheck disable=SC2034 # for backup.sh
  BASE=$newest
}

# stayed_the_same: whether nothing happened to the source since `look_at_source`. STATE stays that of then.
stayed_the_same() {
  [ "$STATE" != - ] || return 1
  before=$STATE
  look_at_source
  after=$STATE
  STATE=$before
  [ "$after" = "$before" ]
}
