#!/usr/bin/env bash
# database.sh - part of the sandbox clean-up: containerd's database, through a containerd of our own.
#
# Same root, private socket and state, without the CRI plugin and without tasks. Only containers of the namespace k8s.io
# that CRI labelled are ever removed; images, snapshots, other namespaces stay.
#
# Environment: that of the program that sources it.
# shellcheck disable=SC2154  # the parts share their variables

PRIVATE='' CONTAINERD_PID=''

# Leaves unless there is a database, its programs, and nobody else who has it open. 1: there is none.
expect_database() {
  local status=0
  [[ -e $DATABASE ]] || return 1
  [[ -f $DATABASE && ! -L $DATABASE ]] || leave_alone "'$DATABASE' is not a plain file"
  [[ -x $CONTAINERD_PROGRAM && -x $CTR_PROGRAM ]] || leave_alone "'$CONTAINERD_PROGRAM' or '$CTR_PROGRAM' is not there"
  database_is_free || status=$?
  ((status != 75)) || leave_alone "another process has it open after ${LOCK_SECONDS}s"
  ((status == 0)) || leave_alone "its lock could not be tried, flock ended with $status"
}

# Whoever has the database open (a containerd that is still going down) holds a lock on it.
database_is_free() {
  local left
  left=$(remaining)
  left=$((LOCK_SECONDS < left ? LOCK_SECONDS : left))
  timeout -k 2 "$((left + 2))" flock -w "$left" -E 75 "$DATABASE" true
}

start_containerd() {
  mkdir -p "$RUN_FOLDER"
  PRIVATE=$(mktemp -d "$RUN_FOLDER/sandbox-cleanup.XXXXXX")
  # Besides CRI: whatever would start, restart, adopt or clear away tasks, or write outside root and state.
  cat >"$PRIVATE/config.toml" <<TOML
version = 2
root = "$CONTAINERD_ROOT"
state = "$PRIVATE/state"
disabled_plugins = [
  "io.containerd.grpc.v1.cri", "io.containerd.cri.v1.images", "io.containerd.cri.v1.runtime",
  "io.containerd.runtime.v1.linux", "io.containerd.runtime.v2.task", "io.containerd.runtime.v2.shim",
  "io.containerd.shim.v1.manager", "io.containerd.sandbox.controller.v1.shim",
  "io.containerd.internal.v1.restart", "io.containerd.monitor.container.v1.restart",
  "io.containerd.internal.v1.opt", "io.containerd.nri.v1.nri",
]
[grpc]
  address = "$PRIVATE/containerd.sock"
TOML
  # It must not tell systemd that the unit is ready, and it must not outlive this script: it holds the database.
  env -u NOTIFY_SOCKET setpriv --pdeathsig KILL "$CONTAINERD_PROGRAM" --config "$PRIVATE/config.toml" >"$PRIVATE/log" 2>&1 &
  CONTAINERD_PID=$!
  until [[ -S $PRIVATE/containerd.sock ]] && ctr version >/dev/null 2>&1; do
    kill -0 "$CONTAINERD_PID" 2>/dev/null || return 1
    ((SECONDS < TIMEOUT_SECONDS)) || return 1
    timeout 2 sleep 0.2
  done
}

# Whatever ends the program, its containerd and its folder go with it.
open_database() {
  trap finish EXIT
  trap 'exit 2' TERM INT HUP
  start_containerd || leave_alone "a containerd on '$CONTAINERD_ROOT' did not come up: $(tail -n 1 "$PRIVATE/log" 2>/dev/null)"
}

stop_containerd() {
  [[ -n $CONTAINERD_PID ]] || return 0
  local attempt
  kill -TERM "$CONTAINERD_PID" 2>/dev/null || true # it may be gone already
  for ((attempt = 0; attempt < 50; attempt++)); do
    kill -0 "$CONTAINERD_PID" 2>/dev/null || break
    timeout 2 sleep 0.1
  done
  kill -KILL "$CONTAINERD_PID" 2>/dev/null || true # gone, as it should be
  wait "$CONTAINERD_PID" || true                   # its status says nothing more
  CONTAINERD_PID=''
}

finish() {
  stop_containerd
  [[ -z $PRIVATE || $PRIVATE != "$RUN_FOLDER"/sandbox-cleanup.?????? || -L $PRIVATE ]] || rm -rf --one-file-system -- "$PRIVATE"
}

ctr() { timeout -k 2 "$(remaining)" "$CTR_PROGRAM" --address "$PRIVATE/containerd.sock" --namespace "$NAMESPACE" "$@"; }

# The ids of the records that the CRI plugin labelled so, one a line.
records() { ctr containers list -q "labels.\"io.cri-containerd.kind\"==$1"; }

# Reads ids, one a line. Snapshots are left to containerd's own garbage collection, which knows every snapshotter.
remove_ids() {
  timeout -k 2 "$(remaining)" xargs -r -n 100 -- "$CTR_PROGRAM" --address "$PRIVATE/containerd.sock" \
    --namespace "$NAMESPACE" containers rm --keep-snapshot >/dev/null 2>&1
}

# Removes every sandbox, containers first: whatever stops this in between leaves no container without its sandbox.
# Says how many went. 1: there was none.
remove_all() {
  local kind ids before after gone
  before=$(records sandbox) || leave_alone 'its sandboxes could not be listed'
  [[ -n $before ]] || return 1
  for kind in container sandbox; do
    ids=$(records "$kind") || leave_alone 'its records could not be listed'
    [[ -z $ids ]] || remove_ids <<<"$ids" || log warning "some of the $kind records stayed"
  done
  after=$(records sandbox) || leave_alone 'what is left could not be listed'
  gone=$(comm -23 <(sort <<<"$before") <(sort <<<"$after"))
  release_addresses "$gone"
  log notice "removed $(grep -c . <<<"$gone") of $(grep -c . <<<"$before") sandboxes of $1"
}

# Nobody else gives back the address of a sandbox without a record: CNI would run out of them after some reboots.
release_addresses() {
  local file id
  for file in "$CNI_FOLDER"/networks/*/*; do
    [[ -f $file && ! -L $file && ${file##*/} =~ ^[0-9a-f.:]+$ ]] || continue
    IFS=$' \r\n' read -r id 2>/dev/null <"$file" || [[ -n $id ]] || continue
    [[ -n $id && $'\n'$1$'\n' == *$'\n'"$id"$'\n'* ]] && rm -f -- "$file"
  done
  return 0
}
