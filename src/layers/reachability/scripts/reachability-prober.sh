#!/usr/bin/env bash
# reachability-prober.sh - tell somebody when a node of the cluster is silent, and when it is back.
#
# For any Linux host outside the cluster, one look at each start; a timer starts it. A node counts as silent only when
# neither ping nor a TCP connection gets an answer. Times are seconds since this host's boot: its clock may step.
#
# Environment:
#   REACHABILITY_TARGETS            name/address/port+port,name/address/port,...                    (required)
#   REACHABILITY_TOLERATE_SECONDS   silent, or back, for this long before somebody is told          (default 120)
#   REACHABILITY_GATEWAY            answers ping while this host's own network is well  (default: the default route's)
#   REACHABILITY_WEBHOOK            file that holds the URL to post {"text": "..."} to  (default: none, the log only)
#   REACHABILITY_STATE_FOLDER       what was seen and told    (default /var/lib/selfheal/reachability)
#   REACHABILITY_PROC_FOLDER        another /proc, for tests                                        (default /proc)
#
# Exit status: 0 nothing to tell, 1 bad settings, 2 cannot tell, 3 told somebody.
set -euo pipefail
export LC_ALL=C

log() {
  timeout -k 2 5 logger -t reachability-prober -p "daemon.$1" -- "$2" || printf 'reachability-prober: %s\n' "$2" >&2
}

bad_setting() { log err "setting '$1': expected $2, got '$3'" && exit 1; }

