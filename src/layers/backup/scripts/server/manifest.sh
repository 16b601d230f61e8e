#!/bin/sh
# manifest.sh - part of selfheal-backup-server.sh: one line a file of what was received, with its checksum.
#
#   MD5|- MODE UID GID SIZE|- MTIME TYPE PATH[ -> TARGET]        (tabs between, folders without size and with a / at the end)
#
# rsync makes it here as it makes it where a volume is read back, so that any name works and the bytes are the same.
# Only files that are not the base's own (inode and path) are read; the base's manifest has the others' checksums.
#
# Environment: that of selfheal-backup-server.sh.
# shellcheck disable=SC2154  # the parts share their variables

# make_manifest BASE|-: work/incoming/manifest and /totals (lines `FILES BYTES VOLUME`, that of "." is the sum).
make_manifest() {
  rm -f work/incoming/manifest work/incoming/totals
  if [ "$1" != - ] && has_own_manifest "$1"; then
    list_files work/incoming/data >work/incoming/list || return 1
    list_fresh "$1" || return 1
    make_lines "snapshots/$1/manifest" || return 1
  else
    list_files work/incoming/data -c --checksum-choice=md5 >work/incoming/list || return 1
    cp work/incoming/list work/incoming/sums || return 1
    make_lines /dev/null || return 1
  fi
  sum_up || return 1
  rm -f work/incoming/list work/incoming/fresh work/incoming/sums work/incoming/inodes work/incoming/base-inodes \
    work/incoming/others
}

# A manifest that is not the one that was published is not built upon.
has_own_manifest() {
  expected=none
  while read -r key value; do
    [ "$key" != manifest-sha256 ] || expected=$value
  done <"snapshots/$1/snapshot"
  found=$(sha256sum "snapshots/$1/manifest") || return 1
  [ "${found%% *}" = "$expected" ] && return
  say "snapshot '$1': expected its manifest to have the sum $expected, got ${found%% *}; every file is read"
  return 1
}

# Each name on a line of its own (no -H), those of a folder that was copied into an empty one.
list_files() {
  listed=$1
  shift
  TZ=UTC timeout -k 10 86400 rsync -rlptgo --specials -AXS --numeric-ids --fake-super -n -8 \
    --out-format='%C	%B	%U	%G	%l	%M	%i	%n%L' "$@" "$listed/" work/empty/
}

# The checksums of what the base does not have under the same inode and path. As many as were asked for must come back:
# one that is missing would get the sum of the file that it replaced.
list_fresh() {
  list_inodes work/incoming/data inodes || return 1
  list_inodes "snapshots/$1/data" base-inodes || return 1
  comm -z -23 work/incoming/inodes work/incoming/base-inodes >work/incoming/others || return 1
  cut -z -d ' ' -f 2- work/incoming/others >work/incoming/fresh || return 1
  sort -z -T work/incoming -o work/incoming/fresh work/incoming/fresh || return 1
  list_files work/incoming/data -c --checksum-choice=md5 --from0 --files-from=work/incoming/fresh >work/incoming/sums || return 1
  asked=$(tr -dc '\000' <work/incoming/fresh | wc -c) || return 1
  answered=$(awk -F '\t' 'substr($7, 2, 1) != "d" { n++ } END { print n + 0 }' work/incoming/sums) || return 1
  [ "$asked" -eq "$answered" ] && return
  say "manifest: expected the checksums of $asked files, got $answered"
  return 1
}

# list_inodes FOLDER NAME. No pipes: a pipe hides that its first program failed.
list_inodes() {
  find "$1" -type f -printf '%i %P\0' >"work/incoming/$2" || return 1
  sort -z -T work/incoming -o "work/incoming/$2" "work/incoming/$2"
}

# make_lines BASE-MANIFEST: a file without a checksum is an error, never a line.
make_lines() {
  # shellcheck disable=SC2016  # awk's own $
  awk -F '\t' -v OFS='\t' '
    function path(  p, i) { p = $0; for (i = 0; i < 7; i++) p = substr(p, index(p, "\t") + 1); return p }
    pass == "base" { if ($7 == "f") sum[path()] = $1; next }
    pass == "sums" { if (substr($7, 2, 1) == "f") sum[path()] = $1; next }
    {
      p = path()
      if (p == "./") next
      type = substr($7, 2, 1)
      if (type == "f" && (!(p in sum) || sum[p] !~ /^[0-9a-f]+$/ || length(sum[p]) != 32)) { bad = 1; exit 1 }
      print type == "f" ? sum[p] : "-", $2, $3, $4, type == "d" ? "-" : $5, $6, type, p
    }
    END { exit bad }
  ' pass=base "$1" pass=sums work/incoming/sums pass=list work/incoming/list >work/incoming/lines || return 1
  sort -T work/incoming -o work/incoming/manifest work/incoming/lines || return 1
  rm -f work/incoming/lines
}

# Bytes are those of files and symlinks, as rsync counts a "total file size".
sum_up() {
  awk -F '\t' '
    {
      size = ($7 == "f" || $7 == "L") ? $5 : 0
      all++
      all_bytes += size
      # A tab in a name does no harm: the first part of a path is in the eighth field, or it is no name of a volume.
      cut = index($8, "/")
      if (cut == 0) next
      volume = substr($8, 1, cut - 1)
      if (volume !~ /^[A-Za-z0-9][A-Za-z0-9._-]*$/) next
      files[volume]++
      bytes[volume] += size
    }
    END {
      printf "%.0f %.0f .\n", all, all_bytes
      for (volume in files) printf "%.0f %.0f %s\n", files[volume], bytes[volume], volume
    }
  ' work/incoming/manifest >work/incoming/totals
}
