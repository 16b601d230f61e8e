#!/bin/sh
# read-back.sh - part of drill.sh and restore.sh: reads one volume of one snapshot back, and holds it against its manifest.
#
# `read_back SNAPSHOT VOLUME WORK` fills WORK/data and compares twice: first a list of everything that was written
# (content, mode, owner, size, time, type, name), made on this side, with the manifest that the other side made when it
# received the backup; then both sides by rsync, which also sees attributes, ACLs and hard links. It says by its status:
# 0 equal, 1 not read or not compared, 2 read and not equal; WHY has the reason. It is root's work: owners are set.
# Needs finish.sh (start was called), settings.sh and host.sh; LC_ALL=C and TZ=UTC are exported, WORK is ours alone.
#
# Environment: what host.sh needs.

READ_OPTIONS='-rlptgo --specials -HAXSx --numeric-ids'
LIST_OPTIONS='-rlptgo --specials -AXS --numeric-ids -n -c --checksum-choice=md5 -8'
# Tabs between.
LIST_FORMAT='%C	%B	%U	%G	%l	%M	%i	%n%L'
WHY=''

read_back() {
  mkdir -p "$3/data" "$3/empty" || { WHY="'$3' cannot be written" && return 1; }
  pull "$1" "$2" "$3/data" --delete || return 1
  compare_manifest "$1" "$2" "$3" || return $?
  compare_attributes "$1" "$2" "$3/data"
}

# pull SNAPSHOT VOLUME FOLDER OPTIONS...: makes the folder and all in it what it was; without --delete, more may be there.
pull() {
  pull_of="send $1 $2"
  pull_folder=$3
  shift 3
  pull_status=0
  # shellcheck disable=SC2086 # the options are several words
  server_rsync "$(seconds_left)" "$pull_of" $READ_OPTIONS "$@" "$(remote_place):." "$pull_folder/" >/dev/null || pull_status=$?
  [ "$pull_status" -ne 0 ] || return 0
  if was_stopped "$pull_status"; then WHY="reading was stopped (status $pull_status)"; else WHY="reading failed: rsync status $pull_status, see above"; fi
  return 1
}

compare_manifest() {
  manifest_of "$3" || { WHY='the list of what was read could not be made' && return 1; }
  server "$(seconds_left)" manifest "$1" "$2" >"$3/manifest.raw" || { WHY='the manifest could not be read' && return 1; }
  [ -s "$3/manifest.raw" ] || { WHY='the manifest is empty' && return 1; }
  sort -T "$3" "$3/manifest.raw" >"$3/manifest.there" || { WHY="'$3' cannot be written" && return 1; }
  ! cmp -s "$3/manifest.here" "$3/manifest.there" || return 0
  WHY=$(awk -F '\t' '
    NR == FNR { here[$0]; next }
    $0 in here { delete here[$0]; next }
    { tell() }
    END {
      for (line in here) { $0 = line; tell() }
      printf "%d entries are not as the manifest says:%s", count, first
    }
    function tell() {
      if ($NF in told) return
      told[$NF]
      if (++count <= 3) first = first " \"" $NF "\""
    }' "$3/manifest.here" "$3/manifest.there")
  return 2
}

# manifest_of WORK: WORK/manifest.here of WORK/data, made by rsync as on the other side, so that any name works. Without
# -H: each name has its own line. The folder itself is listed as one in its parent: compared with the empty one, it would
# have no line where both are equal. A file without a checksum is an error, never a line.
manifest_of() {
  # shellcheck disable=SC2086 # the options are several words
  rsync_here "$(seconds_left)" $LIST_OPTIONS "--out-format=$LIST_FORMAT" "$1/data" "$1/empty/" >"$1/manifest.raw" || return 1
  awk -F '\t' -v OFS='\t' '
    function path(  rest, field) {
      rest = $0
      for (field = 0; field < 7; field++) rest = substr(rest, index(rest, "\t") + 1)
      rest = substr(rest, length("data/") + 1)
      return rest == "" ? "./" : rest
    }
    {
      type = substr($7, 2, 1)
      if (type == "f" && $1 !~ /^[0-9a-f]+$/) { bad = 1; exit 1 }
      print type == "f" ? $1 : "-", $2, $3, $4, type == "d" ? "-" : $5, $6, type, path()
    }
    END { exit bad }' "$1/manifest.raw" >"$1/manifest.lines" || return 1
  sort -T "$1" "$1/manifest.lines" >"$1/manifest.here" || return 1
  rm -f "$1/manifest.lines"
}

# compare_attributes SNAPSHOT VOLUME FOLDER OPTIONS...
compare_attributes() {
  compare_of="send $1 $2"
  compared=$3
  shift 3
  differences=$LOCAL_PATH_BACKUP_RUN_FOLDER/differences
  # shellcheck disable=SC2086 # the options are several words
  server_rsync "$(seconds_left)" "$compare_of" $READ_OPTIONS -n -i --delete "$@" "$(remote_place):." "$compared/" >"$differences" || {
    WHY='the comparison by rsync failed, see above'
    return 1
  }
  [ -s "$differences" ] || return 0
  # shellcheck disable=SC2034 # the program says it
  WHY="$(wc -l <"$differences") entries differ in their attributes, first: $(head -n 1 "$differences")"
  return 2
}

# look_at_room FOLDER: sets FREE_BYTES (what may be used; a tenth of the disk stays free), KEPT_BYTES and FREE_FILES
# (empty where the file system has no such limit).
look_at_room() {
  # shellcheck disable=SC2046 # five numbers
  set -- $(stat -f -c '%a %S %b %d %c' -- "$1")
  KEPT_BYTES=$(($2 * $3 / 10))
  FREE_BYTES=$(($1 * $2 - KEPT_BYTES))
  [ "$FREE_BYTES" -ge 0 ] || FREE_BYTES=0
  # shellcheck disable=SC2034 # as above
  if [ "$5" -gt 0 ]; then FREE_FILES=$4; else FREE_FILES=''; fi
}
