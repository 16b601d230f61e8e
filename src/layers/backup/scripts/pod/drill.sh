#!/bin/sh
# drill.sh - read back the volume that was read back longest ago, and tell whether it is what was backed up.
#
# What is read goes to scratch space that nobody else uses and that ends with the pod. The answer is told to the other
# machine, which keeps the last backup that is known to be good, and to node_exporter. One volume a run.
#
# Environment:
#   LOCAL_PATH_BACKUP_SCRIPTS           where its parts are (default /scripts)
#   LOCAL_PATH_BACKUP_SCRATCH           the scratch folder (default /scratch)
#   LOCAL_PATH_BACKUP_MAX_BYTES         what may be put there; a tenth of its disk stays free as well
#   LOCAL_PATH_BACKUP_TIMEOUT_SECONDS   all together may take so long
#   LOCAL_PATH_BACKUP_NAME, LOCAL_PATH_BACKUP_TEXTFILE_FOLDER   see metrics.sh
#   and the settings of the other machine and of the programs, which settings.sh lists
#
# Exit status: 0 equal, 1 bad settings, 2 nothing that could be read back, or nothing of it fits, 4 failed, 7 NOT EQUAL.

set -eu
export LC_ALL=C TZ=UTC

SCRIPTS=${LOCAL_PATH_BACKUP_SCRIPTS:-/scripts}
# shellcheck source=finish.sh
. "$SCRIPTS/finish.sh"
# shellcheck source=settings.sh
. "$SCRIPTS/settings.sh"
# shellcheck source=host.sh
. "$SCRIPTS/host.sh"
# shellcheck source=metrics.sh
. "$SCRIPTS/metrics.sh"
# shellcheck source=mounts.sh
. "$SCRIPTS/mounts.sh"
# shellcheck source=read-back.sh
. "$SCRIPTS/read-back.sh"
SCRIPT=local-path-drill
METRICS=selfheal_backup_drill
READY=no

main() {
  check_settings
  start "$LOCAL_PATH_BACKUP_TIMEOUT_SECONDS"
  mkdir -p "$LOCAL_PATH_BACKUP_RUN_FOLDER" || finish 2 "folder '$LOCAL_PATH_BACKUP_RUN_FOLDER': expected to make it, got an error"
  READY=yes
  check_tools
  share_connection
  find_scratch
  pick
  drill
}

check_settings() {
  : "${LOCAL_PATH_BACKUP_SCRATCH:=/scratch}"
  check_server_settings
  check_program_settings
  expect_word LOCAL_PATH_BACKUP_NAME "${LOCAL_PATH_BACKUP_NAME-}"
  expect_path LOCAL_PATH_BACKUP_SCRATCH "$LOCAL_PATH_BACKUP_SCRATCH"
  expect_number LOCAL_PATH_BACKUP_MAX_BYTES "${LOCAL_PATH_BACKUP_MAX_BYTES-}"
  expect_number LOCAL_PATH_BACKUP_TIMEOUT_SECONDS "${LOCAL_PATH_BACKUP_TIMEOUT_SECONDS-}"
}

find_scratch() {
  if [ ! -d "$LOCAL_PATH_BACKUP_SCRATCH" ] || [ -L "$LOCAL_PATH_BACKUP_SCRATCH" ]; then
    finish 2 "scratch '$LOCAL_PATH_BACKUP_SCRATCH': expected a folder, got none"
  fi
  scratch=$(cd -P -- "$LOCAL_PATH_BACKUP_SCRATCH" && pwd -P)
  type=$(file_system_of "$scratch")
  ! may_be_remote "$type" || finish 2 "scratch '$scratch': expected a disk of this machine, got a network file system ($type)"
  look_at_room "$scratch"
  [ "$FREE_BYTES" -gt "$LOCAL_PATH_BACKUP_MAX_BYTES" ] || LOCAL_PATH_BACKUP_MAX_BYTES=$FREE_BYTES
  # The folder that is filled, and emptied by rsync's --delete, is one of our own.
  work=$scratch/selfheal-drill
  [ ! -L "$work" ] || finish 2 "scratch '$work': expected a folder, got a symbolic link"
}