read_settings() {
  TOLERATE_SECONDS=${REACHABILITY_TOLERATE_SECONDS:-120}
  GATEWAY=${REACHABILITY_GATEWAY:-}
  WEBHOOK=${REACHABILITY_WEBHOOK:-}
  STATE_FOLDER=${REACHABILITY_STATE_FOLDER:-/var/lib/selfheal/reachability}
  PROC=${REACHABILITY_PROC_FOLDER:-/proc}
  [[ $TOLERATE_SECONDS =~ ^[1-9][0-9]{0,5}$ ]] ||
    bad_setting REACHABILITY_TOLERATE_SECONDS 'a whole number above 0' "$TOLERATE_SECONDS"
  [[ $STATE_FOLDER == /?* ]] || bad_setting REACHABILITY_STATE_FOLDER 'an absolute path' "$STATE_FOLDER"
  [[ -z $WEBHOOK || -r $WEBHOOK ]] || bad_setting REACHABILITY_WEBHOOK 'a readable file' "$WEBHOOK"
  IFS=, read -ra TARGETS <<<"${REACHABILITY_TARGETS:-}"
  ((${#TARGETS[@]} > 0)) || bad_setting REACHABILITY_TARGETS 'name/address/ports, separated by commas' ''
  local target
  for target in "${TARGETS[@]}"; do
    [[ $target =~ ^[a-z0-9]([a-z0-9.-]*[a-z0-9])?/[A-Za-z0-9][A-Za-z0-9.:-]*/[0-9]{1,5}([+][0-9]{1,5})*$ ]] ||
      bad_setting REACHABILITY_TARGETS 'name/address/port+port' "$target"
  done
}

# 0 answers, 1 is silent, 2 cannot tell: no ping here, no permission, no route.
answers_ping() {
  local status=0
  timeout -k 1 8 ping -n -q -c 2 -W 2 "$1" >/dev/null 2>&1 || status=$?
  ((status < 2)) || return 2
  return "$status"
}

# One port that takes a connection is enough.
takes_connections() {
  local port
  for port in ${2//+/ }; do
    # shellcheck disable=SC2016 # expanded by the inner bash
    timeout -k 1 3 bash -c 'exec 3<>"/dev/tcp/$1/$2"' bash "$1" "$port" 2>/dev/null && return 0
  done
  return 1
}

look_at() {
  local status=0
  takes_connections "$1" "$2" && return 0
  answers_ping "$1" || status=$?
  return "$status"
}

# The default route's gateway, from hexadecimal in the byte order of little-endian machines, which all of ours are.
default_gateway() {
  local destination gateway
  while read -r _ destination gateway _; do
    [[ $destination == 00000000 && $gateway =~ ^[0-9A-F]{8}$ && $gateway != 00000000 ]] || continue
    printf '%d.%d.%d.%d' "0x${gateway:6:2}" "0x${gateway:4:2}" "0x${gateway:2:2}" "0x${gateway:0:2}"
    return 0
  done 2>/dev/null <"$PROC/net/route"
  return 1
}

# Where nothing at all can be reached, it is this host that is cut off.
own_network_is_well() {
  local gateway=$GATEWAY
  [[ $ANY_ANSWER == no ]] || return 0
  [[ -n $gateway ]] || gateway=$(default_gateway) || return 1
  answers_ping "$gateway"
}

# The URL is a secret: it goes through a pipe, not through the arguments that every process of the host can read.
tell() {
  local url
  log "$1" "$2"
  [[ -n $WEBHOOK ]] || return 0
  read -r url <"$WEBHOOK" || [[ -n ${url:-} ]] || return 1
  [[ $url =~ ^https?://[^[:space:]\"\\]+$ ]] || { log err "webhook '$WEBHOOK': expected a URL" && return 1; }
  printf 'url = "%s"\n' "$url" | timeout -k 2 20 curl --silent --fail --max-time 15 --output /dev/null --config - \
    --header 'Content-Type: application/json' --data "{\"text\": \"$2\"}"
}

# One line: the boot it belongs to, when it was last written, what was told, what is seen now and since when.
recall() {
  local line=''
  TOLD=up SEEN=up SINCE=$NOW
  read -r line 2>/dev/null <"$1" || true # none: a node that was never looked at
  [[ $line =~ ^[-0-9a-f]+\ [0-9]+\ (up|down)\ (up|down|unknown)\ [0-9]+$ ]] || return 0
  local boot last
  read -r boot last TOLD SEEN SINCE <<<"$line"
  # After a boot of this host, or a long time without a look, nothing is known about the time between.
  if [[ $boot != "$BOOT_ID" ]] || ((NOW - last > TOLERATE_SECONDS)); then
    SEEN=unknown SINCE=$NOW
  fi
}

# $1 name, $2 up | down | unknown. Sets CHANGED where somebody was told.
judge() {
  local file=$STATE_FOLDER/$1 now_seen=$2 level text
  recall "$file"
  [[ $SEEN == "$now_seen" ]] || SINCE=$NOW
  if [[ $now_seen != unknown && $now_seen != "$TOLD" ]] && ((NOW - SINCE >= TOLERATE_SECONDS)); then
    level=notice text="$1 can be reached again, for $((NOW - SINCE)) seconds now"
    [[ $now_seen == up ]] || level=crit text="$1 cannot be reached: no answer to ping or TCP for $((NOW - SINCE)) seconds"
    # What could not be told is told again at the next look.
    if tell "$level" "$text"; then TOLD=$now_seen CHANGED=yes; else log err "webhook: the message on $1 did not get through"; fi
  fi
  printf '%s %s %s %s %s\n' "$BOOT_ID" "$NOW" "$TOLD" "$now_seen" "$SINCE" >"$file.new" && mv -f "$file.new" "$file"
}

main() {
  local target name address ports status unknown=no
  local -A seen=()
  CHANGED=no ANY_ANSWER=no
  read_settings
  { read -r NOW _ <"$PROC/uptime" && read -r BOOT_ID <"$PROC/sys/kernel/random/boot_id"; } 2>/dev/null || NOW=none
  NOW=${NOW%%.*}
  [[ $NOW =~ ^[0-9]+$ ]] || { log err "cannot tell: uptime or boot id in '$PROC' could not be read" && return 2; }
  mkdir -p "$STATE_FOLDER"
  for target in "${TARGETS[@]}"; do
    IFS=/ read -r name address ports <<<"$target"
    status=0
    look_at "$address" "$ports" || status=$?
    case $status in
    0) seen[$name]=up ANY_ANSWER=yes ;;
    1) seen[$name]=down ;;
    *) seen[$name]=unknown ;;
    esac
  done
  if [[ " ${seen[*]} " == *' down '* ]] && ! own_network_is_well; then
    log warning 'cannot tell: nothing answers, not even the gateway'
    for name in "${!seen[@]}"; do seen[$name]=unknown; done
  fi
  for name in "${!seen[@]}"; do
    judge "$name" "${seen[$name]}"
    [[ ${seen[$name]} != unknown ]] || unknown=yes
  done
  [[ $CHANGED == no ]] || return 3
  [[ $unknown == no ]] || return 2
}

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then
  main "$@"
fi
