#!/bin/sh
# mirror.sh - copy a node's local-path volumes to another machine with rsync over SSH.
#
# The form with neither snapshots nor a program on the other machine: any login with rsync will do there.
#
# It only adds and replaces. There is no --delete: a volume that is empty by mistake must not empty its copy. And a
# source that does not look like the node's volumes is refused, because "copied nothing" would count as a good backup.
#
# Environment, all required:
#   LOCAL_PATH_BACKUP_SOURCE                             the volumes' folder
#   LOCAL_PATH_BACKUP_USER                               login name on the other machine
#   LOCAL_PATH_BACKUP_HOST                               the other machine
#   LOCAL_PATH_BACKUP_PORT                               its SSH port
#   LOCAL_PATH_BACKUP_PATH                               the folder there that receives the copy
#   LOCAL_PATH_BACKUP_BANDWIDTH_LIMIT_KIB_PER_SECOND     at least 1: rsync takes 0 for "no limit"
#   LOCAL_PATH_BACKUP_TIMEOUT_SECONDS                    after this one attempt is stopped
#   LOCAL_PATH_BACKUP_LINKER                             the host's dynamic linker
#   LOCAL_PATH_BACKUP_LIBRARIES                          the host's library folders, joined by ":"
#   LOCAL_PATH_BACKUP_RSYNC, LOCAL_PATH_BACKUP_SSH       the host's programs
#   LOCAL_PATH_BACKUP_KEY                                the private key
#   LOCAL_PATH_BACKUP_KNOWN_HOSTS                        the other machine's pinned host key
#
# Environment, optional:
#   LOCAL_PATH_BACKUP_SCRIPTS                            the folder with this script's parts (default /scripts)
#
# Exit status: 0 copied, 1 bad settings, 2 refused before anything was copied, 4 the copy failed or is incomplete.

set -eu

scripts=${LOCAL_PATH_BACKUP_SCRIPTS:-/scripts}
# shellcheck source-path=SCRIPTDIR source=finish.sh
. "$scripts/finish.sh"
# shellcheck source-path=SCRIPTDIR source=settings.sh
. "$scripts/settings.sh"
# shellcheck source-path=SCRIPTDIR source=host.sh
. "$scripts/host.sh"

main() {
  check_settings
  check_source
  check_tools
  start "$LOCAL_PATH_BACKUP_TIMEOUT_SECONDS"
  copy
}

check_settings() {
  expect_path LOCAL_PATH_BACKUP_SOURCE "${LOCAL_PATH_BACKUP_SOURCE-}"
  expect_word LOCAL_PATH_BACKUP_USER "${LOCAL_PATH_BACKUP_USER-}"
  expect_word LOCAL_PATH_BACKUP_HOST "${LOCAL_PATH_BACKUP_HOST-}"
  expect_number LOCAL_PATH_BACKUP_PORT "${LOCAL_PATH_BACKUP_PORT-}"
  expect_number LOCAL_PATH_BACKUP_TIMEOUT_SECONDS "${LOCAL_PATH_BACKUP_TIMEOUT_SECONDS-}"
  expect_path LOCAL_PATH_BACKUP_KEY "${LOCAL_PATH_BACKUP_KEY-}"
  expect_path LOCAL_PATH_BACKUP_LINKER "${LOCAL_PATH_BACKUP_LINKER-}"
  check_server_settings
  check_program_settings
}

# A disk that is not mounted, a folder that moved, a wrong path: none of these has folders of claims in it. The
# provisioners name them pvc-<uid>_<namespace>_<claim> (k3s) and <namespace>-<claim>-pvc-<uid> (MicroK8s).
check_source() {
  volumes=0
  for folder in "$LOCAL_PATH_BACKUP_SOURCE"/*pvc-*; do
    if [ -d "$folder" ] && [ ! -L "$folder" ]; then volumes=$((volumes + 1)); fi
  done
  [ "$volumes" -gt 0 ] ||
    finish 2 "source '$LOCAL_PATH_BACKUP_SOURCE': expected folders of volumes (*pvc-*), got none; nothing was copied"
}

copy() {
  destination="$(remote_place):${LOCAL_PATH_BACKUP_PATH%/}/"
  status=0
  # It writes each file under another name and renames it, so whenever it stops, each file of the copy is the old one or
  # the new one.
  rsync_here "$LOCAL_PATH_BACKUP_TIMEOUT_SECONDS" -az --stats --timeout=300 \
    -e "$(remote_shell)" -- "${LOCAL_PATH_BACKUP_SOURCE%/}/" "$destination" || status=$?
  summary="$volumes volume(s) to $destination in $(seconds_spent) s"
  was_stopped "$status" &&
    finish 4 "failed $summary: stopped, at the latest after $LOCAL_PATH_BACKUP_TIMEOUT_SECONDS s (status $status)"
  case $status in
    0) finish 0 "copied $summary" ;;
    # Programs go on writing while their volumes are read; a file that is gone by then is no failure.
    24) finish 0 "copied $summary; some files were deleted while they were read" ;;
    # ssh's own status is 255; rsync says 12 when it finds the pipe closed before it hears of that.
    12 | 255) finish 4 "failed $summary: no SSH connection (rsync status $status), or the host key is not the pinned one" ;;
    *) finish 4 "failed $summary: rsync status $status" ;;
  esac
}

main
