#!/bin/sh
# backup.sh - take a snapshot of a node's local-path volumes on another machine with rsync over SSH.
#
# It runs in a pod that has neither rsync nor ssh: both are the host's (host.sh). The other machine keeps the snapshots
# (selfheal-backup-server): what did not change is the same file in each of them. A run compares first; where nothing
# changed that is all. Only what was received whole is published, and nothing that was published is ever changed.
#
# Environment, required:
#   LOCAL_PATH_BACKUP_NAME                               the CronJob, in the metrics
#   LOCAL_PATH_BACKUP_SOURCE                             the volumes' folder
#   LOCAL_PATH_BACKUP_USER                               login name on the other machine
#   LOCAL_PATH_BACKUP_HOST                               the other machine
#   LOCAL_PATH_BACKUP_PORT                               its SSH port
#   LOCAL_PATH_BACKUP_PATH                               its folder for the snapshots
#   LOCAL_PATH_BACKUP_BANDWIDTH_LIMIT_KIB_PER_SECOND     at least 1: rsync takes 0 for "no limit"
#   LOCAL_PATH_BACKUP_TIMEOUT_SECONDS                    after this one attempt is stopped
#   LOCAL_PATH_BACKUP_KEY                                the private key
#   LOCAL_PATH_BACKUP_KNOWN_HOSTS                        the other machine's pinned host key
#   LOCAL_PATH_BACKUP_MAX_SHRINK_PERCENT                 a source that lost more than this is refused (1 to 100)
# Environment, optional:
#   LOCAL_PATH_BACKUP_LINKER                             the host's dynamic linker (default: programs of the PATH)
#   LOCAL_PATH_BACKUP_LIBRARIES                          the host's library folders, joined by ":"
#   LOCAL_PATH_BACKUP_RSYNC                              the host's rsync
#   LOCAL_PATH_BACKUP_SSH                                the host's ssh
#   LOCAL_PATH_BACKUP_EXCLUDE                            volumes to leave out: namespace/claim, joined by ":"
#   LOCAL_PATH_BACKUP_HOOKS                              a folder with hooks (hooks.sh)
#   LOCAL_PATH_BACKUP_TEXTFILE_FOLDER                    node_exporter's folder for metrics
#   LOCAL_PATH_BACKUP_RUN_FOLDER                         a folder of this run's own, in memory (default /run/backup)
#   LOCAL_PATH_BACKUP_SCRIPTS                            the folder with this script's parts (default /scripts)
#
# Exit status: 0 backed up, or nothing changed; 1 bad settings; 2 refused: the source, a program, or the other machine
# says no, and a second try cannot mend it; 3 another run is under way; 4 failed, nothing was published; 5 the node is
# too busy; 6 backed up, but a hook failed.

set -eu
LC_ALL=C
export LC_ALL

scripts=${LOCAL_PATH_BACKUP_SCRIPTS:-/scripts}
# shellcheck source-path=SCRIPTDIR source=finish.sh
. "$scripts/finish.sh"
# shellcheck source-path=SCRIPTDIR source=settings.sh
. "$scripts/settings.sh"
# shellcheck source-path=SCRIPTDIR source=host.sh
. "$scripts/host.sh"
# shellcheck source-path=SCRIPTDIR source=mounts.sh
. "$scripts/mounts.sh"
# shellcheck source-path=SCRIPTDIR source=source.sh
. "$scripts/source.sh"
# shellcheck source-path=SCRIPTDIR source=plan.sh
. "$scripts/plan.sh"
# shellcheck source-path=SCRIPTDIR source=state.sh
. "$scripts/state.sh"
# shellcheck source-path=SCRIPTDIR source=hooks.sh
. "$scripts/hooks.sh"
# shellcheck source-path=SCRIPTDIR source=metrics.sh
. "$scripts/metrics.sh"
# shellcheck source-path=SCRIPTDIR source=quiet.sh
. "$scripts/quiet.sh"
# shellcheck source-path=SCRIPTDIR source=transfer.sh
. "$scripts/transfer.sh"

