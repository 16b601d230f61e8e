#!/bin/sh
# source.sh - part of backup.sh: whether the source is the node's volumes, and which of them are copied.
#
# A folder that is empty by mistake, a disk that is not mounted, another machine's disk: none of these may become a
# backup. What is mounted is looked up before any folder is. Needs finish.sh, settings.sh and mounts.sh.
#
# Sets VOLUMES and EXCLUDED (names of folders, one a line), VOLUME_COUNT, EXCLUDE_OPTIONS (for rsync).
#
# Environment:
#   LOCAL_PATH_BACKUP_SOURCE    the volumes' folder
#   LOCAL_PATH_BACKUP_EXCLUDE   volumes that are left out: namespace/claim, joined by ":"
#   LOCAL_PATH_BACKUP_PROC      where the kernel's own files are (default /proc; another one in tests only)

VOLUMES=''
EXCLUDED=''
VOLUME_COUNT=0
EXCLUDE_OPTIONS=''

check_source() {
  check_mounts
  if [ -L "$LOCAL_PATH_BACKUP_SOURCE" ] || [ ! -d "$LOCAL_PATH_BACKUP_SOURCE" ]; then
    finish 2 "source '$LOCAL_PATH_BACKUP_SOURCE': expected a folder, got a link or nothing; nothing was copied"
  fi
  find_volumes
  [ "$VOLUME_COUNT" -gt 0 ] ||
    finish 2 "source '$LOCAL_PATH_BACKUP_SOURCE': expected folders of volumes (*pvc-*), got none; nothing was copied"
}

check_mounts() {
  mounts="${LOCAL_PATH_BACKUP_PROC:-/proc}/self/mountinfo"
  [ -r "$mounts" ] || finish 2 "file '$mounts': expected the kernel's list of mounts, got nothing; nothing was copied"
  own_type=$(file_system_of "$LOCAL_PATH_BACKUP_SOURCE")
  [ -n "$own_type" ] ||
    finish 2 "source '$LOCAL_PATH_BACKUP_SOURCE': expected to be on a mounted disk, got none in $mounts; nothing was copied"
  ! is_network "$own_type" ||
    finish 2 "source '$LOCAL_PATH_BACKUP_SOURCE': expected a disk of the node's own, got a file system of type $own_type; nothing was copied"
  below=$(first_mount_below "$LOCAL_PATH_BACKUP_SOURCE")
  [ -z "$below" ] ||
    finish 2 "source '$LOCAL_PATH_BACKUP_SOURCE': expected no mount below it, got $below; nothing was copied"
}

find_volumes() {
  for folder in "$LOCAL_PATH_BACKUP_SOURCE"/* "$LOCAL_PATH_BACKUP_SOURCE"/.[!.]* "$LOCAL_PATH_BACKUP_SOURCE"/..?*; do
    if [ ! -d "$folder" ] || [ -L "$folder" ]; then continue; fi
    name=${folder##*/}
    if [ "$name" = lost+found ]; then
      EXCLUDE_OPTIONS="$EXCLUDE_OPTIONS --exclude=/$name/"
      continue
    fi
    case $name in
      [!A-Za-z0-9]* | *[!A-Za-z0-9._-]*)
        finish 2 "source '$LOCAL_PATH_BACKUP_SOURCE': expected folders with names of letters, digits, '.', '_' and '-', got \"$name\"; nothing was copied" ;;
    esac
    if is_excluded "$name"; then
      EXCLUDED="$EXCLUDED$name
"
      EXCLUDE_OPTIONS="$EXCLUDE_OPTIONS --exclude=/$name/"
      continue
    fi
    VOLUMES="$VOLUMES$name
"
    # Other folders are copied too, but they prove nothing.
    case $name in *pvc-*) VOLUME_COUNT=$((VOLUME_COUNT + 1)) ;; esac
  done
}

check_excludes() {
  for excluded in $(printf '%s' "${LOCAL_PATH_BACKUP_EXCLUDE-}" | tr : ' '); do
    expect_volume LOCAL_PATH_BACKUP_EXCLUDE "$excluded"
  done
}

# expect_volume WHERE VALUE
expect_volume() {
  case $2 in
    */*/* | /* | */ | *[!a-z0-9./-]*) bad_setting "$1" "namespace/claim" "$2" ;;
    */*) ;;
    *) bad_setting "$1" "namespace/claim" "$2" ;;
  esac
}

is_excluded() {
  for excluded in $(printf '%s' "${LOCAL_PATH_BACKUP_EXCLUDE-}" | tr : ' '); do
    if is_volume_of "$1" "$excluded"; then return 0; fi
  done
  return 1
}

# is_volume_of FOLDER NAMESPACE/CLAIM: by the names that the provisioners of k3s and of MicroK8s give. The second cannot
# tell a/b-c from a-b/c; then both are meant.
is_volume_of() {
  case $1 in
    pvc-*_"${2%%/*}_${2#*/}") return 0 ;;
    "${2%%/*}-${2#*/}"-pvc-????????-????-????-????-????????????) return 0 ;;
    *) return 1 ;;
  esac
}
