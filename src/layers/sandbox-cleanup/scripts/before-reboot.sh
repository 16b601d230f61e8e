#!/usr/bin/env bash
# before-reboot.sh - end the pods and remove their sandboxes while the host goes down, after Kubernetes has ended.
#
# Runs as ExecStop of a unit that stops after kubelet and containerd. Their containers still live then: they get a
# SIGTERM, two thirds of the time to end, and a SIGKILL. Does nothing unless systemd is shutting the host down.
#
# Environment: that of pre-start-cleanup.sh.
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

# Two signs: systemd says so, and the job that takes everything down is there. A restart of k3s has neither.
is_shutting_down() {
  local state jobs
  state=$(timeout -k 1 5 systemctl is-system-running 2>/dev/null) || true # not 0 while it stops
  [[ $state == stopping ]] || return 1
  jobs=$(timeout -k 1 5 systemctl list-jobs --no-legend --no-pager 2>/dev/null) || return 1
  [[ $'\n'$jobs =~ $'\n'\ *[0-9]+\ +shutdown\.target\ +start\  ]]
}

# The pids below this containerd's shims: "pods" without the sandboxes' own processes, or "all".
# A shim that does not say whose it is gets nothing, and then the database stays as it is.
pids_below() {
  local folder stat words parent index
  for folder in "$PROC"/[0-9]*; do
    read -r stat 2>/dev/null <"$folder/stat" || continue
    read -r -a words <<<"${stat##*) }"
    [[ ${words[0]} != Z ]] || continue
    parent=${words[1]}
    for index in "${!SHIM_PIDS[@]}"; do
      [[ $parent == "${SHIM_PIDS[index]}" && -n ${SHIM_SANDBOXES[index]} ]] || continue
      [[ $1 != all ]] && is_of_sandbox "$folder" "${SHIM_SANDBOXES[index]}" && continue
      printf '%s\n' "${folder##*/}"
    done
  done
}

# The process that only holds a sandbox's namespaces sits in the cgroup of that name.
is_of_sandbox() {
  local cgroup
  cgroup=$(cat "$1/cgroup" 2>/dev/null) || return 1 # it has ended
  [[ $cgroup == *"$2"* ]]
}

end_pods() {
  local pids index deadline=$((TIMEOUT_SECONDS * 2 / 3))
  has_no_shims && return 0
  pids=$(pids_below pods)
  # shellcheck disable=SC2086  # one word each; a process may be gone already
  [[ -z $pids ]] || kill -TERM $pids 2>/dev/null || true
  while [[ -n $pids ]] && ((SECONDS < deadline)); do
    timeout 2 sleep 0.2
    pids=$(pids_below pods)
  done
  pids=$(pids_below all)
  for index in "${!SHIM_PIDS[@]}"; do
    [[ -z ${SHIM_SANDBOXES[index]} ]] || pids+=" ${SHIM_PIDS[index]}"
  done
  # shellcheck disable=SC2086  # one word each; a process may be gone already
  [[ -z $pids ]] || kill -KILL $pids 2>/dev/null || true
  for _ in 1 2 3 4 5 6 7 8 9 10; do
    has_no_shims && return 0
    timeout 2 sleep 0.1
  done
  return 1
}

main() {
  read_settings
  TIMEOUT_SECONDS=$BEFORE_REBOOT_SECONDS
  is_shutting_down || return 0
  expect_database || return 0
  end_pods || leave_alone 'a shim did not end, or does not say whose it is'
  open_database
  remove_all 'this boot' || { log info 'no sandboxes before the reboot' && return 0; }
  exit 3
}

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then
  main "$@"
fi
