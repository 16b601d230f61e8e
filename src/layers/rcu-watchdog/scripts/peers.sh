#!/usr/bin/env bash
# peers.sh - part of selfheal-watchdog.sh: no two nodes go down together, and a cluster with a quorum keeps it.
#
#   read_peers       reads PEERS_FILE; sets NODES (all names), ADDRESS[], ROLE[], WATCHED[], SELF ('' = not in it). 1 = it makes
#                    no sense or this node is not in it, and PEERS_WRONG says so. No file: a node of its own.
#   peers_position   prints how many names of the file come before this node's
#   publish STATE    watching | wants | rebooting: what whoever asks gets to hear. Builtins and a tmpfs alone.
#   may_go [PATH]    publishes `wants`, asks all peers, and prints `go` (status 0; `rebooting` is published by then) or
#                    `hold WHY` (status 2; `watching` again). At most 6.5 s, two questions with 3 s between where two want at once.
#   read_silence, note_silence NAME silent|refused|seen|heard (seen: by other signs than its answer), write_silence
#                    keep since when a peer has been silent or refusing; note_silence sets SILENT_FOR (seconds)
#
# Who holds: a peer that reboots; that has been up for less than 3 min; that is silent, until it was so for 10 min and is not
# seen by the looks of reach.sh either; that refuses although it has a watchdog, for 3 min (it boots or goes down). Who wants
# goes only if nobody else wants, or if its name is the smallest and the others have given way 3 s later. A server of three or
# more goes only while the other servers that answer keep the quorum; no silence, however long, changes that.
#
# PATH black-hole cannot ask anybody: it goes, and the nodes decide 3 min apart, by their position.
#
# Why never two: each publishes before it asks. If both had heard `watching`, each would have asked before the other published.
#
# File of peers: NAME ADDRESS server|agent [watched|unwatched], one line for each node of the cluster, this one too.
# Environment: that of selfheal-watchdog.sh.

# Others only in tests.
: "${PEER_ANSWER_CS:=150}" "${SECOND_LOOK_SECONDS:=3}" "${FRESH_SECONDS:=180}" "${SILENT_SECONDS:=600}" "${REFUSED_SECONDS:=180}"
declare -gA ADDRESS=() ROLE=() WATCHED=() SILENCE=()
declare -ga NODES=()
SELF='' PEERS_WRONG='' OWN_ADDRESSES=''

# `ip` need not be there; the kernel lists each address of the node as a leaf of its local table.
read_own_addresses() {
  local word address rest leaf=''
  OWN_ADDRESSES=' '
  while read -r word address rest; do
    [[ $word == '|--' ]] && leaf=$address
    [[ $word == /32 && $address == host && $rest == LOCAL && $leaf != 127.* ]] && OWN_ADDRESSES+="$leaf "
  done <"${PROC:-/proc}/net/fib_trie"
  return 0
}

