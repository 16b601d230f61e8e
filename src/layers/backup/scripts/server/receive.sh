#!/bin/sh
# receive.sh - part of selfheal-backup-server.sh: take a tree in, beside the snapshots.
#
# Always into a new, empty folder: rsync links what the base has and writes the rest, so a file that a snapshot has is
# never written to. What an interrupted run left serves as a second place to link from. Nothing is published here.
#
# Environment: that of selfheal-backup-server.sh.
# shellcheck disable=SC2154  # the parts share their variables

receive() {
  expect_token "$1"
  [ "$2" = - ] || is_snapshot_name "$2" || stop 1 "base '$2': expected a snapshot's name or -"
  is_number "$3" || stop 1 "bytes '$3': expected a whole number"
  token=$1 base=$2 needed=$3
  shift 3
  read_rsync_words receive "$@"
  open_store
  take_lock
  find_newest
  [ "$newest" = "$base" ] || stop 3 "base '$base': expected the newest snapshot, $newest; another run has published meanwhile"
  find_suspects
  sweep_dead
  keep_interrupted
  expect_room
  mkdir work/incoming work/incoming/data
  boot_id >work/incoming/boot
  printf '%s\n' "$base" >work/incoming/base
  printf '%s\n' "$suspects" >work/incoming/unlinked
  take_in
  make_manifest "$base" || stop_failed "manifest: expected one of what was received, got an error"
  # Last of all: without it nothing can be published.
  printf '%s\n' "$token" >work/incoming/token
}

# What was not on the disk when the machine went down may have the right size and the wrong bytes.
boot_id() { cat /proc/sys/kernel/random/boot_id; }

keep_interrupted() {
  boot=$(boot_id)
  for left in incoming partial; do
    [ -d "work/$left" ] || continue
    its_boot=
    [ ! -f "work/$left/boot" ] || read -r its_boot <"work/$left/boot" || its_boot=
    if [ "$its_boot" != "$boot" ] || [ ! -d "work/$left/data" ]; then bury "work/$left" "$left"; fi
    drop_suspects "work/$left"
  done
  [ -d work/incoming ] || return 0
  rm -f work/incoming/token
  if [ -d work/partial ]; then
    # Links what is there to what was there before. What it cannot link is sent again, so its status does not matter.
    cp -alfT work/incoming/data work/partial/data 2>/dev/null || :
    bury work/incoming incoming
  else
    mv -T work/incoming work/partial
  fi
}

# What is left over may link what was found bad since.
drop_suspects() {
  unlinked=
  [ ! -f "$1/unlinked" ] || read -r unlinked <"$1/unlinked" || unlinked=
  for volume in $suspects; do
    case " $unlinked " in
      *" $volume "*) ;;
      *) bury "$1/data/$volume" "$volume" ;;
    esac
  done
  [ ! -d "$1" ] || printf '%s\n' "$suspects" >"$1/unlinked"
}

# The base without the volumes that must be sent anew. rsync looks names up in it; it changes nothing there.
make_view() {
  bury work/view view
  mkdir work/view
  for path in "snapshots/$base/data"/*; do
    is_suspect "${path##*/}" || [ ! -d "$path" ] || ln -s "../../$path" "work/view/${path##*/}"
  done
}

expect_room() {
  measure_room
  room=$((free_bytes - reserve_bytes))
  if [ "$needed" -gt "$room" ] && [ -d work/partial ]; then room=$((room + $(partial_bytes))); fi
  [ "$needed" -le "$room" ] ||
    stop 4 "folder '$folder': expected room for $needed bytes beside a reserve of $reserve_bytes, got $free_bytes free"
  if lacks_inodes 1 && [ ! -d work/partial ]; then
    stop 4 "folder '$folder': expected $reserve_inodes inodes to stay free, got $free_inodes free"
  fi
}

take_in() {
  links=
  if [ -n "$suspects" ]; then
    make_view
    links=work/view
    # rsync links through the view's symlinks, but reads no parts of a file through them.
    passed="$passed --whole-file"
  elif [ "$base" != - ]; then
    links="snapshots/$base/data"
  fi
  [ ! -d work/partial ] || links="$links work/partial/data"
  # One file may be larger than a run can send: the next one goes on with what there is of it.
  passed="$passed --partial"
  # A program in the background gets no standard input unless it is given one.
  exec 3<&0
  (rsync_server "$links" work/incoming/data/) <&3 &
  rsync_pid=$!
  exec 3<&-
  watch "$rsync_pid" </dev/null >/dev/null 2>&1 &
  watcher=$!
  status=0
  wait "$rsync_pid" || status=$?
  kill "$watcher" 2>/dev/null || : # it has ended by itself when it stopped rsync
  [ ! -e work/incoming/no-room ] || stop 4 "folder '$folder': expected half of the reserve of $reserve_bytes bytes to stay free, got less; stopped"
  case $status in
    0) ;;
    # Programs go on writing while their volumes are read; a file that is gone by then is no failure.
    24) ;;
    *) stop_failed "rsync: expected status 0, got $status; what was received is kept for the next run" ;;
  esac
}

# What fails for want of room is told as that.
stop_failed() {
  measure_room
  if is_below_reserve 2; then stop 4 "$1; half of the reserve of $reserve_bytes bytes is used up"; fi
  stop 5 "$1"
}

# watch PID: somebody else may write to this disk too; and a client may be gone without a word. rsync's own time limit does
# not see that: the half that decides counts its own keep-alives, and a dead connection takes those for a quarter of an hour.
watch() {
  exec 9>&- # the lock is not this one's: it may be left over for a second
  idle=0 seen=''
  while kill -0 "$1" 2>/dev/null; do
    sleep 1
    measure_room
    if is_below_reserve 2; then
      : >work/incoming/no-room
      kill "$1" 2>/dev/null
      return
    fi
    look_at_reading "$1"
    idle=$((idle + 1))
    if [ "$reading" != "$seen" ]; then idle=0 seen=$reading; fi
    if [ "$idle" -ge "$IDLE_SECONDS" ] && [ -n "$reading" ]; then kill "$1" 2>/dev/null; fi
  done
}

IDLE_SECONDS=60

# look_at_reading PID: sets reading to how far rsync has read, or to nothing where /proc does not say. Its child reads from
# the client, be it a keep-alive; the process itself reads what it compares, and a few bytes of its child's.
look_at_reading() {
  reading='' children=''
  read -r children 2>/dev/null <"/proc/$1/task/$1/children" || : # it has no line end; the words are read all the same
  for process in $children; do
    count_read "$process" || return 0
    reading="$reading $count"
  done
  if count_read "$1"; then reading="$reading $((count / 4096))"; else reading=''; fi
}

count_read() {
  count=''
  while read -r key value; do
    [ "$key" != rchar: ] || count=$value
  done 2>/dev/null <"/proc/$1/io" || return 1
  [ -n "$count" ]
}
