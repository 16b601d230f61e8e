#!/usr/bin/env bash
# paths.sh - part of converge.sh: where it may write at all.
#
# Environment: that of converge.sh.
# shellcheck disable=SC2034,SC2154  # the parts share their variables

readonly ROOTS=(
  /etc
  /usr/local/bin
  /usr/local/sbin
  /usr/local/lib/selfheal
  /boot/firmware
  /var/lib/selfheal
  /var/snap/microk8s/current/args
)

# Sets "reply" to the root that a path lies in. A question of letters alone: what is on the host is asked by "allowed".
root_of() {
  local root
  [[ $1 =~ ^(/[A-Za-z0-9_.@:+-]+)+$ && ! $1 =~ /\.{1,2}(/|$) ]] || return 1
  # What converge.sh remembers by must not be among the things that it replaces.
  [[ $1/ != "$STATE_PATH"/* ]] || return 1
  for root in "${ROOTS[@]}"; do
    if [[ $1 == "$root"/* ]]; then
      reply=$root
      return
    fi
  done
  return 1
}

# Whether a path, allowed by its letters, may be written on this host; sets "why" where not.
allowed() {
  local path=$1 target=$CONVERGE_ROOT$1 root folder
  root_of "$path" || { why='outside the allowed folders' && return 1; }
  root=$reply
  if [[ -L $target ]]; then
    why='a symbolic link stands there'
    [[ -e $target ]] || why='a symbolic link that leads nowhere stands there'
    return 1
  elif [[ -e $target && ! -f $target ]]; then
    why='something that is no file stands there'
    return 1
  fi
  # A folder on the way may be a link (MicroK8s's "current" is one), but not out of the root.
  folder=${path%/*}
  while [[ $folder == "$root"/* ]]; do
    if [[ -L $CONVERGE_ROOT$folder ]]; then
      leads_within "$root" "${path%/*}" && return
      why="a folder on the way leads out of $root"
      return 1
    elif [[ -e $CONVERGE_ROOT$folder && ! -d $CONVERGE_ROOT$folder ]]; then
      why="$folder is no folder"
      return 1
    fi
    folder=${folder%/*}
  done
}

leads_within() {
  local real=()
  mapfile -t real < <(run realpath -m -- "$CONVERGE_ROOT$1" "$CONVERGE_ROOT$2")
  [[ ${#real[@]} -eq 2 && ${real[1]}/ == "${real[0]}"/* ]]
}

# Whether the disk lets a path be written: "-w" is the kernel's answer, also for a read-only mount and chattr +i.
writable() {
  local target=$CONVERGE_ROOT$1 folder=$CONVERGE_ROOT${1%/*}
  while [[ ! -e $folder && $folder == */* ]]; do folder=${folder%/*}; done
  if [[ -e $target && ! -w $target ]]; then
    why='it is immutable, or its file system is read-only'
  elif [[ ! -w ${folder:-/} ]]; then
    why="${folder#"$CONVERGE_ROOT"} is immutable, or its file system is read-only"
  else
    return 0
  fi
  return 1
}

# Makes the folders above a path and remembers which of them are ours.
make_parents() {
  local folder=${1%/*}
  [[ -n $folder && ! -d $CONVERGE_ROOT$folder ]] || return 0
  make_parents "$folder" || return
  record folders "$folder" '' || return
  attempt mkdir -m 0755 -- "$CONVERGE_ROOT$folder"
}

# Whether a person took a file of ours from a folder, and that is to be left.
is_missed_in() {
  local path
  for path in "${paths[@]}"; do
    if [[ $path == "$1"/* && ${state_of[$path]} == left ]]; then return; fi
  done
  return 1
}

# Takes back the folders that we made, the deepest first, as far as nobody has put anything into them.
remove_empty_folders() {
  local i folder content
  records folders
  # Sorted as globs are: what lies within comes later.
  for ((i = ${#items[@]} - 1; i >= 0; i--)); do
    folder=$CONVERGE_ROOT${items[i]}
    if [[ -d $folder && ! -L $folder ]]; then
      content=("$folder"/* "$folder"/.[!.]* "$folder"/..?*)
      if [[ ${#content[@]} -gt 0 ]] || is_missed_in "${items[i]}"; then continue; fi
      run rmdir -- "$folder" || continue
    fi
    forget folders "${items[i]}" || say refused "${items[i]}" "$why"
  done
}
