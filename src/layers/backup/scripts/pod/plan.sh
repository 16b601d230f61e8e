#!/bin/sh
# plan.sh - part of backup.sh: what a run would change at the other machine, and whether it may.
#
# One connection, nothing is written. rsync compares the source with the newest snapshot; the server program says beside
# it, on stderr, which snapshot that is, what is in it and how much room there is (lines `@key value`).
# Needs finish.sh, host.sh and source.sh.
#
# Sets BASE (a snapshot's name, or - where there is none), CHANGED, SOURCE_FILES, SOURCE_BYTES, NEED_BYTES.
#
# Environment:
#   LOCAL_PATH_BACKUP_SOURCE, LOCAL_PATH_BACKUP_RUN_FOLDER, LOCAL_PATH_BACKUP_PATH
#   LOCAL_PATH_BACKUP_MAX_SHRINK_PERCENT   a source that became smaller by more than this is refused; 100: none is
# shellcheck disable=SC2034 # backup.sh uses what is set here

PROTOCOL=1
# In every run, or rsync would take the same file for a changed one. -x: never into a mount, -S: holes stay holes.
RSYNC_OPTIONS='-rlptgo --specials -HAXSxz --numeric-ids'
# Less than this is no sign of a loss: a log that was emptied, a few files that were cleared away.
SHRINK_FILES=10
SHRINK_BYTES=10485760

plan() {
  planned="$LOCAL_PATH_BACKUP_RUN_FOLDER/plan"
  status=0
  # shellcheck disable=SC2086 # words without blanks
  server_rsync "$(seconds_left)" plan $RSYNC_OPTIONS $EXCLUDE_OPTIONS -n --delete --stats --no-h \
    --out-format='%i %l %n' -- "$LOCAL_PATH_BACKUP_SOURCE/" "$(remote_place):." >"$planned" 2>"$planned.err" || status=$?
  # 24: programs go on writing while their volumes are read; a file that is gone by then is no failure.
  case $status in 0 | 24) ;; *) server_failed 'comparing with the newest snapshot' "$status" "$planned.err" ;; esac
  check_answer
  SOURCE_FILES=$(($(stats 'Number of files' "$planned") - 1)) # without the source's folder itself
  SOURCE_BYTES=$(stats 'Total file size' "$planned")
  # A volume that was found bad over there is sent anew, though nothing changed here.
  CHANGED=$({ changes "$planned"; grep '^@suspect ' "$planned.err" || :; } | wc -l | tr -d ' ')
}

# Lines `WHAT SIZE NAME` of rsync; a name with a line end in it is one line too.
changes() { grep -E '^([<>ch.][fdLDS]|\*deleting )' "$1" || :; } # no line is no failure

# stats NAME FILE: a number of rsync's --stats.
stats() { sed -n "s/^$1: \([0-9]*\).*/\1/p" "$2" | tail -n 1; }

# answer KEY: what the server program said.
answer() { sed -n "s/^@$1 //p" "$planned.err" | head -n 1; }

check_answer() {
  protocol=$(answer protocol)
  [ "$protocol" = "$PROTOCOL" ] || finish 2 \
    "program '$LOCAL_PATH_BACKUP_SERVER' on '$(remote_place)': expected protocol $PROTOCOL, got \"$protocol\"; nothing was copied"
  BASE=$(answer base)
  for key in files bytes free-bytes reserve-bytes; do
    case $(answer "$key") in
      '' | *[!0-9]*) finish 2 "answer '@$key' of '$(remote_place)': expected a number, got \"$(answer "$key")\"; nothing was copied" ;;
    esac
  done
  [ -n "$BASE" ] || finish 2 "answer '@base' of '$(remote_place)': expected a snapshot's name or -, got \"\"; nothing was copied"
}

