#!/bin/sh
# restore.sh - restore one volume of one snapshot into an empty place; by default only say what would be done.
#
# What is read back lies in INTO/.selfheal-restore-partial until it has been compared with the manifest of the snapshot;
# only what is equal is moved up. A run that was stopped is continued by the next one. Runs in a pod, on any other
# machine that may log in to the one with the backups, and on that machine itself (without a HOST).
#
# Environment:
#   LOCAL_PATH_BACKUP_SCRIPTS            where its parts are (default /scripts)
#   LOCAL_PATH_RESTORE_VOLUME            namespace/claim, or the folder's name; empty: prints the server's list, and ends
#   LOCAL_PATH_RESTORE_SNAPSHOT          a name of that list, or latest: the newest not known to be bad (default latest)
#   LOCAL_PATH_RESTORE_INTO              an absolute path of an empty or a new folder
#   LOCAL_PATH_RESTORE_APPLY             yes: restore; no: print the plan (default no)
#   LOCAL_PATH_RESTORE_TIMEOUT_SECONDS   all together may take so long (default 86400)
#   and the settings of the other machine and of the programs, which settings.sh lists
#
# Exit status: 0 restored, or the plan is printed, 1 bad settings, 2 refused before anything was written, 4 failed, or
# what was read is not equal to its manifest.

set -eu
export LC_ALL=C TZ=UTC

SCRIPTS=${LOCAL_PATH_BACKUP_SCRIPTS:-/scripts}
# shellcheck source=finish.sh
. "$SCRIPTS/finish.sh"
# shellcheck source=settings.sh
. "$SCRIPTS/settings.sh"
# shellcheck source=host.sh
. "$SCRIPTS/host.sh"
# shellcheck source=mounts.sh
. "$SCRIPTS/mounts.sh"
# shellcheck source=read-back.sh
. "$SCRIPTS/read-back.sh"
# shellcheck source=restore-target.sh
. "$SCRIPTS/restore-target.sh"
SCRIPT=local-path-restore

main() {
  check_settings
  start "$LOCAL_PATH_RESTORE_TIMEOUT_SECONDS"
  check_tools
  mkdir -p "$LOCAL_PATH_BACKUP_RUN_FOLDER" || finish 2 "folder '$LOCAL_PATH_BACKUP_RUN_FOLDER': expected to make it, got an error"
  share_connection
  list=$LOCAL_PATH_BACKUP_RUN_FOLDER/list
  server "$(seconds_left 120)" list >"$list" || no_list $?
  if [ -z "$LOCAL_PATH_RESTORE_VOLUME" ]; then
    cat "$list"
    close_connection
    trap - EXIT
    exit 0
  fi
  choose
  check_target "$LOCAL_PATH_RESTORE_INTO"
  check_room
  print_plan
  [ "$LOCAL_PATH_RESTORE_APPLY" = yes ] || finish 0 "plan only: nothing was written"
  restore
}

at_end() { close_connection; }

