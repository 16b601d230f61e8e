#!/usr/bin/env bash
# selfheal-os-upgrade.sh - take this Ubuntu host from one release to the next, and see it come back.
#
# A unit of the host: the death of the pod that started it does not interrupt dpkg, and whoever starts it again goes on
# where it ended. It ends when the node is well in its new boot, because the controller uncordons the node then.
#
# Environment:
#   UPGRADE_FROM                      the release to leave, e.g. 25.10                (required)
#   UPGRADE_TO                        the release to go to, e.g. 26.04                (required)
#   UPGRADE_NODE                      this node's name                                (required)
#   UPGRADE_KUBECTL                   kubectl and its first words                     (required)
#   UPGRADE_SETTLE_SECONDS            how long the node must be well afterwards       (default 600)
#   UPGRADE_VERIFY_DEADLINE_SECONDS   how long to wait for that                       (default 2400)
#   UPGRADE_MAX_ATTEMPTS              how often to begin before a person must look    (default 3)
#   UPGRADE_STATE                     folder that outlives a reboot  (default /var/lib/selfheal/os-upgrade)
#   UPGRADE_OS_RELEASE                what says the release      (default /etc/os-release)
#   UPGRADE_BOOT_ID                   what says the boot         (default /proc/sys/kernel/random/boot_id)
#   UPGRADE_UPTIME                    what says the uptime       (default /proc/uptime)
#   UPGRADE_REBOOT_REQUIRED           what asks for a reboot     (default /run/reboot-required)
#
# Exit status: 0 nothing to do, 1 bad settings or another release, 2 cannot tell, or failed, 3 upgraded and well.
set -euo pipefail

readonly APT_TIMEOUT=30m RELEASE_TIMEOUT=3h REBOOT_WAIT_SECONDS=600 POLL_SECONDS=15

log() {
  printf 'os-upgrade: %s\n' "$*"
}

fail() {
  log "$2" >&2
  exit "$1"
}

