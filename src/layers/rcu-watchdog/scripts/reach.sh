#!/usr/bin/env bash
# reach.sh - part of selfheal-watchdog.sh: is this node in a black-hole, or is the network gone for everybody?
#
# It only tells; the detector decides.
#
#   look UPTIME      prints one line, in at most 7 s:
#                    !net UPTIME gateway=yes|no|? peers=A/N|? api=yes|no|?|- link=up|down|? local=yes|no|? frames=N|?
#                    gateway, peers: a closed door that refuses is alive too (no port, no program, no credentials are needed)
#                    api, local: asked only while neither the gateway nor a peer answers, otherwise `?`; - = no other server
#                    frames: received, or dropped on the way in, since the look before (not more than 5 min ago)
#
# Independent signs: TCP to each, the kernel's own table of neighbours (ARP), ping where there is one (gateway only). What has
# ever answered by TCP in this boot is dead once it does not. What never did (it drops) lives as long as its ARP entry, which
# the kernel takes back within two looks, because each look makes it verify the entry.
# The gateway is the default route's with the lowest metric; one that was there and is gone (an expired lease) counts on.
# Frames come from the interface alone, not from the backlog of all interfaces: pods and loopback fill that one too, also
# where the switch is gone for everybody. Broken frames do not count either.
#
# shellcheck disable=SC2153 # ADDRESS, ROLE, NODES, SELF and ANSWERS are set by peers.sh and ask.sh
#
# Environment: that of selfheal-watchdog.sh. The file reach in RUN_FOLDER is what the next look needs. PROBE_PORT is closed
# everywhere: the kernel refuses at no cost to the peer.

: "${ROW_ANSWER_CS:=20}" "${LOOK_ANSWER_CS:=150}" "${OLDEST_LOOK_CS:=30000}" # others only in tests

# Sets INTERFACE and GATEWAY; leaves both alone where there is no default route now.
read_route() {
  local interface destination gateway flags metric mask rest lowest=''
  while read -r interface destination gateway flags _ _ metric mask rest; do
    [[ "$destination $mask" == '00000000 00000000' && $((16#$flags & 2)) -ne 0 ]] || continue
    [[ -z $lowest || $metric -lt $lowest ]] || continue
    lowest=$metric INTERFACE=$interface
    printf -v GATEWAY '%d.%d.%d.%d' "0x${gateway:6:2}" "0x${gateway:4:2}" "0x${gateway:2:2}" "0x${gateway:0:2}"
  done <"${PROC:-/proc}/net/route"
}

# Sets COUNTED to all frames that have ever arrived at the interface, '' where that is not known.
read_frames() {
  local name packets drop fifo rest
  COUNTED=''
  while read -r name _ packets _ drop fifo rest; do
    if [[ $name == "$INTERFACE:" ]]; then COUNTED=$((packets + drop + fifo)); fi
  done <"${PROC:-/proc}/net/dev"
}

read_link() {
  local carrier='' flags='' folder=${SYS:-/sys}/class/net/$INTERFACE
  LINK='?'
  [[ -n $INTERFACE && -d ${SYS:-/sys}/class/net ]] || return 0
  if [[ ! -d $folder ]]; then
    LINK=down
    return 0
  fi
  # An interface that was switched off refuses to tell its carrier.
  read -r carrier 2>/dev/null <"$folder/carrier" || read -r flags 2>/dev/null <"$folder/flags" || true
  case $carrier in
    1) LINK=up ;;
    0) LINK=down ;;
    *) if [[ $flags =~ ^0x[0-9a-f]+$ && $((flags & 1)) -eq 0 ]]; then LINK=down; fi ;;
  esac
}

# Sets ARP[address] to yes (the kernel has an answer) or no (it asked and got none).
read_arp() {
  local address flags rest
  ARP=()
  while read -r address _ flags rest; do
    [[ $flags == 0x* ]] || continue
    if (((flags & 2) != 0)); then ARP[$address]=yes; else ARP[$address]=no; fi
  done <"${PROC:-/proc}/net/arp"
}

# is_alive ANSWER ADDRESS: sets ALIVE to yes, no, or ? and keeps in TALKED who has answered by TCP.
is_alive() {
  local answer=$1 address=$2 arp=${ARP[$2]:-}
  ALIVE='?'
  case $answer in
    open | refused)
      ALIVE=yes
      [[ $TALKED == *" $address "* ]] || TALKED+="$address "
      ;;
    # A firewall can say `unreachable` for one that is there.
    unreachable) if [[ $arp == yes ]]; then ALIVE=yes; else ALIVE=no; fi ;;
    timeout) if [[ $arp == yes && $TALKED != *" $address "* ]]; then ALIVE=yes; else ALIVE=no; fi ;;
  esac
}