check_settings() {
  : "${LOCAL_PATH_RESTORE_VOLUME:=}" "${LOCAL_PATH_RESTORE_SNAPSHOT:=latest}" "${LOCAL_PATH_RESTORE_APPLY:=no}"
  : "${LOCAL_PATH_RESTORE_TIMEOUT_SECONDS:=86400}"
  check_server_settings
  check_program_settings
  expect_number LOCAL_PATH_RESTORE_TIMEOUT_SECONDS "$LOCAL_PATH_RESTORE_TIMEOUT_SECONDS"
  case $LOCAL_PATH_RESTORE_APPLY in
    yes | no) ;;
    *) bad_setting LOCAL_PATH_RESTORE_APPLY 'yes or no' "$LOCAL_PATH_RESTORE_APPLY" ;;
  esac
  [ -n "$LOCAL_PATH_RESTORE_VOLUME" ] || return 0
  expect_word LOCAL_PATH_RESTORE_VOLUME "$LOCAL_PATH_RESTORE_VOLUME"
  expect_word LOCAL_PATH_RESTORE_SNAPSHOT "$LOCAL_PATH_RESTORE_SNAPSHOT"
  # A local path of rsync, which may have blanks in it but no line ends: those would tear the messages apart.
  case ${LOCAL_PATH_RESTORE_INTO-} in
    *[[:cntrl:]]* | */../* | */..) bad_setting LOCAL_PATH_RESTORE_INTO "a plain path" "$LOCAL_PATH_RESTORE_INTO" ;;
    /*[!/]) ;;
    *) bad_setting LOCAL_PATH_RESTORE_INTO "an absolute path below / without '/' at its end" "${LOCAL_PATH_RESTORE_INTO-}" ;;
  esac
}

no_list() {
  case $1 in
    255) finish 4 "failed: no SSH connection to $LOCAL_PATH_BACKUP_HOST, or the host key is not the pinned one; nothing was written" ;;
    1 | 2) finish 2 "the other side refused to list its snapshots, see above; nothing was written" ;;
    *) finish 4 "failed: no list of the snapshots (status $1), see above; nothing was written" ;;
  esac
}

# choose: sets SNAPSHOT, VOLUME (the folder), and what the list says of them.
choose() {
  # The newest snapshot has the highest number; a volume is known by its folder, or as namespace/claim in both forms.
  # Of a claim that was made anew, the latest folder is often the empty one: a person says which.
  chosen=$(WANTED=$LOCAL_PATH_RESTORE_VOLUME AT=$LOCAL_PATH_RESTORE_SNAPSHOT awk -F '\t' '
    BEGIN { wanted = ENVIRON["WANTED"]; at = ENVIRON["AT"]; joined = wanted; sub("/", "-", joined) }
    function is_wanted(folder, parts) {
      if (folder == wanted) return 1
      if (split(folder, parts, "_") == 3 && parts[1] ~ /^pvc-/ && parts[2] "/" parts[3] == wanted) return 1
      return wanted ~ /\// && index(folder, joined "-pvc-") == 1 &&
        substr(folder, length(joined) + 6) ~ /^[0-9a-f]+-[0-9a-f]+-[0-9a-f]+-[0-9a-f]+-[0-9a-f]+$/
    }
    $1 == "snapshot" { number[$2] = $3; taken[$2] = $4; until[$2] = $5 }
    $1 == "volume" && is_wanted($3) && (at == $2 || (at == "latest" && $9 != "bad")) { found[++count] = $0 }
    END {
      for (each = 1; each <= count; each++) {
        split(found[each], field, "\t")
        if (number[field[2]] <= newest[field[3]]) continue
        if (!newest[field[3]]) order[++folders] = field[3]
        newest[field[3]] = number[field[2]]
        line[field[3]] = field[2] " " field[3] " " field[4] " " field[5] " " field[6] " " field[7] " " field[8] " " field[9] " " until[field[2]]
      }
      for (each = 1; each <= folders; each++) print line[order[each]]
    }' "$list")
  case $chosen in
    '') finish 2 "volume '$LOCAL_PATH_RESTORE_VOLUME': expected one of '$LOCAL_PATH_RESTORE_SNAPSHOT' that is not known to be bad ($(names_there)), got none of that name; nothing was written" ;;
    *"
"*) finish 2 "volume '$LOCAL_PATH_RESTORE_VOLUME': expected one folder, got several; name the folder: $(folders_there); nothing was written" ;;
  esac
  # shellcheck disable=SC2086 # words of a line of the list, none with a blank
  set -- $chosen
  SNAPSHOT=$1 VOLUME=$2 FILES=$3 BYTES=$4 CHANGING=$5 CONSISTENCY=$6 VERIFIED=$7 VERDICT=$8 UNTIL=$9
}

# The folders of one claim, each with what is newest of it.
folders_there() {
  printf '%s\n' "$chosen" | awk '{ printf "%s%s (%d files, %d bytes in %s)", (NR > 1 ? ", " : ""), $2, $3, $4, $1 }'
}

# The volumes that may be chosen.
names_there() {
  AT=$LOCAL_PATH_RESTORE_SNAPSHOT awk -F '\t' '
    $1 == "volume" && (ENVIRON["AT"] == $2 || (ENVIRON["AT"] == "latest" && $9 != "bad")) && !seen[$3]++ {
      printf "%s%s", some++ ? " " : "", $3
    }
    END { if (!some) printf "there is none" }' "$list"
}

check_room() {
  look_at_room "$TARGET_DISK"
  had=0
  if [ -d "$partial" ]; then had=$(($(du -sk -- "$partial" | cut -f 1) * 1024)); fi
  [ "$((BYTES - had))" -le "$FREE_BYTES" ] ||
    finish 2 "target '$into': expected room for $BYTES bytes with a tenth of the disk ($KEPT_BYTES) left free, got $FREE_BYTES; nothing was written"
  [ -z "$FREE_FILES" ] || [ "$FILES" -le "$FREE_FILES" ] || [ "$had" -gt 0 ] ||
    finish 2 "target '$into': expected room for $FILES files, got $FREE_FILES inodes; nothing was written"
}

print_plan() {
  case $VERDICT in
    ok) verified="read back and equal on $(day "$VERIFIED")" ;;
    bad) verified="READ BACK AND NOT EQUAL on $(day "$VERIFIED"): expect that this fails" ;;
    *) verified='never read back so far' ;;
  esac
  case $UNTIL in
    -) held='the newest' ;;
    *) held="unchanged until $(day "$UNTIL")" ;;
  esac
  printf '%-10s %s\n' \
    volume "$VOLUME" \
    snapshot "$SNAPSHOT (UTC), $held" \
    size "$FILES files, $(size "$BYTES")" \
    state "$verified; while it was copied: $CONSISTENCY, files changed: $CHANGING" \
    into "$into: $TARGET" \
    room "$(size "$FREE_BYTES") may be used, a tenth of the disk ($(size "$KEPT_BYTES")) stays free" \
    afterwards 'each entry is compared with the manifest (content, owner, mode, time), then every attribute by rsync; only what is equal is moved into place'
  [ "$(id -u)" -eq 0 ] || printf '%-10s %s\n' needed "root, because files get their owners back; now it is $(id -un)"
}

size() {
  awk -v size="$1" 'BEGIN {
    for (unit = 1; unit < split("B KiB MiB GiB TiB", units, " ") && size >= 1024; unit++) size /= 1024
    printf unit == 1 ? "%d %s" : "%.1f %s", size, units[unit]
  }'
}

day() { awk -v s="$1" 'BEGIN { print strftime("%Y-%m-%d %H:%M UTC", s, 1) }' 2>/dev/null || printf '%s s since 1970' "$1"; }

restore() {
  [ "$(id -u)" -eq 0 ] || finish 2 "account: expected root, because files get their owners back, got $(id -un); nothing was written"
  open=$(uptime_seconds)
  if [ "$TARGET_MOVING" = no ]; then
    open_target
    status=0
    read_back "$SNAPSHOT" "$VOLUME" "$partial" || status=$?
    [ "$status" -eq 0 ] || finish 4 "failed: $VOLUME of $SNAPSHOT: $WHY; what was read is in '$partial', nothing of it in place"
  fi
  if [ -d "$partial/data" ]; then move_up; fi
  close_target
  # The folder's own owner, mode and time; and once more everything, now in its place.
  pull "$SNAPSHOT" "$VOLUME" "$into" || finish 4 "failed: $WHY; start again with an empty folder"
  compare_attributes "$SNAPSHOT" "$VOLUME" "$into" --exclude=/lost+found ||
    finish 4 "failed: $VOLUME of $SNAPSHOT in '$into': $WHY"
  finish 0 "restored $VOLUME of $SNAPSHOT into '$into': $FILES files, $BYTES bytes, equal to the manifest, in $(($(uptime_seconds) - open)) s"
}

main