read_peers() {
  local name address role watched rest number=0 file=${PEERS_FILE:-/etc/selfheal/rcu-watchdog-peers}
  NODES=() ADDRESS=() ROLE=() WATCHED=() SELF='' PEERS_WRONG=''
  [[ -e $file ]] || return 0
  [[ -n $OWN_ADDRESSES ]] || read_own_addresses 2>/dev/null || OWN_ADDRESSES=' '
  while read -r name address role watched rest || [[ -n $name ]]; do
    number=$((number + 1))
    [[ -n $name && $name != \#* ]] || continue
    if [[ ! "$name $address $role ${watched:-watched}$rest" =~ ^[a-z0-9][-.a-z0-9]*\ [0-9A-Za-z][-.:0-9A-Za-z]*\ (server|agent)\ (un)?watched$ ]] ||
      [[ -n ${ROLE[$name]:-} ]]; then
      PEERS_WRONG="peers '$file', line $number: expected 'NAME ADDRESS server|agent [watched|unwatched]', each name once, got '$name $address $role $watched $rest'"
      return 1
    fi
    NODES+=("$name")
    ADDRESS[$name]=$address ROLE[$name]=$role WATCHED[$name]=${watched:-watched}
    if [[ $OWN_ADDRESSES == *" $address "* ]]; then SELF=$name; fi
  done <"$file" || { PEERS_WRONG="peers '$file': expected a file, cannot read it" && return 1; }
  ((${#NODES[@]} > 0)) || return 0
  # An address that is a name, or one behind NAT: then the host's own name decides.
  [[ -n $SELF || -z ${ROLE[$HOSTNAME]:-} ]] || SELF=$HOSTNAME
  [[ -n $SELF || -z ${ROLE[${HOSTNAME%%.*}]:-} ]] || SELF=${HOSTNAME%%.*}
  [[ -n $SELF ]] && return 0
  OWN_ADDRESSES='' # they may come with the network
  PEERS_WRONG="peers '$file': expected this node ($HOSTNAME) by name or address, found only ${NODES[*]}"
  return 1
}

peers_position() {
  local name before=0 LC_ALL=C
  for name in "${NODES[@]}"; do
    if [[ -n $SELF && $name < $SELF ]]; then before=$((before + 1)); fi
  done
  printf '%d\n' "$before"
}

# One write of one line that ends in a dot: whoever reads in between sees nothing or all of it, and answer.sh then reads again.
# The process is named with its start time, so that the answer can tell a watchdog from what it left behind.
publish() {
  local stat uptime rest fields
  read -r stat <"${PROC:-/proc}/$$/stat" || return 1
  read -r uptime rest <"${PROC:-/proc}/uptime" || return 1
  read -ra fields <<<"${stat##*) }"
  { printf '%s %s %s %d %s .\n' "${SELF:--}" "$1" "$uptime" "$$" "${fields[19]}" >"$RUN_FOLDER/peer"; } 2>/dev/null
}

read_silence() {
  local name kind since last
  SILENCE=()
  while read -r name kind since last; do
    [[ "$since $last" =~ ^[0-9]+\ [0-9]+$ ]] && SILENCE[$name]="$kind $since $last"
  done 2>/dev/null <"$RUN_FOLDER/silence" || return 0 # none yet
}

# What was not looked at for 3 min is not known to have lasted, so it begins anew.
note_silence() {
  local name=$1 kind=$2 now was since last
  SILENT_FOR=0
  read -r was since last <<<"${SILENCE[$name]:-none 0 0}"
  if [[ $kind == heard || "$kind $was" == 'seen silent' ]]; then unset "SILENCE[$name]"; fi
  [[ $kind != heard && $kind != seen ]] || return 0
  now_cs now
  [[ $was == "$kind" && $((now - last)) -le 18000 && $now -ge $since ]] || since=$now
  SILENCE[$name]="$kind $since $now"
  SILENT_FOR=$(((now - since) / 100))
}

write_silence() {
  local name
  { for name in "${!SILENCE[@]}"; do printf '%s %s\n' "$name" "${SILENCE[$name]}"; done >"$RUN_FOLDER/silence"; } 2>/dev/null ||
    return 0 # then silence never lasts, and a silent peer holds
}

# One question to each peer. Sets WHY ('' = nobody holds) and RIVALS.
ask_peers() {
  local name total=0 up=0 need
  WHY='' RIVALS=()
  read_silence
  ask_begin go
  for name in "${NODES[@]}"; do
    [[ $name == "$SELF" ]] || ask "$name" "${ADDRESS[$name]}" "${PEER_PORT:-9847}" hear
  done
  ask_end "$PEER_ANSWER_CS"
  for name in "${NODES[@]}"; do
    [[ ${ROLE[$name]} != server ]] || total=$((total + 1))
    [[ $name != "$SELF" ]] || continue
    judge_peer "$name" "${ANSWERS[$name]}"
    [[ ${ROLE[$name]} != server || $IS_UP == no ]] || up=$((up + 1))
  done
  write_silence
  [[ -z $WHY && ${ROLE[$SELF]} == server && $total -ge 3 ]] || return 0
  need=$((total / 2 + 1))
  ((up >= need)) || WHY="without this node $up of $total servers would be up, the quorum is $need"
}

# Sets IS_UP; adds to WHY or RIVALS.
judge_peer() {
  local name=$1 answer=$2 state since uptime where="$1 (${ADDRESS[$1]})"
  IS_UP=yes
  if [[ $answer =~ ^said\ selfheal-peer\ [-.a-z0-9]+\ (watching|stopped|wants|rebooting)\ ([0-9]+)\.[0-9]+\ ([0-9]+)\.[0-9]+$ ]]; then
    state=${BASH_REMATCH[1]} since=${BASH_REMATCH[2]} uptime=${BASH_REMATCH[3]}
    note_silence "$name" heard
    if [[ $state == rebooting ]]; then
      IS_UP=no
      # A reboot that has not come about in so long does not come; it may not hold the others for ever.
      ((uptime - since > SILENT_SECONDS)) || WHY+="${WHY:+; }$where is rebooting"
    elif ((uptime < FRESH_SECONDS)); then
      WHY+="${WHY:+; }$where has been up for only $uptime s, expected $FRESH_SECONDS s"
    elif [[ $state == wants ]]; then
      RIVALS+=("$name")
    fi
    return 0
  fi
  case $answer in
    refused)
      [[ ${WATCHED[$name]} == watched ]] || return 0
      note_silence "$name" refused
      ((SILENT_FOR >= REFUSED_SECONDS)) || WHY+="${WHY:+; }$where refuses on port ${PEER_PORT:-9847}: it boots or goes down, or has no watchdog (for $SILENT_FOR s, holds for $REFUSED_SECONDS s)"
      ;;
    open | said*)
      IS_UP=no
      WHY+="${WHY:+; }$where gives no sensible answer: '${answer#said }'"
      ;;
    *)
      IS_UP=no
      note_silence "$name" silent
      ((SILENT_FOR > SILENT_SECONDS)) || WHY+="${WHY:+; }$where does not answer on port ${PEER_PORT:-9847}: $answer (for $SILENT_FOR s, holds for $SILENT_SECONDS s)"
      ;;
  esac
}

hold() {
  # Nothing more can be done here: whoever asks then hears `wants` until this process ends.
  publish watching || true
  printf 'hold %s\n' "$1"
}

# One that is killed in the middle leaves `wants` behind: the caller then publishes `watching`.
may_go() {
  local name LC_ALL=C never
  read_peers || { hold "$PEERS_WRONG"; return 2; }
  if [[ ${1:-} != black-hole && ${#NODES[@]} -gt 1 ]]; then
    publish wants || { hold "cannot publish: expected to write '$RUN_FOLDER/peer'"; return 2; }
    ask_peers
    for name in "${RIVALS[@]}"; do
      if [[ -z $WHY && $name < $SELF ]]; then WHY="$name wants to reboot too and goes first"; fi
    done
    if [[ -z $WHY && ${#RIVALS[@]} -gt 0 ]]; then
      exec {never}<> <(:)
      read -r -t "$SECOND_LOOK_SECONDS" -u "$never" || true # time is up: that is what was wanted
      exec {never}>&-
      ask_peers
      [[ -n $WHY || ${#RIVALS[@]} -eq 0 ]] || WHY="${RIVALS[*]} still wants to reboot too"
    fi
    [[ -z $WHY ]] || { hold "$WHY"; return 2; }
  fi
  publish rebooting || ((${#NODES[@]} <= 1)) || { hold "cannot publish: expected to write '$RUN_FOLDER/peer'"; return 2; }
  printf 'go\n'
}
