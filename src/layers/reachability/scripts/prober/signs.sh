#!/usr/bin/env bash
# signs.sh - part of reachability-prober.sh: two independent questions to every node, all at once, in at most 5 s.
#
#   look_at_all   prints "NAME PING TCP" for each node, and for the gateway as "-": yes | refused | no | unknown
#
# unknown: the question could not be put (no ping program, no right to send one, no route from here). A port that refuses
# is a sign of life: somebody sent that answer.
#
# shellcheck disable=SC2153 # GATEWAY, PROC and TARGETS are set by reachability-prober.sh
#
# Environment: that of reachability-prober.sh.

# Some router takes a connection on these, and any refuses one or answers ping.
GATEWAY_PORTS=53+80+443

look_at_all() {
  local target name address ports gateway=$GATEWAY
  for target in "${TARGETS[@]}"; do
    IFS=/ read -r name address ports <<<"$target"
    look_at "$name" "$address" "$ports" &
  done
  if [[ -n $gateway ]] || gateway=$(default_gateway); then look_at - "$gateway" "$GATEWAY_PORTS" & fi
  wait
}

# One line in one write, so that those of several looks do not mix.
look_at() {
  local signs ping=unknown tcp=unknown kind value
  signs=$(
    printf 'ping %s\n' "$(ping_sign "$2")" &
    tcp_signs "$2" "$3"
    wait
  )
  while read -r kind value; do
    case $kind in
    ping) ping=$value ;;
    tcp) tcp=$(better "$tcp" "$value") ;;
    esac
  done <<<"$signs"
  printf '%s %s %s\n' "$1" "$ping" "$tcp"
}

tcp_signs() {
  local port
  for port in ${2//+/ }; do
    printf 'tcp %s\n' "$(tcp_sign "$1" "$port")" &
  done
  wait
}

# One port that takes a connection is enough.
better() {
  local sign
  for sign in yes refused no; do
    if [[ $1 == "$sign" || $2 == "$sign" ]]; then printf '%s' "$sign" && return 0; fi
  done
  printf unknown
}

# 1 is "no answer" for every ping there is; 124 and 137 are timeout's.
ping_sign() {
  local status=0
  timeout -k 1 4 ping -n -q -c 2 -W 2 "$1" >/dev/null 2>&1 || status=$?
  case $status in
  0) printf yes ;;
  1 | 124 | 137) printf no ;;
  *) printf unknown ;;
  esac
}

tcp_sign() {
  local status=0 error
  # shellcheck disable=SC2016 # expanded by the inner bash
  error=$(timeout -k 1 3 bash -c 'exec 3<>"/dev/tcp/$1/$2"' bash "$1" "$2" 2>&1) || status=$?
  case $status:$error in
  0:*) printf yes ;;
  *'Connection refused'* | *'Connection reset'*) printf refused ;;
  124:* | 137:* | *'No route to host'* | *'timed out'*) printf no ;;
  *) printf unknown ;;
  esac
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