# pick: sets SNAPSHOT, VOLUME, FILES and BYTES.
pick() {
  picked=$LOCAL_PATH_BACKUP_RUN_FOLDER/picked
  status=0
  server "$(seconds_left 120)" pick "$LOCAL_PATH_BACKUP_MAX_BYTES" >"$picked" || status=$?
  [ "$status" -eq 0 ] || finish 4 "failed: the other machine did not say what to read back (status $status), see above"
  too_large=$(awk '$1 == "too-large" { print $2 }' "$picked")
  metric "${METRICS}_too_large_volumes" "${too_large:-0}"
  read -r SNAPSHOT VOLUME FILES BYTES <"$picked" || :  # an empty answer leaves them empty
  if [ "$SNAPSHOT" = too-large ] || [ -z "$BYTES" ]; then
    finish 2 "nothing to read back: no snapshot has a volume of at most $LOCAL_PATH_BACKUP_MAX_BYTES bytes, ${too_large:-0} are larger"
  fi
  [ -z "$FREE_FILES" ] || [ "$FILES" -le "$FREE_FILES" ] ||
    finish 2 "scratch '$scratch': expected room for the $FILES files of $VOLUME, got $FREE_FILES inodes"
}

drill() {
  status=0
  read_back "$SNAPSHOT" "$VOLUME" "$work" || status=$?
  metric "${METRICS}_bytes" "$BYTES"
  case $status in
    0) note ok && finish 0 "$VOLUME of $SNAPSHOT read back: $FILES files, $BYTES bytes, equal to the manifest, in $(seconds_spent) s" ;;
    2)
      note bad
      finish 7 "$VOLUME of $SNAPSHOT IS NOT WHAT WAS BACKED UP: $WHY"
      ;;
    *) finish 4 "failed: $VOLUME of $SNAPSHOT: $WHY" ;;
  esac
}

# note ok|bad: over there, so that retention keeps the last good one. The reason in letters that a command may have.
note() {
  reason=$(printf '%s' "$WHY" | tr -c 'A-Za-z0-9 ._:=/%,+@-' '_' | cut -c 1-200)
  set -f
  # shellcheck disable=SC2086 # words of the command
  server "$(seconds_left 60)" verified "$SNAPSHOT" "$VOLUME" "$1" $reason || told=$?
  set +f
  [ "${told:-0}" -eq 0 ] || finish 4 "failed: $VOLUME of $SNAPSHOT was found to be $1, but the other machine did not note it (status $told)"
}

# each_volume: of the newest snapshot, when each volume was last found good (0: never), whether its last verdict is bad,
# and the oldest of these times. Those that are too large are not counted: they have a metric of their own.
each_volume() {
  listed=$LOCAL_PATH_BACKUP_RUN_FOLDER/list
  server 60 list >"$listed" || return 0
  awk -F '\t' -v most="$LOCAL_PATH_BACKUP_MAX_BYTES" '
    $1 == "snapshot" && newest == "" { newest = $2 }
    $1 != "volume" { next }
    $2 == newest && $5 <= most + 0 { wanted[$3] }
    $9 == "ok" && $8 > good[$3] + 0 { good[$3] = $8 }
    $9 != "-" && $8 > last[$3] + 0 { last[$3] = $8; word[$3] = $9 }
    END { for (volume in wanted) print good[volume] + 0, (word[volume] == "bad") + 0, volume }
  ' "$listed" | sort -n >"$listed.volumes"
  oldest=
  while read -r good bad volume; do
    metric "${METRICS}_volume_verified_timestamp_seconds" "$good" "volume=\"$volume\""
    metric "${METRICS}_volume_bad" "$bad" "volume=\"$volume\""
    [ -n "$oldest" ] || oldest=$good
  done <"$listed.volumes"
  [ -z "$oldest" ] || metric "${METRICS}_oldest_verified_timestamp_seconds" "$oldest"
}

at_end() {
  if [ "$READY" = yes ]; then
    case $RESULT in 0 | 2 | 7) each_volume ;; esac
    keep_metric "${METRICS}_oldest_verified_timestamp_seconds" "${METRICS}_too_large_volumes" "${METRICS}_bytes" \
      "${METRICS}_volume_verified_timestamp_seconds" "${METRICS}_volume_bad"
    success=no
    [ "$RESULT" -ne 0 ] || success=yes
    write_metrics "$METRICS" "$RESULT" "$success"
  fi
  close_connection
}

main