# `!net` knows nothing of a node without a gateway; it is told `?` and nothing is decided.
look() {
  local name before_interface='' before_counted='' before_at='' now alive=0 peers
  local gateway='?' api='?' local='?' frames='?'
  local INTERFACE GATEWAY='' COUNTED='' LINK='?' TALKED ALIVE
  local -A ARP=()
  read -r before_interface GATEWAY before_counted before_at TALKED 2>/dev/null <"$RUN_FOLDER/reach" || TALKED='' # none yet
  INTERFACE=${before_interface#-} GATEWAY=${GATEWAY#-} TALKED=" ${TALKED% } "
  # What they cannot read stays unknown.
  read_route 2>/dev/null || true
  read_frames 2>/dev/null || true # the same
  read_link
  now_cs now
  if [[ -n $COUNTED && $INTERFACE == "$before_interface" && $before_counted =~ ^[0-9]+$ && $before_at =~ ^[0-9]+$ ]] &&
    ((COUNTED >= before_counted && now >= before_at && now - before_at <= OLDEST_LOOK_CS)); then
    frames=$((COUNTED - before_counted))
  fi
  read_peers || NODES=()
  ask_nearby
  [[ $gateway == yes || $alive -gt 0 ]] || ask_farther
  printf '!net %s gateway=%s peers=%s api=%s link=%s local=%s frames=%s\n' \
    "$1" "$gateway" "$peers" "$api" "$LINK" "$local" "$frames"
  { printf '%s %s %s %s%s\n' "${INTERFACE:--}" "${GATEWAY:--}" "${COUNTED:--}" "$now" "$TALKED" >"$RUN_FOLDER/reach"; } 2>/dev/null ||
    true # then the next look knows no more than the first
}

# The gateway and the peers: what costs them and us next to nothing.
ask_nearby() {
  local count=0 row=()
  local -A near=()
  [[ -z $GATEWAY ]] || row+=(gateway "$GATEWAY" "${GATEWAY_PORT:-53}")
  for name in "${NODES[@]}"; do
    [[ $name == "$SELF" ]] || row+=("peer-$name" "${ADDRESS[$name]}" "${PROBE_PORT:-9}")
  done
  ask_near "${row[@]}"
  read_arp || true # then TCP alone tells
  if [[ -n $GATEWAY ]]; then
    is_alive "${near[gateway]}" "$GATEWAY"
    gateway=$ALIVE
  fi
  read_silence
  for name in "${NODES[@]}"; do
    [[ $name != "$SELF" ]] || continue
    is_alive "${near[peer-$name]}" "${ADDRESS[$name]}"
    case $ALIVE in
      yes) note_silence "$name" seen && alive=$((alive + 1)) ;;
      no) note_silence "$name" silent ;;
      *) count='?' ;;
    esac
  done
  [[ ${#NODES[@]} -le 1 ]] || write_silence
  peers=$alive/$((${#NODES[@]} > 0 ? ${#NODES[@]} - 1 : 0))
  # Nobody is seen, and of somebody nothing is known; or the file of peers makes no sense.
  [[ $count != '?' || $alive -gt 0 ]] || peers='?'
  [[ -z $PEERS_WRONG ]] || peers='?'
}

# ask_near KEY ADDRESS PORT…: sets near[KEY]. Who is there answers within a millisecond, so one child asks all in a row;
# only those that kept silent or stood behind one that did are then asked at the same time.
ask_near() {
  local key silent=0
  ask_begin look
  ask_row "$@"
  ask_end "$ROW_ANSWER_CS"
  for key in "${!ANSWERS[@]}"; do
    near[$key]=${ANSWERS[$key]}
    [[ ${near[$key]} != timeout ]] || silent=$((silent + 1))
  done
  ((silent > 0)) || return 0
  ask_begin look
  while (($# > 0)); do
    [[ ${near[$1]} != timeout ]] || ask "$1" "$2" "$3" connect
    shift 3
  done
  ask_end "$LOOK_ANSWER_CS"
  for key in "${!ANSWERS[@]}"; do near[$key]=${ANSWERS[$key]}; done
}

# Nobody near answers: is there life here, and has anybody else?
ask_farther() {
  local servers=0
  ask_begin look
  ask local 127.0.0.1 "${LOCAL_PORT:-10248}" http
  for name in "${NODES[@]}"; do
    [[ $name != "$SELF" && ${ROLE[$name]} == server ]] || continue
    servers=$((servers + 1))
    ask "api-$name" "${ADDRESS[$name]}" "${API_PORT:-6443}" connect
  done
  [[ $gateway != no ]] || ! type -P ping >/dev/null ||
    { timeout -k 1 2 ping -n -q -c 1 -W 1 "$GATEWAY" >/dev/null 2>&1 && gateway=yes; } || true # no answer is what `no` says
  ask_end "$LOOK_ANSWER_CS"
  case ${ANSWERS[local]} in
    'said HTTP/'*) local=yes ;;
    unknown*) ;;
    *) local=no ;;
  esac
  api=-
  [[ -z $PEERS_WRONG ]] || api='?'
  for name in "${NODES[@]}"; do
    case ${ANSWERS[api-$name]:-} in
      '') ;;
      open | refused) api=yes && return 0 ;;
      unknown*) api='?' ;;
      *) [[ $api == '?' ]] || api=no ;;
    esac
  done
}
