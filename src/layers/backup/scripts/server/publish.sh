#!/bin/sh
# publish.sh - part of selfheal-backup-server.sh: what was received becomes the newest snapshot, in one rename.
#
# Environment: that of selfheal-backup-server.sh.
# shellcheck disable=SC2154  # the parts share their variables

# publish TOKEN FILES|- [STATE|-]: STATE is the client's own word for what the source was, 32 of 0-9 and a-f. Standard
# input has lines `volume CHANGING CONSISTENCY NAME`.
publish() {
  [ $# -le 3 ] || stop 1 "verb 'publish': expected at most 3 words, got $#"
  expect_token "$1"
  [ "$2" = - ] || is_number "$2" || stop 1 "files '$2': expected a whole number or -"
  state=${3--}
  is_state "$state" || stop 1 "state '$state': expected 32 of 0-9 and a-f, or -"
  open_store
  take_lock
  expect_incoming "$1"
  read_totals
  if [ "$2" != - ] && [ "$2" -ne "$all_files" ]; then
    stop 5 "incoming '$1': expected $2 files, as the sender counted, got $all_files; nothing was published"
  fi
  read_notes
  find_newest
  read_clock
  write_facts
  flush
  put_in_place
  printf 'published %s %s %s\n' "$name" "$all_files" "$all_bytes"
  for left in view partial; do
    bury "work/$left" "$left" || say "folder '$folder/work/$left': expected to be removed, got an error"
  done
  retention || say "retention: expected to end well, got an error; nothing else depends on it"
}

is_state() {
  case $1 in
    -) return ;;
    *[!0-9a-f]*) return 1 ;;
  esac
  [ ${#1} -eq 32 ]
}

read_totals() {
  all_files='' all_bytes='' volumes=0
  while read -r count size volume; do
    if [ "$volume" = . ]; then all_files=$count all_bytes=$size; else volumes=$((volumes + 1)); fi
  done <work/incoming/totals
  if is_number "$all_files" && is_number "$all_bytes"; then return 0; fi
  stop 5 "incoming '$folder/work/incoming': expected totals of its manifest, got none"
}

# Takes the lines that have the expected form; a client that says more than that is refused.
read_notes() {
  timeout 60 head -c 1048576 >work/incoming/told || stop 5 "volumes: expected lines on standard input within 60 s"
  : >work/incoming/notes
  while read -r word changing consistency volume; do
    { [ "$word" = volume ] && is_volume_name "$volume"; } || stop 1 "volumes: expected lines \"volume CHANGING CONSISTENCY NAME\""
    [ "$changing" = '?' ] || is_number "$changing" || stop 1 "volume '$volume': expected a number or ? of files that changed"
    case $consistency in
      quiet | hook | changing | unknown) ;;
      *) stop 1 "volume '$volume': expected quiet, hook, changing or unknown" ;;
    esac
    printf '%s %s %s\n' "$changing" "$consistency" "$volume" >>work/incoming/notes
  done <work/incoming/told
}

write_facts() {
  base=-
  read -r base <work/incoming/base
  awk '
    pass == "notes" { note[$3] = $1 " " $2; next }
    $3 != "." { print $1, $2, ($3 in note) ? note[$3] : "? unknown", $3 }
  ' pass=notes work/incoming/notes pass=totals work/incoming/totals >work/incoming/volumes
  sort -k 5 -o work/incoming/volumes work/incoming/volumes
  sum=$(sha256sum work/incoming/manifest)
  taken=${now_name%%T*}T$(printf '%s' "${now_name#*T}" | tr - :)
  printf '%s %s\n' format 1 number $((newest_number + 1)) taken "$taken" epoch "$now" files "$all_files" bytes "$all_bytes" \
    volumes "$volumes" base "$base" manifest-sha256 "${sum%% *}" >work/incoming/snapshot
  [ "$state" = - ] || printf 'source %s\n' "$state" >>work/incoming/snapshot
  read -r unlinked <work/incoming/unlinked || unlinked=
  for volume in $unlinked; do printf 'unlinked %s\n' "$volume"; done >>work/incoming/snapshot
  mkdir -p work/incoming/verified
}

# All of it is on the disk before it gets its name, and the name before the client hears of it.
flush() {
  timeout -k 10 600 sync -f . || stop 5 "folder '$folder': expected to be written to the disk within 600 s, got an error"
}

put_in_place() {
  name=$now_name copy=1
  while [ -e "snapshots/$name" ] || [ -L "snapshots/$name" ]; do
    copy=$((copy + 1))
    name=$now_name-$copy
  done
  rm -f work/incoming/token work/incoming/boot work/incoming/base work/incoming/unlinked work/incoming/told work/incoming/notes work/incoming/totals
  mv -T work/incoming "snapshots/$name" || stop 5 "snapshot '$name': expected to get its place, got an error"
  flush
}
