#!/usr/bin/env bash
# reboot-metrics.sh - say as metrics whether a reboot of this host waits, and why. Reads only.
#
# A reason that cannot be told has no line: 0 would say that nothing waits. watch.sh runs it on the host.
#
# Environment:
#   REPORT_ROOT  a folder that stands for the host's root, for tests  (default: empty, the host itself)
#
# Exit status: 0 told, 2 cannot tell: no reason could be told, or its parts are not beside it.
# shellcheck source-path=SCRIPTDIR
# shellcheck disable=SC2034  # the parts share their variables
set -euo pipefail

main() {
  local part reason running newest lines=''
  local -A waits=()
  HERE=$(cd "${BASH_SOURCE[0]%/*}" && pwd)
  for part in host-report report-boot; do
    # shellcheck source=/dev/null
    source "$HERE/$part.sh" || { printf "reboot-metrics: '%s': expected %s.sh there, found none\n" "$HERE" "$part" >&2 && exit 2; }
  done
  ROOT=${REPORT_ROOT:-}
  PROC_FOLDER=$ROOT/proc
  find_reasons
  for reason in "${REASONS[@]}"; do
    [[ -z ${waits[$reason]} ]] || lines+="selfheal_reboot_pending{reason=\"$reason\"} ${waits[$reason]}"$'\n'
  done
  [[ -n $lines ]] || exit 2
  printf '# HELP %s\n# TYPE %s\n%s' 'selfheal_reboot_pending Whether a reboot of this host waits, by what asks for it.' \
    'selfheal_reboot_pending gauge' "$lines"
}

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then
  main "$@"
fi
