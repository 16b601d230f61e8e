#!/usr/bin/env bash
# check_calico_node_restarts.sh [-w RANGE] [-c RANGE] [-t SECONDS] [--last] - did calico-node start anew with this host?
#
# Critical: its container is said to run since before the host booted; Felix may go on with its old picture. The ranges
# are for its restarts within the window on a host that booted a while ago. Both are remembered from look to look and
# over a boot, so this is for selfheal-checks.timer; NRPE asks with --last.
#
# Environment:
#   CHECKS_NODE_KUBECTL               kubectl as the node, its words separated by one blank
#   CHECKS_NODES                      the names that this host may have
#   CHECKS_CALICO_NAMESPACE           where calico-node runs
#   CHECKS_CALICO_RESTARTS            more than that many are a warning
#   CHECKS_CALICO_WINDOW_SECONDS      the window
#   CHECKS_CALICO_BOOT_SECONDS        after a boot for how long
#   CHECKS_STATE_FOLDER               where the numbers are remembered
#   CHECKS_PROC_FOLDER                another /proc, for tests
#
# Exit status: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN: it cannot tell.
# shellcheck source-path=SCRIPTDIR
# shellcheck disable=SC2034,SC2153,SC2154  # the parts share their variables
set -euo pipefail
export LC_ALL=C

main() {
  local folder=${BASH_SOURCE[0]%/*} part
  for part in plugin verdict cluster; do
    # shellcheck source=/dev/null
    source "$folder/$part.sh" || { printf '%s UNKNOWN - %s.sh could not be read\n' "$LABEL" "$part" && exit 3; }
  done
  ABOUT='Restarts of calico-node on this host.' RANGES='their number after a boot' CRITICAL=''
  read_settings
  WARNING=${CHECKS_CALICO_RESTARTS:-}
  begin "$@"
  KUBECTL=${CHECKS_NODE_KUBECTL:-kubectl}
  number CALICO_RESTARTS
  number CALICO_WINDOW_SECONDS
  number CALICO_BOOT_SECONDS
  local boot booted uptime node uid restarts started waiting
  read_boot || unknown 'boot id, boot time or uptime of this host could not be read'
  find_node
  ask '{{range .items}}{{.metadata.uid}} {{range .status.containerStatuses}}{{if eq .name "calico-node"}}{{.restartCount}} {{or .state.running.startedAt "-"}} {{or .state.waiting.reason "-"}}{{end}}{{end}}{{"\n"}}{{end}}' \
    pods -n "${CHECKS_CALICO_NAMESPACE:-kube-system}" -l k8s-app=calico-node --field-selector=spec.nodeName="$node"
  ((${#ROWS[@]} == 1)) || unknown "expected one pod of calico-node on $node, got ${#ROWS[@]}"
  read -r uid restarts started waiting <<<"${ROWS[0]}"
  count "calico-node on $node" "${restarts:-}"
  remember
  judge_start
  if ((uptime < CALICO_BOOT_SECONDS)); then judge_restarts; fi
  perf restarts_total "$restarts" ''
  finish
}

read_boot() {
  local name value proc=${CHECKS_PROC_FOLDER:-/proc}
  boot='' booted=''
  { read -r boot <"$proc/sys/kernel/random/boot_id"; } 2>/dev/null || return 1
  while read -r name value _; do [[ $name != btime ]] || booted=$value; done 2>/dev/null <"$proc/stat" || return 1
  [[ $booted =~ ^[0-9]+$ ]] && read_uptime
}

# A node has the name of its host, in lower case, unless somebody decided otherwise.
find_node() {
  local host=''
  # Empty where it cannot be read, which no node is called.
  { read -r host <"${CHECKS_PROC_FOLDER:-/proc}/sys/kernel/hostname"; } 2>/dev/null || true
  host=${host,,}
  for node in ${CHECKS_NODES:-}; do
    [[ $node != "$host" && $node != "${host%%.*}" ]] || return 0
  done
  unknown "host '$host': expected one of the nodes '${CHECKS_NODES:-}'"
}

# A start that was known in an earlier boot already is none of this one, whatever the clock said then or says now. Only
# where nothing is remembered are times compared, and a clock that was set since the boot then makes it unknown.
judge_start() {
  local began=$started
  if [[ $started == - ]]; then
    found 1 "calico-node on $node does not run: $waiting"
  elif [[ $started == "$earlier" ]]; then
    found 2 "calico-node on $node is said to run since before the host booted: its start has not changed"
  elif [[ -n $earlier ]]; then
    found 0 "calico-node on $node was started after the boot"
  else
    epoch "$began" || unknown "calico-node on $node: expected a time of its start, got '$began'"
    if ((reply >= booted)); then
      found 0 "calico-node on $node was started after the boot"
    else
      found 3 "calico-node on $node was started before the boot by the clock, and nothing is known of the boot before"
    fi
  fi
}

judge_restarts() {
  local more status
  if [[ -z $oldest ]]; then
    found 3 'its restarts are counted from now on'
    return
  fi
  more=$((restarts - oldest))
  level "$more"
  status=$reply
  perf restarts "$more" '' "$WARNING" "$CRITICAL"
  span "$CALICO_WINDOW_SECONDS"
  found "$status" "$more restarts within $reply"
}

# Lines of boot id, uptime, pod, its restarts and its start: the last one of the boot before, and those of the window.
# Sets "oldest" to the number at the window's begin, and "earlier" to the start that the boot before knew.
remember() {
  local file=${CHECKS_STATE_FOLDER:-/var/lib/selfheal/checks}/calico-restarts its_boot at its_uid number start before='' kept=()
  oldest='' earlier=''
  while read -r its_boot at its_uid number start; do
    [[ $at =~ ^[0-9]{1,9}$ && $number =~ ^[0-9]{1,9}$ && $its_uid == "$uid" && -n $start ]] || continue
    if [[ $its_boot != "$boot" ]]; then
      before="$its_boot $at $uid $number $start" earlier=$start oldest=$number
    elif ((at <= uptime && uptime - at <= CALICO_WINDOW_SECONDS)); then
      kept+=("$its_boot $at $uid $number $start")
    fi
  done < <(cat "$file" 2>/dev/null)
  # What the boot before left is where this one began, as long as that is within the window.
  if [[ -z $oldest ]] || ((uptime > CALICO_WINDOW_SECONDS)); then
    oldest=''
    [[ ${#kept[@]} -eq 0 ]] || read -r _ _ _ oldest _ <<<"${kept[0]}"
  fi
  kept=(${before:+"$before"} ${kept[@]+"${kept[@]}"} "$boot $uptime $uid $restarts $started")
  { mkdir -p "${file%/*}" && printf '%s\n' "${kept[@]}" >"$file.new" && mv -f "$file.new" "$file"; } 2>/dev/null ||
    found 3 "'$file': expected to remember the restarts there, could not"
}

LABEL=CALICO oldest='' earlier=''

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then
  main "$@"
fi
