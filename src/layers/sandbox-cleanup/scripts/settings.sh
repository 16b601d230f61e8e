#!/usr/bin/env bash
# settings.sh - part of the sandbox clean-up: its settings, its log and its time.
#
# Environment: that of the program that sources it, whose header names what it needs.
# shellcheck disable=SC2034  # the parts share their variables

readonly NAMESPACE=k8s.io

log() {
  timeout -k 2 5 logger -t sandbox-cleanup -p "daemon.$1" -- "$2" || printf 'sandbox-cleanup: %s\n' "$2" >&2
}

leave_alone() {
  log warning "leaving containerd's database as it is: $1"
  exit 2
}

read_settings() {
  CONTAINERD_ROOT=${SANDBOX_CLEANUP_CONTAINERD_ROOT:-}
  CONTAINERD_STATE=${SANDBOX_CLEANUP_CONTAINERD_STATE:-}
  CONTAINERD_SOCKET=${SANDBOX_CLEANUP_CONTAINERD_SOCKET:-}
  CONTAINERD_PROGRAM=${SANDBOX_CLEANUP_CONTAINERD_PROGRAM:-}
  CONTAINERD_UNIT=${SANDBOX_CLEANUP_CONTAINERD_UNIT:-}
  CTR_PROGRAM=${SANDBOX_CLEANUP_CTR_PROGRAM:-}
  LOCK_SECONDS=${SANDBOX_CLEANUP_LOCK_SECONDS:-30}
  TIMEOUT_SECONDS=${SANDBOX_CLEANUP_TIMEOUT_SECONDS:-120}
  BEFORE_REBOOT_SECONDS=${SANDBOX_CLEANUP_BEFORE_REBOOT_SECONDS:-30}
  HUNG_CNI_SECONDS=${SANDBOX_CLEANUP_HUNG_CNI_SECONDS:-600}
  CNI_FOLDER=${SANDBOX_CLEANUP_CNI_FOLDER:-/var/lib/cni}
  STATE_FOLDER=${SANDBOX_CLEANUP_STATE_FOLDER:-/var/lib/selfheal/sandbox-cleanup}
  RUN_FOLDER=${SANDBOX_CLEANUP_RUN_FOLDER:-/run/selfheal}
  PROC=${SANDBOX_CLEANUP_PROC_FOLDER:-/proc}
  DATABASE=$CONTAINERD_ROOT/io.containerd.metadata.v1.bolt/meta.db
  local name
  for name in CONTAINERD_ROOT CONTAINERD_STATE CONTAINERD_SOCKET CONTAINERD_PROGRAM CTR_PROGRAM \
    CNI_FOLDER STATE_FOLDER RUN_FOLDER; do
    # Letters that mean nothing to TOML or to a pattern, and no way up.
    [[ ${!name} =~ ^(/[A-Za-z0-9_@.-]+)+$ && ${!name}/ != */../* ]] || bad_setting "$name" 'an absolute path'
  done
  [[ $CONTAINERD_UNIT =~ ^[A-Za-z0-9_@.-]+\.service$ ]] || bad_setting CONTAINERD_UNIT 'a service'
  for name in LOCK_SECONDS TIMEOUT_SECONDS BEFORE_REBOOT_SECONDS HUNG_CNI_SECONDS; do
    [[ ${!name} =~ ^[1-9][0-9]{0,4}$ ]] || bad_setting "$name" 'a whole number above 0'
  done
}

bad_setting() { log err "setting 'SANDBOX_CLEANUP_$1': expected $2, got '${!1}'" && exit 1; }

# What is left of the time for everything, at least one second.
remaining() { printf '%d' "$((TIMEOUT_SECONDS > SECONDS ? TIMEOUT_SECONDS - SECONDS : 1))"; }
