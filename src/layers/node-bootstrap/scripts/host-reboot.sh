#!/usr/bin/env bash
# host-reboot.sh - reboot this host once, and only out of the boot that a roll wants to end.
#
# Runs as the host's own, from a pod that has entered it. systemd does the rest a moment later: the pod ends before the
# host does, and one that is started again afterwards meets another boot and leaves it alone. The pods' sandboxes are
# removed by a unit that works while the host goes down, after Kubernetes has ended; without it there is no reboot.
#
# Environment:
#   HOST_REBOOT_BOOT_ID        the boot that is to end                                        (required)
#   HOST_REBOOT_SANDBOX_UNIT   the unit that removes the sandboxes; empty: none is described  (required)
#   HOST_REBOOT_AFTER_SECONDS  from the order to the reboot                                   (default 2)
#   HOST_REBOOT_PROC_FOLDER    another /proc, for tests                                       (default /proc)
#
# Exit status: 0 the host goes down in a moment, 1 bad settings, 2 not this boot, a package manager is at work, or cannot
# tell: nothing was done, 4 cannot tell whether systemd took the order: it may go down at any moment.
set -euo pipefail
export LC_ALL=C

readonly UNIT=selfheal-reboot

say() { printf 'host-reboot: %s\n' "$1"; }

# Its arguments are never a part of this program, which bash still reads from there.
ask() { timeout -k 2 20 "$@" </dev/null; }

read_settings() {
  BOOT_ID=${HOST_REBOOT_BOOT_ID:-}
  AFTER_SECONDS=${HOST_REBOOT_AFTER_SECONDS:-2}
  PROC=${HOST_REBOOT_PROC_FOLDER:-/proc}
  [[ $BOOT_ID =~ ^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$ ]] || bad_setting BOOT_ID 'a boot id'
  # Unset is no answer: the roll says whether there is one.
  [[ -v HOST_REBOOT_SANDBOX_UNIT ]] || bad_setting SANDBOX_UNIT 'a service, or nothing where none is described'
  SANDBOX_UNIT=$HOST_REBOOT_SANDBOX_UNIT
  [[ -z $SANDBOX_UNIT || $SANDBOX_UNIT =~ ^[A-Za-z0-9_@.-]+\.service$ ]] || bad_setting SANDBOX_UNIT 'a service'
  [[ $AFTER_SECONDS =~ ^[1-9][0-9]?$ ]] || bad_setting AFTER_SECONDS 'a whole number from 1 to 99'
}

bad_setting() {
  local name=HOST_REBOOT_$1
  say "setting '$name': expected $2, got '${!name:-}'"
  exit 1
}

refuse() {
  say "not rebooted: $1"
  exit 2
}

# "active", "inactive", …; empty where systemd does not answer.
state_of() {
  local state
  state=$(ask systemctl show --property=ActiveState --value "$1" 2>/dev/null) || state=''
  printf '%s' "$state"
}

# Whether an earlier call has given the order already.
is_ordered() {
  local unit state
  for unit in "$UNIT.timer" "$UNIT.service"; do
    state=$(state_of "$unit")
    [[ $state != active && $state != activating ]] || return 0
  done
  return 1
}

# What a host may not come back from when it is cut off. Those of containers stand in another mount namespace.
package_manager() {
  local file name folder mounts=$PROC/1/ns/mnt
  for file in "$PROC"/[0-9]*/comm; do
    read -r name 2>/dev/null <"$file" || continue # it has ended
    case $name in
      apt | apt-get | dnf | dnf5 | dpkg | pacman | rpm | yum | zypper) ;;
      *) continue ;;
    esac
    folder=${file%/comm}
    [[ ! -e $mounts || $mounts -ef $folder/ns/mnt ]] || continue
    printf '%s (process %s)' "$name" "${folder##*/}"
    return 0
  done
  return 1
}

order_reboot() {
  local status=0 state
  # The timer's own accuracy is a minute. --collect: a unit that failed does not stand in the way of the next order.
  ask systemd-run --quiet --collect --unit="$UNIT" --description='Reboot for a roll' \
    --on-active="${AFTER_SECONDS}s" --timer-property=AccuracySec=100ms systemctl reboot || status=$?
  ((status != 0)) || return 0
  state=$(state_of "$UNIT.timer")
  [[ $state == inactive || $state == failed ]] && refuse "systemd-run ended with $status"
  say "systemd-run ended with $status, and $UNIT.timer is '$state': this host may go down"
  exit 4
}

main() {
  local boot_id='' state manager
  read_settings
  read -r boot_id 2>/dev/null <"$PROC/sys/kernel/random/boot_id" || true # then it is empty
  [[ -n $boot_id ]] || refuse "no boot id in '$PROC'"
  [[ $boot_id == "$BOOT_ID" ]] || refuse "expected boot $BOOT_ID, got $boot_id: it has rebooted since"
  type -P systemctl systemd-run timeout >/dev/null || refuse 'systemctl, systemd-run or timeout is missing'
  if is_ordered; then
    say "boot $BOOT_ID: the order to reboot stands already"
    return 0
  fi
  state=$(ask systemctl is-system-running 2>/dev/null) || true # not 0 where any unit has failed
  [[ -n $state ]] || refuse 'systemd does not answer'
  [[ $state != stopping ]] || { say "boot $BOOT_ID: the host goes down already" && return 0; }
  ! manager=$(package_manager) || refuse "$manager is at work"
  if [[ -n $SANDBOX_UNIT ]]; then
    state=$(state_of "$SANDBOX_UNIT")
    [[ $state == active ]] || refuse "$SANDBOX_UNIT: expected active (it removes the sandboxes), got '$state'"
    say "boot $BOOT_ID: $SANDBOX_UNIT ends the pods and removes their sandboxes on the way down"
  else
    say "boot $BOOT_ID: no unit removes the sandboxes on the way down, as described"
  fi
  order_reboot
  say "boot $BOOT_ID: reboots in $AFTER_SECONDS s"
}

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then
  main "$@"
fi
