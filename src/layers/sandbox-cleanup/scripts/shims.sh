#!/usr/bin/env bash
# shims.sh - part of the sandbox clean-up: which sandboxes live.
#
# A sandbox lives as long as its shim does, with or without containerd. A shim says in its arguments which containerd it
# belongs to and, in the namespace k8s.io, which sandbox it runs.
#
# Environment: that of the program that sources it.
# shellcheck disable=SC2034,SC2154  # the parts share their variables

# pids and sandboxes of the node's shims; a shim that does not say whose it is counts, with an empty sandbox.
SHIM_PIDS=() SHIM_SANDBOXES=()

# 0 no shim of the node's containerd is alive, 1 one is, 2 cannot tell.
has_no_shims() {
  local folder name stat words index address id seen=no
  SHIM_PIDS=() SHIM_SANDBOXES=()
  for folder in "$PROC"/[0-9]*; do
    # A process may end while it is looked at.
    read -r name 2>/dev/null <"$folder/comm" || continue
    seen=yes
    [[ $name == containerd-shim* ]] || continue
    read -r stat 2>/dev/null <"$folder/stat" || stat=''
    [[ ${stat##*) } != Z* ]] || continue # ended, and nobody has asked how
    words=() address='' id=''
    mapfile -d '' -t words 2>/dev/null <"$folder/cmdline" || true # unreadable: ours
    for index in "${!words[@]}"; do
      [[ ${words[index]} == ?(-)-address ]] && address=${words[index + 1]:-}
      [[ ${words[index]} == ?(-)-id ]] && id=${words[index + 1]:-}
    done
    [[ -z $address || $address == "$CONTAINERD_SOCKET" ]] || continue
    SHIM_PIDS+=("${folder##*/}")
    # Only a shim that surely is this containerd's tells which sandbox it runs.
    SHIM_SANDBOXES+=("${address:+$id}")
  done
  [[ $seen == yes ]] || return 2
  ((${#SHIM_PIDS[@]} == 0))
}

# Whether every shim says which sandbox it runs, and containerd's folder of tasks is where we look for it.
living_are_known() {
  local id
  ((${#SHIM_PIDS[@]} > 0)) || return 0
  for id in "${SHIM_SANDBOXES[@]}"; do
    [[ -n $id ]] || return 1
  done
  [[ -d $CONTAINERD_STATE/io.containerd.runtime.v2.task/$NAMESPACE ]]
}

# A sandbox or container lives that has a shim of its own, or a task of which containerd has not seen the end.
lives() {
  local id
  for id in "${SHIM_SANDBOXES[@]}"; do
    [[ $id != "$1" ]] || return 0
  done
  [[ -e $CONTAINERD_STATE/io.containerd.runtime.v2.task/$NAMESPACE/$1 ]]
}
