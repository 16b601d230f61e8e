#!/usr/bin/env bash
# pre-start-cleanup.sh - remove the pod sandboxes that an earlier boot left in containerd's database.
#
# Runs before the unit that starts containerd, at most once in each boot. Works on the database through a containerd of
# its own: same root, private socket and state, without the CRI plugin and without tasks. Nothing of a boot that still
# has shims is touched, nor any other namespace, nor images, nor containers that the kubelet did not make.
#
# Environment:
#   SANDBOX_CLEANUP_CONTAINERD_ROOT      root of the node's containerd                           (required)
#   SANDBOX_CLEANUP_CONTAINERD_SOCKET    socket of the node's containerd; tells its shims apart  (required)
#   SANDBOX_CLEANUP_CONTAINERD_PROGRAM   the containerd that belongs to the root                 (required)
#   SANDBOX_CLEANUP_CTR_PROGRAM          its ctr                                                 (required)
#   SANDBOX_CLEANUP_LOCK_SECONDS         to wait for the database to be free                     (default 30)
#   SANDBOX_CLEANUP_TIMEOUT_SECONDS      for everything together                                 (default 120)
#   SANDBOX_CLEANUP_CNI_FOLDER           where host-local keeps the addresses given out          (default /var/lib/cni)
#   SANDBOX_CLEANUP_STATE_FOLDER         remembers the boot             (default /var/lib/selfheal/sandbox-cleanup)
#   SANDBOX_CLEANUP_RUN_FOLDER           for the private socket and state                        (default /run/selfheal)
#   SANDBOX_CLEANUP_PROC_FOLDER          another /proc, for tests                                (default /proc)
#
# Exit status: 0 nothing to do, 1 bad settings, 2 cannot tell or out of time: left as it is, 3 removed sandboxes.
set -euo pipefail
export LC_ALL=C

readonly NAMESPACE=k8s.io
PRIVATE='' CONTAINERD_PID=''

log() {
  timeout -k 2 5 logger -t sandbox-cleanup -p "daemon.$1" -- "$2" || printf 'sandbox-cleanup: %s\n' "$2" >&2
}

leave_alone() {
  log warning "leaving containerd's database as it is: $1"
  exit 2
}

