#!/usr/bin/env bash
# selfheal-upgrade-run.sh - run one of the two upgrade units of this host to its end, for a pod that waits.
#
# The work belongs to the unit: a second caller joins the run that is going on, and a pod that dies leaves it alone.
#
# Arguments: the unit's name without instance, selfheal-upgrade-gate or selfheal-os-upgrade.
#
# Environment:
#   SYSTEM_UPGRADE_NODE_NAME   this node's name; the controller sets it          (required)
#   RUN_TIMEOUT                how long to wait for the unit                     (default 11h)
#   RUN_SHUTDOWN_SECONDS       how long to wait to be ended with the machine     (default 300)
#
# Exit status: 0 the unit succeeded, 1 bad settings, 2 it failed, or cannot tell.
set -euo pipefail

main() {
  local unit status=0 invocation
  [[ ${1:-} == selfheal-upgrade-gate || ${1:-} == selfheal-os-upgrade ]] || {
    printf 'upgrade-run: unit: expected selfheal-upgrade-gate or selfheal-os-upgrade, got %q\n' "${1:-}" >&2
    return 1
  }
  [[ ${SYSTEM_UPGRADE_NODE_NAME:-} =~ ^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$ ]] || {
    printf 'upgrade-run: SYSTEM_UPGRADE_NODE_NAME: expected a node, got %q\n' "${SYSTEM_UPGRADE_NODE_NAME:-}" >&2
    return 1
  }
  unit=$1@$SYSTEM_UPGRADE_NODE_NAME.service
  timeout "${RUN_TIMEOUT:-11h}" systemctl start "$unit" || status=$?

  # For `kubectl logs` only: what cannot be shown here is still in the host's journal.
  invocation=$(timeout 30 systemctl show --property=InvocationID --value "$unit") || invocation=''
  [[ -z $invocation ]] ||
    timeout 30 journalctl --no-pager --output=cat "_SYSTEMD_INVOCATION_ID=$invocation" || true # the same
  ((status != 0)) || return 0

  # A pod that fails while the machine goes down is replaced on the spot, and each replacement uses up a retry.
  if [[ $(timeout 30 systemctl is-system-running) == stopping ]]; then
    sleep "${RUN_SHUTDOWN_SECONDS:-300}"
  fi
  return 2
}

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then
  main "$@"
fi
