#!/bin/sh
# install-backup-server.sh - prepare the machine that receives the backups; running it again changes nothing.
#
# Run as root on that machine. `selfheal backup-server` prints it with its settings and the files that it puts there:
# the function `payload NAME`, whose text is the file. Nothing is deleted, no owner and no foreign line is changed.
#
# Environment (absolute paths; each but ROOT is required):
#   SELFHEAL_INSTALL_FORM      snapshots | mirror
#   SELFHEAL_INSTALL_ACCOUNT   login name that owns the backups; made if there is none
#   SELFHEAL_INSTALL_FOLDER    the folder for the backups; made if there is none
#   SELFHEAL_INSTALL_KEY       the public key: its type and its text
#   SELFHEAL_INSTALL_LINE      the key's whole line for authorized_keys
#   SELFHEAL_INSTALL_OPTIONS   those of the program in that line; may be empty
#   SELFHEAL_INSTALL_HOST_KEY  this machine's host key, as the description of the cluster has it
#   SELFHEAL_INSTALL_FILES     "MODE PATH" of each file, joined by ";"; may be empty
#   SELFHEAL_INSTALL_ROOT      stands before every path but the folder's (default: nothing)
#
# Exit status: 0 ready, 2 refused before or at the step that it names, 3 ready, but the host key is another one,
# 4 a step failed.

set -eu

main() {
  root=${SELFHEAL_INSTALL_ROOT-}
  folder=$SELFHEAL_INSTALL_FOLDER
  account=$SELFHEAL_INSTALL_ACCOUNT
  # The account has to read what root makes here, also on a machine where root makes everything for itself alone.
  umask 022
  [ "$(id -u)" -eq 0 ] || refuse "account: expected root, got $(id -un); run it with sudo"
  check_tools
  make_account
  make_folder
  install_files
  allow_key
  check_server
  compare_host_key
}

check_tools() {
  if [ "$SELFHEAL_INSTALL_FORM" = mirror ]; then tools='rsync rrsync'; else tools='rsync flock find sort comm stat'; fi
  missing=
  for tool in $tools; do
    command -v "$tool" >/dev/null || missing="$missing $tool"
  done
  [ -z "$missing" ] ||
    refuse "programs: expected $tools, missing$missing (on Debian and Ubuntu: apt install rsync findutils coreutils util-linux)"
}

