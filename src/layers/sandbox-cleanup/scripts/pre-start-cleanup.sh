#!/usr/bin/env bash
# pre-start-cleanup.sh - remove what keeps containerd or its pods from starting, before the unit that starts containerd.
#
# Once in each boot, while no shim lives: every sandbox that an earlier boot left in the database.
# Within a boot, when the unit ended and starts again by itself: of two records of one name the one that does not live.
# Nothing that lives is touched, nor any other namespace, nor images, nor containers that the kubelet did not make.
#
# Environment:
#   SANDBOX_CLEANUP_CONTAINERD_ROOT        root of the node's containerd                           (required)
#   SANDBOX_CLEANUP_CONTAINERD_STATE       its state: holds a folder for each task                 (required)
#   SANDBOX_CLEANUP_CONTAINERD_SOCKET      socket of the node's containerd; tells its shims apart  (required)
#   SANDBOX_CLEANUP_CONTAINERD_PROGRAM     the containerd that belongs to the root                 (required)
#   SANDBOX_CLEANUP_CONTAINERD_UNIT        the unit that starts it                                 (required)
#   SANDBOX_CLEANUP_CTR_PROGRAM            its ctr                                                 (required)
#   SANDBOX_CLEANUP_LOCK_SECONDS           to wait for the database to be free                     (default 30)
#   SANDBOX_CLEANUP_TIMEOUT_SECONDS        for everything together                                 (default 120)
#   SANDBOX_CLEANUP_BEFORE_REBOOT_SECONDS  for everything together before a reboot                 (default 30)
#   SANDBOX_CLEANUP_HUNG_CNI_SECONDS       age from which a network plugin's process is hung       (default 600)
#   SANDBOX_CLEANUP_CNI_FOLDER             where host-local keeps the addresses given out          (default /var/lib/cni)
#   SANDBOX_CLEANUP_STATE_FOLDER           remembers the boot             (default /var/lib/selfheal/sandbox-cleanup)
#   SANDBOX_CLEANUP_RUN_FOLDER             for the private socket and state                        (default /run/selfheal)
#   SANDBOX_CLEANUP_PROC_FOLDER            another /proc, for tests                                (default /proc)
#   SANDBOX_CLEANUP_LIBRARY                its parts       (default /usr/local/lib/selfheal/sandbox-cleanup)
#
# Exit status: 0 nothing to do, 1 bad settings, 2 cannot tell or out of time: left as it is, 3 removed sandboxes.
# shellcheck source-path=SCRIPTDIR
set -euo pipefail
export LC_ALL=C

LIBRARY=${SANDBOX_CLEANUP_LIBRARY:-/usr/local/lib/selfheal/sandbox-cleanup}
# shellcheck source=settings.sh
source "$LIBRARY/settings.sh"
# shellcheck source=shims.sh
source "$LIBRARY/shims.sh"
# shellcheck source=database.sh
source "$LIBRARY/database.sh"
# shellcheck source=duplicates.sh
source "$LIBRARY/duplicates.sh"

remember() { mkdir -p "$STATE_FOLDER" && printf '%s\n' "$1" >"$STATE_FOLDER/boot-id"; } 2>/dev/null

main() {
  local boot_id last='' status=0
  read_settings
  read -r boot_id 2>/dev/null <"$PROC/sys/kernel/random/boot_id" || boot_id=''
  [[ $boot_id =~ ^[-0-9a-f]{36}$ ]] || leave_alone 'no boot id'
  read -r last 2>/dev/null <"$STATE_FOLDER/boot-id" || true # none: never ran
  # The usual case of a unit that starts again within a boot: nothing was wrong with it.
  [[ $last != "$boot_id" ]] || unit_starts_over || return 0
  expect_database || return 0
  has_no_shims || status=$?
  ((status != 2)) || leave_alone "no processes in '$PROC'"
  if ((status == 0)) && [[ $last != "$boot_id" ]]; then
    # Before the first change: a unit that starts over and over must not pay for this each time.
    remember "$boot_id" || leave_alone "'$STATE_FOLDER' is not writable"
    open_database
    remove_all 'an earlier boot' || { log info 'no sandboxes of an earlier boot' && return 0; }
    exit 3
  fi
  # Not a fresh boot: containers outlive their containerd, and most of these records are theirs.
  [[ $last == "$boot_id" ]] || unit_starts_over || { log info 'containers of this boot are running, nothing is stale' && return 0; }
  remove_dead_twins
}

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then
  main "$@"
fi