# Ends the run with 2 where the source lost more than it may. A volume whose folder is gone was deleted by the cluster;
# it counts in all, but not by itself. What is excluded now counts nowhere.
check_shrink() {
  [ "$BASE" != - ] || return 0
  { printf '%s' "$VOLUMES" | sed 's/^/present /'; printf '%s' "$EXCLUDED" | sed 's/^/excluded /'; } >"$planned.volumes"
  # shellcheck disable=SC2016 # for awk
  lost=$(awk -v percent="$LOCAL_PATH_BACKUP_MAX_SHRINK_PERCENT" -v files="$SOURCE_FILES" -v bytes="$SOURCE_BYTES" \
    -v few="$SHRINK_FILES" -v little="$SHRINK_BYTES" '
    function fell(before, now, floor) { return before - now > floor && (before - now) * 100 > before * percent }
    function told(what, before, now) { printf "%s: %.0f, now %.0f\n", what, before, now; exit }
    FILENAME ~ /\.err$/ && $1 == "@files" { all_files = $2 }
    FILENAME ~ /\.err$/ && $1 == "@bytes" { all_bytes = $2 }
    FILENAME ~ /\.err$/ && $1 == "@volume" { before[$4] = $2; size[$4] = $3 }
    FILENAME ~ /\.volumes$/ && $1 == "present" { present[$2] = 1 }
    FILENAME ~ /\.volumes$/ && $1 == "excluded" { all_files -= before[$2]; all_bytes -= size[$2] }
    FILENAME ~ /plan$/ && /^([<>ch.][fdLDS]|\*deleting )/ { volume = $3; sub("/.*", "", volume)
      if ($1 == "*deleting") change[volume]--; else if ($1 ~ /\+\+\+$/) change[volume]++ }
    END {
      if (fell(all_files, files, few)) told("files in all", all_files, files)
      if (fell(all_bytes, bytes, little)) told("bytes in all", all_bytes, bytes)
      for (volume in present) if (fell(before[volume], before[volume] + change[volume], few))
        told("files in " volume, before[volume], before[volume] + change[volume])
    }' "$planned.err" "$planned.volumes" "$planned")
  [ -z "$lost" ] || finish 2 "source '$LOCAL_PATH_BACKUP_SOURCE': expected at most $LOCAL_PATH_BACKUP_MAX_SHRINK_PERCENT % less than in $BASE, got $lost; nothing was copied (if that is right, allow more for one run: maxShrinkPercent)"
}

# Ends the run with 4 where the other machine's disk has no room. Each file that changed is a whole new one there, and
# each snapshot has folders of its own. Of a volume that was found bad, each file is a new one.
check_room() {
  folders=$(sed -n 's/^Number of files:.* dir: \([0-9]*\).*/\1/p' "$planned" | tail -n 1)
  # shellcheck disable=SC2016 # for awk
  need=$({ grep -E '^@(volume|suspect) ' "$planned.err" || :; changes "$planned"; } | awk -v folders="${folders:-0}" '
    $1 == "@volume" { count[$4] = $2; size[$4] = $3; next }
    $1 == "@suspect" { files += count[$2]; bytes += size[$2] + count[$2] * 4096; next }
    $1 == "*deleting" || $1 ~ /^h/ || substr($1, 2, 1) == "d" { next }
    { bytes += substr($1, 2, 1) == "f" ? int(($2 + 4095) / 4096) * 4096 : 0; files++ }
    END { printf "%.0f %.0f\n", bytes + folders * 4096, files + folders }')
  NEED_BYTES=${need% *}
  expect_room bytes "$NEED_BYTES" "$(answer free-bytes)" "$(answer reserve-bytes)"
  # Some file systems have no fixed number of files.
  case $(answer free-inodes)$(answer reserve-inodes) in
    '' | *[!0-9]*) ;;
    *) expect_room inodes "${need#* }" "$(answer free-inodes)" "$(answer reserve-inodes)" ;;
  esac
}

# expect_room WHAT NEEDED FREE RESERVE
expect_room() {
  # What an interrupted run left over there is used again, or goes.
  partial=0
  [ "$1" != bytes ] || partial=$(answer partial-bytes)
  [ $(($3 + ${partial:-0} - $2)) -ge "$4" ] ||
    finish 4 "disk of '$(remote_place)': expected room for $2 $1 beside the reserve of $4, got $3 free; nothing was copied"
}

# server_failed STEP RSYNC-STATUS STDERR: ends the run, with what the server program said or else ssh.
server_failed() {
  grep -v '^@' "$3" | tail -n 20 >&2 || :                       # nothing was said
  said=$(sed -n 's/^selfheal-backup-server: //p' "$3" | head -n 1)
  place="'$(remote_place)'"
  case $(sed -n 's/^@refused //p' "$3" | tail -n 1) in
    1 | 2) finish 2 "refused by $place: $1: $said" ;;
    3) finish 3 "another run is under way on $place: $1: $said" ;;
    4) finish 4 "no room on $place: $1: $said" ;;
    5) finish 4 "failed on $place: $1: $said" ;;
  esac
  was_stopped "$2" && finish 4 "failed: $1: stopped after $(seconds_spent) s, expected to end within $LOCAL_PATH_BACKUP_TIMEOUT_SECONDS s"
  # rsync says 12 when it finds the pipe closed before it hears why: a short word with that machine tells it apart.
  reason=$2
  if [ "$reason" -eq 12 ]; then
    reached=0
    server "$(seconds_left 60)" newest >/dev/null 2>&1 || reached=$?
    case $reached in 126 | 127 | 255) reason=$reached ;; esac
  fi
  case $reason in
    126 | 127) finish 2 "program '$LOCAL_PATH_BACKUP_SERVER' on $place: expected to be installed there, got status $reason; nothing was copied" ;;
    255) finish 4 "failed: $1: no SSH connection to $place (status $2), or the host key is not the pinned one" ;;
    12) finish 4 "failed: $1: the connection to $place broke off (status 12)" ;;
    23) finish 4 "failed: $1: some files cannot be read (status 23)" ;;
    30) finish 4 "failed: $1: $place was silent for 60 s (status 30)" ;;
    *) finish 4 "failed: $1: status $reason${said:+: $said}" ;;
  esac
}
