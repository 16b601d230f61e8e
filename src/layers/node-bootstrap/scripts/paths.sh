#!/usr/bin/env bash
# paths.sh - part of converge.sh: where it may write at all.
#
# Environment: that of converge.sh.
# shellcheck disable=SC2034,SC2154  # the parts share their variables

readonly ROOTS=(
  /etc
  /usr/local/bin
  /usr/local/sbin
  /boot/firmware
  /var/lib/selfheal
  /var/snap/microk8s/current/args
)

# Prints the root that a path lies in. A question of letters alone: what is on the host is asked by "why_not".
root_of() {
  local root
  [[ $1 =~ ^(/[A-Za-z0-9_.@:+-]+)+$ && ! $1 =~ /\.{1,2}(/|$) ]] || return 1
  # What converge.sh remembers by must not be among the things that it replaces.
  [[ $1/ != "$STATE_PATH"/* ]] || return 1
  for root in "${ROOTS[@]}"; do
    [[ $1 == "$root"/* ]] && printf '%s' "$root" && return
  done
  return 1
}

# Prints why a path, allowed by its letters, must not be written on this host; nothing where it may.
why_not() {
  local path=$1 target=$CONVERGE_ROOT$1 root real_root real_parent
  root=$(root_of "$path") || { printf 'outside the allowed folders' && return; }
  if [[ -L $target ]]; then
    printf 'a symbolic link stands there'
  elif [[ -e $target && ! -f $target ]]; then
    printf 'something that is no file stands there'
  else
    # A folder on the way may be a link (MicroK8s's "current" is one), but not out of the root.
    real_root=$(run realpath -m -- "$CONVERGE_ROOT$root")
    real_parent=$(run realpath -m -- "${target%/*}")
    [[ $real_parent/ == "$real_root"/* ]] || printf 'a folder on the way leads out of %s' "$root"
  fi
}

# Makes the folders above a path and remembers which of them are ours.
make_parents() {
  local folder=${1%/*}
  [[ -n $folder && ! -d $CONVERGE_ROOT$folder ]] || return 0
  make_parents "$folder"
  record folders "$folder" ''
  run mkdir -m 0755 -- "$CONVERGE_ROOT$folder"
}

# Takes back the folders that we made, the deepest first, as far as nobody has put anything into them.
remove_empty_folders() {
  local folder
  records folders | run sort -r | while read -r folder; do
    if [[ -d $CONVERGE_ROOT$folder && ! -L $CONVERGE_ROOT$folder ]]; then
      run rmdir --ignore-fail-on-non-empty -- "$CONVERGE_ROOT$folder"
    fi
    [[ -d $CONVERGE_ROOT$folder ]] || forget folders "$folder"
  done
}