main() {
  check_settings
  start "$LOCAL_PATH_BACKUP_TIMEOUT_SECONDS"
  METRICS=yes
  check_source
  check_tools
  wait_until_quiet
  share_connection
  ! is_unchanged || finish 0 "nothing changed since $BASE on $(remote_place): $VOLUME_COUNT volume(s); in $(seconds_spent) s"
  plan
  what="$VOLUME_COUNT volume(s), $SOURCE_FILES file(s), $SOURCE_BYTES bytes"
  [ "$CHANGED" -gt 0 ] || finish 0 "nothing changed since $BASE on $(remote_place): $what; in $(seconds_spent) s"
  check_shrink
  check_room
  before_hooks
  # A program that was asked to hold still may have written something for that.
  [ -z "$HOOKS_PENDING" ] || look_at_source
  receive
  settle
  after_hooks
  publish
  finish 0 "backed up as $PUBLISHED on $(remote_place): $what; $CHANGED change(s), $SENT_BYTES bytes sent, $CHANGING file(s) changed while they were read; in $(seconds_spent) s"
}

check_settings() {
  expect_word LOCAL_PATH_BACKUP_NAME "${LOCAL_PATH_BACKUP_NAME-}"
  case $LOCAL_PATH_BACKUP_NAME in *[!a-z0-9.-]*) bad_setting LOCAL_PATH_BACKUP_NAME "the CronJob's name" "$LOCAL_PATH_BACKUP_NAME" ;; esac
  expect_plain_path LOCAL_PATH_BACKUP_SOURCE "${LOCAL_PATH_BACKUP_SOURCE-}"
  expect_word LOCAL_PATH_BACKUP_USER "${LOCAL_PATH_BACKUP_USER-}"
  expect_word LOCAL_PATH_BACKUP_HOST "${LOCAL_PATH_BACKUP_HOST-}"
  expect_number LOCAL_PATH_BACKUP_PORT "${LOCAL_PATH_BACKUP_PORT-}" 65535
  expect_number LOCAL_PATH_BACKUP_TIMEOUT_SECONDS "${LOCAL_PATH_BACKUP_TIMEOUT_SECONDS-}"
  expect_path LOCAL_PATH_BACKUP_KEY "${LOCAL_PATH_BACKUP_KEY-}"
  expect_number LOCAL_PATH_BACKUP_MAX_SHRINK_PERCENT "${LOCAL_PATH_BACKUP_MAX_SHRINK_PERCENT-}" 100
  check_server_settings
  check_program_settings
  check_excludes
  [ -z "${LOCAL_PATH_BACKUP_HOOKS-}" ] || expect_path LOCAL_PATH_BACKUP_HOOKS "$LOCAL_PATH_BACKUP_HOOKS"
  [ -z "${LOCAL_PATH_BACKUP_TEXTFILE_FOLDER-}" ] || expect_path LOCAL_PATH_BACKUP_TEXTFILE_FOLDER "$LOCAL_PATH_BACKUP_TEXTFILE_FOLDER"
  if [ ! -d "$LOCAL_PATH_BACKUP_RUN_FOLDER" ] || [ ! -w "$LOCAL_PATH_BACKUP_RUN_FOLDER" ]; then
    bad_setting LOCAL_PATH_BACKUP_RUN_FOLDER "a folder that can be written to" "$LOCAL_PATH_BACKUP_RUN_FOLDER"
  fi
}

METRICS=no

at_end() {
  after_hooks
  close_connection
  if [ "$RESULT" -eq 0 ] && [ "$HOOKS_FAILED" -gt 0 ]; then
    RESULT=6
    MESSAGE="$MESSAGE; $HOOKS_FAILED hook(s) failed"
  fi
  [ "$METRICS" = no ] || record
}

# What this run did not get to know stays as the last one left it.
record() {
  : >"$LOCAL_PATH_BACKUP_RUN_FOLDER/metrics"
  metric selfheal_backup_hooks_failed "$HOOKS_FAILED"
  metric selfheal_backup_sent_bytes "$SENT_BYTES"
  metric selfheal_backup_changed_files "${CHANGED:-0}"
  success=no
  case $RESULT in 0 | 6) success=yes ;; esac
  if [ "$success" = yes ] && [ -n "${SOURCE_FILES-}" ]; then
    metric selfheal_backup_files "$SOURCE_FILES"
    metric selfheal_backup_bytes "$SOURCE_BYTES"
    changing_lines | while read -r count _ folder; do
      [ "$count" = '?' ] || metric selfheal_backup_changing_files "$count" "volume=\"$folder\""
    done
  fi
  if [ -n "${BASE-}" ]; then
    metric selfheal_backup_server_free_bytes "$(answer free-bytes)"
    metric selfheal_backup_server_reserve_bytes "$(answer reserve-bytes)"
  fi
  keep_metric selfheal_backup_files selfheal_backup_bytes selfheal_backup_changing_files \
    selfheal_backup_server_free_bytes selfheal_backup_server_reserve_bytes
  write_metrics selfheal_backup "$RESULT" "$success"
}

main