make_account() {
  if id "$account" >/dev/null 2>&1; then
    say "account '$account': is there"
  else
    # "*" is no password, and unlike "!" no lock: sshd lets a key in. The home folder is not the folder of the backups.
    useradd --system --create-home --home-dir "/var/lib/$account" --shell /bin/sh --password '*' "$account" ||
      fail "account '$account': useradd failed"
    say "account '$account': made, home folder /var/lib/$account"
  fi
  [ "$(id -u "$account")" -ne 0 ] || refuse "account '$account': expected one that is not root, got user 0"
  home=$(getent passwd "$account" | cut -d : -f 6)
  case $home in
    /*[!/]*) ;;
    *) refuse "account '$account': expected a home folder, got \"$home\"" ;;
  esac
  case $home/ in
    "$folder"/*) refuse "home folder '$home': expected outside of '$folder', got a place that the backup could write to" ;;
  esac
}

make_folder() {
  [ ! -L "$folder" ] || refuse "folder '$folder': expected a folder, got a symbolic link"
  if [ ! -e "$folder" ]; then
    # Those above it, where they are missing, are root's.
    mkdir -p -- "$(dirname -- "$folder")" || fail "folder '$folder': cannot be made"
    install -d -m 0700 -o "$account" -g "$(id -g "$account")" -- "$folder" || fail "folder '$folder': cannot be made"
    say "folder '$folder': made, for '$account' alone"
    return
  fi
  [ -d "$folder" ] || refuse "folder '$folder': expected a folder, got something else"
  owner=$(stat -c %U -- "$folder")
  [ "$owner" = "$account" ] ||
    refuse "folder '$folder': expected it to belong to '$account', got '$owner'; if it is the right one: chown $account -- '$folder'"
  say "folder '$folder': is there"
}

# Each under another name first, so that a running backup sees the old file or the new one.
install_files() {
  rest=$SELFHEAL_INSTALL_FILES written=0 same=0
  while [ -n "$rest" ]; do
    entry=${rest%%;*}
    case $rest in *\;*) rest=${rest#*;} ;; *) rest= ;; esac
    mode=${entry%% *}
    file=$root${entry#* }
    [ ! -L "$file" ] || refuse "file '$file': expected a file, got a symbolic link"
    mkdir -p -- "${file%/*}" || fail "file '$file': its folder cannot be made"
    payload "${entry#* }" >"$file.new" || fail "file '$file': cannot be written"
    if cmp -s -- "$file.new" "$file" && [ "$(stat -c 0%a -- "$file")" = "$mode" ]; then
      rm -f -- "$file.new"
      same=$((same + 1))
    else
      chmod "$mode" -- "$file.new"
      mv -f -- "$file.new" "$file" || fail "file '$file': cannot be written"
      written=$((written + 1))
    fi
  done
  [ -z "$SELFHEAL_INSTALL_FILES" ] || say "program: $written files written, $same are there, in $root/usr/local/bin and $root/usr/local/lib/selfheal"
}

# As the account itself: what it may not write, or what leads elsewhere, root does not write for it.
allow_key() {
  keys=$root$home/.ssh/authorized_keys
  if [ -e "$keys" ] && grep -qxF -- "$SELFHEAL_INSTALL_LINE" "$keys"; then
    say "key: is allowed in '$keys'"
    return
  fi
  if [ -e "$keys" ] && grep -qF -- "$SELFHEAL_INSTALL_KEY" "$keys"; then
    # sshd takes the first line of a key: another one below it would never count.
    refuse "key: expected none or this line in '$keys', got another line with this key; put there instead: $SELFHEAL_INSTALL_LINE"
  fi
  # shellcheck disable=SC2016 # The account's shell is the one that reads it.
  printf '%s\n' "$SELFHEAL_INSTALL_LINE" | SELFHEAL_INSTALL_KEYS=$keys su -s /bin/sh "$account" -c '
    umask 077 && mkdir -p -- "${SELFHEAL_INSTALL_KEYS%/*}" &&
      { [ -z "$(tail -c 1 -- "$SELFHEAL_INSTALL_KEYS" 2>/dev/null)" ] || echo >>"$SELFHEAL_INSTALL_KEYS"; } &&
      cat >>"$SELFHEAL_INSTALL_KEYS"' || fail "key: '$account' cannot write '$keys'"
  say "key: allowed in '$keys', for this one use"
}

check_server() {
  [ "$SELFHEAL_INSTALL_FORM" = snapshots ] || return 0
  # The layout first: the program makes none by itself where a disk is not mounted.
  for verb in prepare check; do
    SELFHEAL_INSTALL_FOLDER=$folder su -s /bin/sh "$account" \
      -c "exec $root/usr/local/bin/selfheal-backup-server --folder \"\$SELFHEAL_INSTALL_FOLDER\" $SELFHEAL_INSTALL_OPTIONS $verb" ||
      fail "$verb: expected that '$folder' is ready for backups, see above"
  done
}

compare_host_key() {
  for file in "$root"/etc/ssh/ssh_host_*_key.pub; do
    [ -e "$file" ] || continue
    read -r type text _ <"$file"
    if [ "$type $text" = "$SELFHEAL_INSTALL_HOST_KEY" ]; then
      say "host key: is the one in the description; ready"
      exit 0
    fi
  done
  printf '%s\n' "backup-server: host key: expected $SELFHEAL_INSTALL_HOST_KEY, got others in $root/etc/ssh/ssh_host_*_key.pub:" >&2
  printf '%s\n' "  the backup will refuse this machine until \`to.hostKey\` of the description is one of them" >&2
  exit 3
}

say() {
  printf 'backup-server: %s\n' "$1"
}

refuse() {
  printf 'backup-server: %s\n' "$1" >&2
  exit 2
}

fail() {
  printf 'backup-server: %s\n' "$1" >&2
  exit 4
}

main
