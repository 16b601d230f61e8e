#!/bin/sh
# restore-target.sh - part of restore.sh: the place that a volume is restored into, which has to be empty.
#
# `check_target INTO` refuses (2) what is not a new or empty folder on a disk of this machine, and sets TARGET (in words),
# TARGET_DISK (a folder on its file system) and TARGET_MOVING (yes where an earlier run had begun to move things up).
# `open_target`, `move_up` and `close_target` work in INTO/.selfheal-restore-partial, so that nothing that was not
# compared yet looks like a volume. Nothing of anybody else is removed or written over.
# Needs finish.sh, mounts.sh and read-back.sh; VOLUME and SNAPSHOT name what is restored.
#
# Environment: none.

PARTIAL_NAME=.selfheal-restore-partial

check_target() {
  into=$1
  partial=$into/$PARTIAL_NAME
  TARGET_MOVING=no
  # By its name first: a look at a mount whose machine is away can hang for ever.
  refuse_remote "$(file_system_of "$into")"
  [ ! -L "$into" ] || refuse "expected a folder, got a symbolic link"
  if [ -e "$into" ]; then
    [ -d "$into" ] || refuse "expected a folder, got something else"
    TARGET_DISK=$(cd -P -- "$into" && pwd -P) || refuse "expected a folder that can be entered"
  else
    above=${into%/*}
    [ -d "${above:-/}" ] || refuse "expected it or the folder above it to be there, got neither"
    TARGET_DISK=$(cd -P -- "${above:-/}" && pwd -P) || refuse "expected a folder that can be entered"
  fi
  refuse_remote "$(file_system_of "$TARGET_DISK")"
  if [ -z "${LOCAL_PATH_BACKUP_HOST-}" ]; then
    case $TARGET_DISK/ in
      "$(cd -P -- "$LOCAL_PATH_BACKUP_PATH" && pwd -P)"/*) refuse "expected a place outside of the backups, got one in '$LOCAL_PATH_BACKUP_PATH'" ;;
    esac
  fi
  describe_target
}

describe_target() {
  # shellcheck disable=SC2034 # the plan says it
  if [ ! -e "$into" ]; then
    TARGET='does not exist yet, will be made'
    return
  fi
  if [ -e "$partial" ] || [ -L "$partial" ]; then
    is_ours || refuse "expected no '$PARTIAL_NAME' in it, or one of an earlier restore of root's, got another"
    TARGET='empty but for an earlier try, which is continued'
    # What had been compared and partly moved up may lie beside it.
    [ "$(cat "$partial/moving" 2>/dev/null)" != "$SNAPSHOT $VOLUME" ] || TARGET_MOVING=yes
    [ "$TARGET_MOVING" = no ] || return 0
  else
    # shellcheck disable=SC2034 # as above
    TARGET='an empty folder'
  fi
  found=$(find "$into" -mindepth 1 -maxdepth 1 ! -name "$PARTIAL_NAME" ! -name 'lost+found' | wc -l) ||
    refuse "expected a folder that can be read"
  [ "$found" -eq 0 ] || refuse "expected an empty folder, got one with $found entries; move them away first"
}

refuse_remote() {
  ! may_be_remote "$1" || refuse "expected a disk of this machine, got a network file system ($1)"
}

is_ours() {
  [ ! -L "$partial" ] && [ -d "$partial" ] && [ "$(stat -c %u -- "$partial")" = "$(id -u)" ]
}

open_target() {
  [ -d "$into" ] || mkdir -m 0700 -- "$into" || finish 4 "folder '$into': expected to make it, got an error"
  [ -d "$partial" ] || mkdir -m 0700 -- "$partial" || finish 4 "folder '$partial': expected to make it, got an error"
  # Made for another volume or interrupted while moving: what is in it is brought in line by rsync, not trusted.
  rm -f -- "$partial/moving"
  # Compared by then, and not put in place: rsync would keep a file with a wrong byte whose size and time are right.
  if [ -f "$partial/manifest.there" ] && [ -d "$partial/data" ]; then
    find "$partial/data" -type f -exec touch -d @1 -- {} + || finish 4 "folder '$partial': expected to write there, got an error"
  fi
}

# move_up: renames on one file system. A name that is there already stays what it is, and ends the run.
move_up() {
  printf '%s %s\n' "$SNAPSHOT" "$VOLUME" >"$partial/moving"
  # A volume that was a disk of its own; the new disk has its own.
  if [ -d "$into/lost+found" ] && [ -d "$partial/data/lost+found" ]; then
    rmdir -- "$partial/data/lost+found" || finish 4 "failed: '$partial/data/lost+found' has files in it; move them where they belong and start again"
  fi
  # shellcheck disable=SC2016 # for the inner shell
  find "$partial/data" -mindepth 1 -maxdepth 1 -exec sh -c 'into=$1 && shift && mv -n -- "$@" "$into/"' sh "$into" {} + ||
    finish 4 "failed: the files could not be moved from '$partial/data' up into '$into'; start again to go on"
  rmdir -- "$partial/data" ||
    finish 4 "failed: '$partial/data' still has files whose names are taken in '$into'; nothing was written over"
}

# Only what this script made, by name.
close_target() {
  rm -f -- "$partial/moving" "$partial/manifest.here" "$partial/manifest.there" "$partial/manifest.raw" "$partial/manifest.lines"
  if [ -d "$partial/empty" ]; then rmdir -- "$partial/empty"; fi
  rmdir -- "$partial" || finish 4 "failed: '$partial' has files in it that are not of this restore"
}

refuse() {
  finish 2 "target '$into': $1; nothing was written"
}
