#!/bin/sh
# backup.sh - copy a node's local-path volumes to another machine with rsync over SSH.
#
# It runs in a pod that has neither rsync nor ssh: both are the host's, started through the host's dynamic linker with
# the host's libraries. All of it is userspace: when the other machine is slow or away, a process fails, not a kernel.
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
# Exit status: 0 copied, 1 bad settings, 2 refused before anything was copied, 4 the copy failed or is incomplete.

set -eu

main() {
  check_settings
  check_source
  check_tools
  copy
}

check_settings() {
  expect_path SOURCE "${LOCAL_PATH_BACKUP_SOURCE-}"
  expect_word USER "${LOCAL_PATH_BACKUP_USER-}"
  expect_word HOST "${LOCAL_PATH_BACKUP_HOST-}"
  expect_number PORT "${LOCAL_PATH_BACKUP_PORT-}"
  expect_path PATH "${LOCAL_PATH_BACKUP_PATH-}"
  expect_number BANDWIDTH_LIMIT_KIB_PER_SECOND "${LOCAL_PATH_BACKUP_BANDWIDTH_LIMIT_KIB_PER_SECOND-}"
  expect_number TIMEOUT_SECONDS "${LOCAL_PATH_BACKUP_TIMEOUT_SECONDS-}"
  expect_path LINKER "${LOCAL_PATH_BACKUP_LINKER-}"
  expect_word LIBRARIES "${LOCAL_PATH_BACKUP_LIBRARIES-}"
  expect_path RSYNC "${LOCAL_PATH_BACKUP_RSYNC-}"
  expect_path SSH "${LOCAL_PATH_BACKUP_SSH-}"
  expect_path KEY "${LOCAL_PATH_BACKUP_KEY-}"
  expect_path KNOWN_HOSTS "${LOCAL_PATH_BACKUP_KNOWN_HOSTS-}"
}

expect_word() {
  case $2 in
    # rsync splits the command that it is given for ssh at blanks, and knows quotes; a leading "-" would be an option.
    '' | -* | *[[:space:]\'\"]*) bad_setting "$1" "one word" "$2" ;;
  esac
}

expect_path() {
  expect_word "$1" "$2"
  case $2 in
    /*[!/]*) ;;
    *) bad_setting "$1" "an absolute path below /" "$2" ;;
  esac
}

expect_number() {
  case $2 in
    '' | 0* | *[!0-9]*) bad_setting "$1" "a whole number from 1" "$2" ;;
  esac
}

bad_setting() {
  finish 1 "LOCAL_PATH_BACKUP_$1: expected $2, got \"$3\""
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

check_tools() {
  for tool in "$LOCAL_PATH_BACKUP_LINKER" "$LOCAL_PATH_BACKUP_RSYNC" "$LOCAL_PATH_BACKUP_SSH"; do
    [ -x "$tool" ] || finish 2 "program '$tool': expected on the node (packages rsync, openssh-client), got nothing; nothing was copied"
  done
  for file in "$LOCAL_PATH_BACKUP_KEY" "$LOCAL_PATH_BACKUP_KNOWN_HOSTS"; do
    [ -s "$file" ] || finish 2 "file '$file': expected a key, got nothing; nothing was copied"
  done
}

copy() {
  case $LOCAL_PATH_BACKUP_HOST in
    *:*) host="[$LOCAL_PATH_BACKUP_HOST]" ;; # an IPv6 address
    *) host=$LOCAL_PATH_BACKUP_HOST ;;
  esac
  destination="$LOCAL_PATH_BACKUP_USER@$host:${LOCAL_PATH_BACKUP_PATH%/}/"
  start=$(uptime_seconds)
  status=0
  # rsync is killed a little after it was asked to stop. It writes each file under another name and renames it, so
  # whenever it stops, each file of the copy is the old one or the new one.
  timeout -k 10 "$LOCAL_PATH_BACKUP_TIMEOUT_SECONDS" \
    "$LOCAL_PATH_BACKUP_LINKER" --library-path "$LOCAL_PATH_BACKUP_LIBRARIES" "$LOCAL_PATH_BACKUP_RSYNC" \
    -az --stats "--bwlimit=$LOCAL_PATH_BACKUP_BANDWIDTH_LIMIT_KIB_PER_SECOND" --timeout=300 \
    -e "$(ssh_command)" -- "${LOCAL_PATH_BACKUP_SOURCE%/}/" "$destination" || status=$?
  summary="$volumes volume(s) to $destination in $(($(uptime_seconds) - start)) s"
  case $status in
    0) finish 0 "copied $summary" ;;
    # Programs go on writing while their volumes are read; a file that is gone by then is no failure.
    24) finish 0 "copied $summary; some files were deleted while they were read" ;;
    20 | 124 | 137 | 143) finish 4 "failed $summary: stopped, at the latest after $LOCAL_PATH_BACKUP_TIMEOUT_SECONDS s (status $status)" ;;
    # ssh's own status is 255; rsync says 12 when it finds the pipe closed before it hears of that.
    12 | 255) finish 4 "failed $summary: no SSH connection (rsync status $status), or the host key is not the pinned one" ;;
    *) finish 4 "failed $summary: rsync status $status" ;;
  esac
}

# ssh through the host's linker too; rsync appends the login name, the host and the command.
ssh_command() {
  set -- "$LOCAL_PATH_BACKUP_LINKER" --library-path "$LOCAL_PATH_BACKUP_LIBRARIES" "$LOCAL_PATH_BACKUP_SSH" \
    -F none -p "$LOCAL_PATH_BACKUP_PORT" -i "$LOCAL_PATH_BACKUP_KEY" -o IdentitiesOnly=yes -o BatchMode=yes \
    -o StrictHostKeyChecking=yes -o "UserKnownHostsFile=$LOCAL_PATH_BACKUP_KNOWN_HOSTS" \
    -o GlobalKnownHostsFile=/dev/null -o UpdateHostKeys=no \
    -o ConnectTimeout=30 -o ServerAliveInterval=15 -o ServerAliveCountMax=4
  printf '%s' "$*"
}

# Not the clock: it may be set while a backup runs.
uptime_seconds() {
  IFS='. ' read -r seconds _ </proc/uptime
  printf '%s' "$seconds"
}

finish() {
  if [ "$1" -eq 0 ]; then printf 'local-path-backup: %s\n' "$2"; else printf 'local-path-backup: %s\n' "$2" >&2; fi
  exit "$1"
}

main
