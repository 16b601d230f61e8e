#!/bin/sh
# manifest.sh - part of selfheal-backup-server.sh: one line a file of what was received, with its checksum.
#
#   MD5|- MODE UID GID SIZE|- MTIME TYPE PATH[ -> TARGET]        (tabs between, folders without size and with a / at the end)
#
# rsync makes it here as it makes it where a volume is read back, so that any name works and the bytes are the same.
# Only what is not the base's own (inode and path) is looked at: a file that is the very same has the same line.
#
# Environment: that of selfheal-backup-server.sh.
# shellcheck disable=SC2154  # the parts share their variables

# make_manifest BASE|-: work/incoming/manifest and /totals (lines `FILES BYTES VOLUME`, that of "." is the sum).
make_manifest() {
  rm -f work/incoming/manifest work/incoming/totals
  if [ "$1" != - ] && has_own_manifest "$1"; then
    compare_inodes "$1" || return 1
    list_fresh || return 1
    list_gone "$1" || return 1
    make_lines "snapshots/$1/manifest" || return 1
  else
    : >work/incoming/gone
    shared=0
    list_files work/incoming/data -r -c --checksum-choice=md5 >work/incoming/sums || return 1
    make_lines /dev/null || return 1
  fi
  sum_up || return 1
  rm -f work/incoming/fresh work/incoming/sums work/incoming/gone work/incoming/inodes work/incoming/base-inodes work/incoming/others
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
  TZ=UTC timeout -k 10 86400 rsync -dlptgo --specials -AXS --numeric-ids --fake-super -n -8 \
    --out-format='%C	%B	%U	%G	%l	%M	%i	%n%L' "$@" "$listed/" work/empty/
}

# compare_inodes BASE: `fresh`, the paths of what the base does not have as the same file, and of all folders; `others`,
# those of its files that are not here as the same; and how many are.
compare_inodes() {
  list_inodes work/incoming/data inodes || return 1
  list_inodes "snapshots/$1/data" base-inodes || return 1
  comm -z -23 work/incoming/inodes work/incoming/base-inodes >work/incoming/others || return 1
  cut -z -d ' ' -f 2- work/incoming/others >work/incoming/fresh || return 1
  here=$(count_names inodes) || return 1
  shared=$(count_names fresh) || return 1
  shared=$((here - shared))
  find work/incoming/data -mindepth 1 ! -type f -printf '%P\0' >>work/incoming/fresh || return 1
  comm -z -13 work/incoming/inodes work/incoming/base-inodes >work/incoming/others || return 1
  cut -z -d ' ' -f 2- work/incoming/others >work/incoming/gone-names || return 1
}

count_names() { tr -dc '\000' <"work/incoming/$1" | wc -c; }

# As many as were asked for must come back: one that is missing would not be in the manifest.
list_fresh() {
  list_named work/incoming/data fresh -c --checksum-choice=md5 >work/incoming/sums || return 1
  expect_lines sums "$(count_names fresh)"
}

list_gone() {
  list_named "snapshots/$1/data" gone-names >work/incoming/gone || return 1
  # Their folders are listed as well.
  awk -F '\t' 'substr($7, 2, 1) != "d"' work/incoming/gone >work/incoming/gone-files || return 1
  mv work/incoming/gone-files work/incoming/gone || return 1
  expect_lines gone "$(count_names gone-names)" || return 1
  rm -f work/incoming/gone-names
}

# list_named FOLDER NAMES OPTIONS…: lines of the files whose paths stand in NAMES.
list_named() {
  sort -z -T work/incoming -o "work/incoming/$2" "work/incoming/$2" || return 1
  from=$1 names=$2
  shift 2
  list_files "$from" --from0 "--files-from=work/incoming/$names" "$@"
}

# expect_lines NAME NUMBER: the folder itself does not count.
expect_lines() {
  answered=$(awk -F '\t' '$8 != "./" { n++ } END { print n + 0 }' "work/incoming/$1") || return 1
  [ "$answered" -eq "$2" ] && return
  say "manifest: expected $2 lines of $1, got $answered"
  return 1
}

# list_inodes FOLDER NAME. No pipes: a pipe hides that its first program failed.
list_inodes() {
  find "$1" -type f -printf '%i %P\0' >"work/incoming/$2" || return 1
  sort -z -T work/incoming -o "work/incoming/$2" "work/incoming/$2"
}

# make_lines BASE-MANIFEST: the base's lines of files that are still the same, and those of all that is not. A file without
# a checksum is an error, never a line.
make_lines() {
  # shellcheck disable=SC2016  # awk's own $
  awk -F '\t' -v OFS='\t' -v shared="$shared" '
    function path(  p, i) { p = $0; for (i = 0; i < 7; i++) p = substr(p, index(p, "\t") + 1); return p }
    pass == "gone" { gone[path()] = 1; next }
    pass == "base" { if ($7 != "d" && !(path() in gone)) { print; kept++ } next }
    {
      p = path()
      if (p == "./") next
      type = substr($7, 2, 1)
      if (type == "f" && ($1 !~ /^[0-9a-f]+$/ || length($1) != 32)) { bad = 1; exit 1 }
      print type == "f" ? $1 : "-", $2, $3, $4, type == "d" ? "-" : $5, $6, type, p
    }
    END { exit bad || kept + 0 != shared }
  ' pass=gone work/incoming/gone pass=base "$1" pass=sums work/incoming/sums >work/incoming/lines || return 1
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
