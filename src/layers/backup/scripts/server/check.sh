#!/bin/sh
# check.sh - part of selfheal-backup-server.sh: whether backups can be kept here, for the person who sets it up.
#
# Environment: that of selfheal-backup-server.sh.
# shellcheck disable=SC2154  # the parts share their variables

check() {
  open_store
  for tool in rsync flock find sort comm cut awk stat sha256sum cp sync timeout; do
    command -v "$tool" >/dev/null || stop 2 "program '$tool': expected on this machine, got nothing"
  done
  find . -maxdepth 0 -printf '' || stop 2 "program 'find': expected that of GNU findutils"
  check_attributes
  measure_room
  find_newest
  version=$(rsync --version)
  printf 'program %s\n' "${version%%
*}"
  printf 'newest %s\nfree-bytes %s\nreserve-bytes %s\n' "$newest" "$free_bytes" "$reserve_bytes"
  printf 'free-inodes %s\nreserve-inodes %s\n' "$free_inodes" "$reserve_inodes"
  printf 'keeps %s snapshots, %s days\n' "$keep_snapshots" "$keep_days"
  if is_below_reserve 1; then stop 4 "folder '$folder': expected at least the reserve to be free"; fi
}

# A symlink must come in as a file with an attribute, and be seen as a symlink again.
check_attributes() {
  probe=work/dead-check-$$
  mkdir "$probe" "$probe/from" "$probe/to"
  ln -s target "$probe/from/link"
  touch -d @1.5 "$probe/from/time"
  time=$(find "$probe/from/time" -printf '%T@') || time=
  seen=
  if rsync -rl --fake-super "$probe/from/" "$probe/to/" && [ -f "$probe/to/link" ] && [ ! -L "$probe/to/link" ]; then
    seen=$(rsync -rl --fake-super -n --out-format='%i %n%L' "$probe/to/link" work/empty/) || seen=
  fi
  sweep "$probe"
  # Times are compared to their fractions: without them nothing would ever be unchanged.
  case $time in
    1.5*) ;;
    *) stop 2 "folder '$folder': expected a file system that keeps fractions of a second, got $time for 1.5" ;;
  esac
  [ "$seen" = 'cL+++++++++ link -> target' ] ||
    stop 2 "folder '$folder': expected a file system with user attributes (ext4, xfs, btrfs), got \"$seen\" for a symlink"
}