check_settings() {
  local setting
  UPGRADE_SETTLE_SECONDS=${UPGRADE_SETTLE_SECONDS:-600} UPGRADE_MAX_ATTEMPTS=${UPGRADE_MAX_ATTEMPTS:-3}
  UPGRADE_VERIFY_DEADLINE_SECONDS=${UPGRADE_VERIFY_DEADLINE_SECONDS:-2400}
  UPGRADE_STATE=${UPGRADE_STATE:-/var/lib/selfheal/os-upgrade}
  UPGRADE_OS_RELEASE=${UPGRADE_OS_RELEASE:-/etc/os-release} UPGRADE_UPTIME=${UPGRADE_UPTIME:-/proc/uptime}
  UPGRADE_BOOT_ID=${UPGRADE_BOOT_ID:-/proc/sys/kernel/random/boot_id}
  UPGRADE_REBOOT_REQUIRED=${UPGRADE_REBOOT_REQUIRED:-/run/reboot-required}
  for setting in UPGRADE_FROM UPGRADE_TO; do
    [[ ${!setting:-} =~ ^[0-9]{2}\.[0-9]{2}$ ]] || fail 1 "$setting: expected e.g. 26.04, got '${!setting:-}'"
  done
  for setting in UPGRADE_SETTLE_SECONDS UPGRADE_VERIFY_DEADLINE_SECONDS UPGRADE_MAX_ATTEMPTS; do
    [[ ${!setting} =~ ^[1-9][0-9]{0,5}$ ]] || fail 1 "$setting: expected a whole number, got '${!setting}'"
  done
  [[ ${UPGRADE_NODE:-} =~ ^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$ ]] ||
    fail 1 "UPGRADE_NODE: expected the name of a node, got '${UPGRADE_NODE:-}'"
  [[ -n ${UPGRADE_KUBECTL:-} ]] || fail 1 "UPGRADE_KUBECTL: expected a command, got ''"
  # Files are removed from there.
  [[ $UPGRADE_STATE == /*/os-upgrade && ! -L $UPGRADE_STATE ]] ||
    fail 1 "UPGRADE_STATE: expected an absolute path that ends in /os-upgrade and is no link, got '$UPGRADE_STATE'"
  read -r -a KUBECTL <<<"$UPGRADE_KUBECTL"
}

release() {
  sed -n 's/^VERSION_ID="\{0,1\}\([0-9.]*\)"\{0,1\}$/\1/p' "$UPGRADE_OS_RELEASE"
}

boot_id() {
  local boot
  read -r boot <"$UPGRADE_BOOT_ID" || fail 2 "$UPGRADE_BOOT_ID: expected a boot id, got nothing"
  printf '%s' "$boot"
}

uptime_seconds() {
  local up
  read -r up _ <"$UPGRADE_UPTIME" || return 1
  printf '%s' "${up%%.*}"
}

# Old or new after a power cut, never half: written beside, flushed, renamed, and the rename flushed as well.
write_state() {
  printf '%s\n' "$2" >"$UPGRADE_STATE/$1.new"
  sync "$UPGRADE_STATE/$1.new"
  mv -f "$UPGRADE_STATE/$1.new" "$UPGRADE_STATE/$1"
  sync "$UPGRADE_STATE"
}

read_state() {
  [[ ! -e $UPGRADE_STATE/$1 ]] || cat "$UPGRADE_STATE/$1"
}

count_attempt() {
  local attempts
  attempts=$(read_state attempts)
  [[ ${attempts:=0} =~ ^[0-9]{1,3}$ ]] || fail 2 "$UPGRADE_STATE/attempts: expected a number, got '$attempts'"
  ((attempts < UPGRADE_MAX_ATTEMPTS)) ||
    fail 2 "began $attempts times without success; read the journal, then remove $UPGRADE_STATE/attempts"
  write_state attempts "$((attempts + 1))"
}

apt() {
  DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=l timeout -k 60 "$APT_TIMEOUT" apt-get -y \
    -o DPkg::Lock::Timeout=600 -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold "$@"
}

repair_packages() {
  DEBIAN_FRONTEND=noninteractive timeout -k 60 "$APT_TIMEOUT" dpkg --force-confdef --force-confold --configure -a ||
    fail 2 'dpkg: could not configure what is half-installed'
  apt --fix-broken install || fail 2 'apt: could not repair the dependencies'
}

reboot_host() {
  local boot waited
  boot=$(boot_id)
  write_state phase "rebooting $boot"
  log "$1: rebooting $UPGRADE_NODE"
  timeout 60 systemctl --no-block reboot || fail 2 'systemctl: the reboot was refused'
  # The Job must not end before the machine does, or its node would be uncordoned and filled again first.
  for ((waited = 0; waited < REBOOT_WAIT_SECONDS; waited += POLL_SECONDS)); do sleep "$POLL_SECONDS"; done
  fail 2 "asked for a reboot $REBOOT_WAIT_SECONDS s ago and still running"
}

upgrade_packages() {
  local offered
  count_attempt
  write_state phase upgrading
  repair_packages
  apt update || fail 2 'apt: could not read the package lists'
  # do-release-upgrade refuses to begin while an update of the present release is missing, or waits for a reboot.
  apt dist-upgrade || fail 2 "apt: could not bring $UPGRADE_FROM up to date"
  [[ ! -e $UPGRADE_REBOOT_REQUIRED ]] || reboot_host "updates of $UPGRADE_FROM are in"

  # It fails when there is nothing to offer, and says which release otherwise: a blank answer goes nowhere.
  offered=$(timeout -k 10 5m do-release-upgrade -c) || fail 2 "do-release-upgrade: offers nothing: $offered"
  [[ $offered == *"'$UPGRADE_TO"[\'\ ]* ]] || fail 2 "do-release-upgrade: expected it to offer $UPGRADE_TO, got: $offered"
  log "upgrading from $UPGRADE_FROM to $UPGRADE_TO"
  timeout -k 60 "$RELEASE_TIMEOUT" do-release-upgrade -f DistUpgradeViewNonInteractive </dev/null ||
    fail 2 'do-release-upgrade: failed or took too long, see /var/log/dist-upgrade'
  [[ $(release) == "$UPGRADE_TO" ]] ||
    fail 2 "do-release-upgrade: expected release $UPGRADE_TO afterwards, got '$(release)'; not rebooting"
}

# Never reboots into packages that are half-installed: the machine might not come back.
finish_packages() {
  local broken
  repair_packages
  broken=$(timeout 5m dpkg --audit) || fail 2 'dpkg: could not tell whether every package is whole'
  [[ -z $broken ]] || fail 2 "dpkg: expected every package to be whole, got: $broken"
  reboot_host "$UPGRADE_TO is installed"
}

# Whether the API server knows this node in this boot, on the new release, as Ready.
is_well() {
  local line boot path='{.status.conditions[?(@.type=="Ready")].status}|{.status.nodeInfo.bootID}|{.status.nodeInfo.osImage}'
  boot=$(boot_id) || return 1
  line=$(timeout 30 "${KUBECTL[@]}" get node "$UPGRADE_NODE" -o "jsonpath=$path") || return 1
  [[ $line =~ ^True\|$boot\|Ubuntu\ ${UPGRADE_TO//./\\.}([. ]|$) ]]
}

verify() {
  local start now since=''
  start=$(uptime_seconds) || return 1
  while true; do
    now=$(uptime_seconds) || return 1
    if ! is_well; then
      since=''
    elif ((now - ${since:=$now} >= UPGRADE_SETTLE_SECONDS)); then
      return 0
    fi
    ((now - start < UPGRADE_VERIFY_DEADLINE_SECONDS)) || return 1
    sleep "$POLL_SECONDS"
  done
}

main() {
  local current phase boot
  check_settings
  current=$(release) || fail 2 "$UPGRADE_OS_RELEASE: cannot be read"
  [[ $current == "$UPGRADE_FROM" || $current == "$UPGRADE_TO" ]] ||
    fail 1 "release: expected $UPGRADE_FROM or $UPGRADE_TO, got '$current'"
  mkdir -p "$UPGRADE_STATE"
  phase=$(read_state phase) || fail 2 "$UPGRADE_STATE/phase: cannot be read"
  boot=$(boot_id)
  case "$current $phase" in
    "$UPGRADE_TO ")
      log "$UPGRADE_NODE runs $UPGRADE_TO already"
      return 0
      ;;
    *" rebooting $boot") reboot_host 'a reboot was begun and has not happened' ;;
    "$UPGRADE_TO rebooting "*) ;;
    "$UPGRADE_TO upgrading") finish_packages ;;
    "$UPGRADE_FROM " | "$UPGRADE_FROM upgrading" | "$UPGRADE_FROM rebooting "*)
      upgrade_packages
      finish_packages
      ;;
    *) fail 2 "$UPGRADE_STATE/phase: expected upgrading or rebooting, got '$phase'" ;;
  esac
  verify || fail 2 "$UPGRADE_NODE was not Ready on $UPGRADE_TO for $UPGRADE_SETTLE_SECONDS s; it stays cordoned"
  rm -f "$UPGRADE_STATE/phase" "$UPGRADE_STATE/attempts" "$UPGRADE_STATE/passed"
  log "$UPGRADE_NODE runs $UPGRADE_TO and is well"
  return 3
}

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then
  main "$@"
fi