read_settings() {
  CONTAINERD_ROOT=${SANDBOX_CLEANUP_CONTAINERD_ROOT:-}
  CONTAINERD_SOCKET=${SANDBOX_CLEANUP_CONTAINERD_SOCKET:-}
  CONTAINERD_PROGRAM=${SANDBOX_CLEANUP_CONTAINERD_PROGRAM:-}
  CTR_PROGRAM=${SANDBOX_CLEANUP_CTR_PROGRAM:-}
  LOCK_SECONDS=${SANDBOX_CLEANUP_LOCK_SECONDS:-30}
  TIMEOUT_SECONDS=${SANDBOX_CLEANUP_TIMEOUT_SECONDS:-120}
  CNI_FOLDER=${SANDBOX_CLEANUP_CNI_FOLDER:-/var/lib/cni}
  STATE_FOLDER=${SANDBOX_CLEANUP_STATE_FOLDER:-/var/lib/selfheal/sandbox-cleanup}
  RUN_FOLDER=${SANDBOX_CLEANUP_RUN_FOLDER:-/run/selfheal}
  PROC=${SANDBOX_CLEANUP_PROC_FOLDER:-/proc}
  DATABASE=$CONTAINERD_ROOT/io.containerd.metadata.v1.bolt/meta.db
  local name
  for name in CONTAINERD_ROOT CONTAINERD_SOCKET CONTAINERD_PROGRAM CTR_PROGRAM CNI_FOLDER STATE_FOLDER RUN_FOLDER; do
    # Letters that mean nothing to TOML or to a pattern, and no way up.
    [[ ${!name} =~ ^(/[A-Za-z0-9_@.-]+)+$ && ${!name}/ != */../* ]] || bad_setting "$name" 'an absolute path'
  done
  for name in LOCK_SECONDS TIMEOUT_SECONDS; do
    [[ ${!name} =~ ^[1-9][0-9]{0,4}$ ]] || bad_setting "$name" 'a whole number above 0'
  done
}

bad_setting() { log err "setting 'SANDBOX_CLEANUP_$1': expected $2, got '${!1}'" && exit 1; }

# What is left of the time for everything, at least one second.
remaining() { printf '%d' "$((TIMEOUT_SECONDS > SECONDS ? TIMEOUT_SECONDS - SECONDS : 1))"; }

# Whoever has the database open (a containerd that is still going down) holds a lock on it.
database_is_free() {
  local left
  left=$(remaining)
  left=$((LOCK_SECONDS < left ? LOCK_SECONDS : left))
  timeout -k 2 "$((left + 2))" flock -w "$left" -E 75 "$DATABASE" true
}

# 0 no shim of the node's containerd is alive, 1 one is, 2 cannot tell. A shim whose containerd is unknown is ours.
has_no_shims() {
  local folder name stat words index address seen=no
  for folder in "$PROC"/[0-9]*; do
    # A process may end while it is looked at.
    read -r name 2>/dev/null <"$folder/comm" || continue
    seen=yes
    [[ $name == containerd-shim* ]] || continue
    read -r stat 2>/dev/null <"$folder/stat" || stat=''
    [[ ${stat##*) } != Z* ]] || continue # ended, and nobody has asked how
    words=() address=''
    mapfile -d '' -t words 2>/dev/null <"$folder/cmdline" || true # unreadable: ours
    for index in "${!words[@]}"; do
      [[ ${words[index]} == ?(-)-address ]] && address=${words[index + 1]:-}
    done
    [[ -n $address && $address != "$CONTAINERD_SOCKET" ]] || return 1
  done
  [[ $seen == yes ]] || return 2
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

# Containers before their sandboxes: whatever stops this in between leaves no container without its sandbox.
# Snapshots are left to containerd's own garbage collection, which knows every snapshotter.
remove_records() {
  local kind ids
  for kind in container sandbox; do
    ids=$(records "$kind") || return 1
    [[ -z $ids ]] || timeout -k 2 "$(remaining)" xargs -r -n 100 -- "$CTR_PROGRAM" --address "$PRIVATE/containerd.sock" \
      --namespace "$NAMESPACE" containers rm --keep-snapshot <<<"$ids" >/dev/null 2>&1 || log warning "some of the $kind records stayed"
  done
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

remember() { mkdir -p "$STATE_FOLDER" && printf '%s\n' "$1" >"$STATE_FOLDER/boot-id"; } 2>/dev/null

main() {
  local boot_id last='' before after gone status=0
  read_settings
  read -r boot_id 2>/dev/null <"$PROC/sys/kernel/random/boot_id" || boot_id=''
  [[ $boot_id =~ ^[-0-9a-f]{36}$ ]] || leave_alone 'no boot id'
  read -r last 2>/dev/null <"$STATE_FOLDER/boot-id" || true # none: never ran
  [[ $last != "$boot_id" ]] || return 0
  [[ -e $DATABASE ]] || return 0
  [[ -f $DATABASE && ! -L $DATABASE ]] || leave_alone "'$DATABASE' is not a plain file"
  [[ -x $CONTAINERD_PROGRAM && -x $CTR_PROGRAM ]] || leave_alone "'$CONTAINERD_PROGRAM' or '$CTR_PROGRAM' is not there"
  database_is_free || status=$?
  ((status != 75)) || leave_alone "another process has it open after ${LOCK_SECONDS}s"
  ((status == 0)) || leave_alone "its lock could not be tried, flock ended with $status"
  has_no_shims || status=$?
  ((status != 2)) || leave_alone "no processes in '$PROC'"
  # Not a fresh boot: containers outlive their containerd, and these records are theirs.
  ((status == 0)) || { log info 'containers of this boot are running, nothing is stale' && return 0; }
  # Before the first change: a unit that starts over and over must not pay for this each time.
  remember "$boot_id" || leave_alone "'$STATE_FOLDER' is not writable"
  trap finish EXIT
  trap 'exit 2' TERM INT HUP
  start_containerd || leave_alone "a containerd on '$CONTAINERD_ROOT' did not come up: $(tail -n 1 "$PRIVATE/log" 2>/dev/null)"
  before=$(records sandbox) || leave_alone 'its sandboxes could not be listed'
  [[ -n $before ]] || { log info 'no sandboxes of an earlier boot' && return 0; }
  remove_records || leave_alone 'its records could not be listed'
  after=$(records sandbox) || leave_alone 'what is left could not be listed'
  gone=$(comm -23 <(sort <<<"$before") <(sort <<<"$after"))
  release_addresses "$gone"
  log notice "removed $(grep -c . <<<"$gone") of $(grep -c . <<<"$before") sandboxes of an earlier boot"
  exit 3
}

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then
  main "$@"
fi
