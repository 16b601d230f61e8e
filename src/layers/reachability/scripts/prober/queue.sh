#!/usr/bin/env bash
# queue.sh - part of reachability-prober.sh: what is to be told waits in a file until it has got through.
#
#   enqueue LEVEL STATE NODE ADDRESS SECONDS TITLE TEXT
#   deliver_all    the messages of different nodes at once, those of one node in their order; 1 if any still waits
#   heartbeat      calls the URL that notices when this program no longer does
#
# What does not get through is tried again after 20 s, 40 s, 80 s, ... at most an hour.
#
# shellcheck disable=SC2034,SC2153 # shared with the other parts, which reachability-prober.sh reads in
#
# Environment: that of reachability-prober.sh.

LONGEST_QUEUE=200 LONGEST_PAUSE=3600 DELIVERY_SECONDS=20

queued() {
  local file
  for file in "$STATE_FOLDER"/queue/[0-9]*.msg; do [[ ! -f $file ]] || printf '%s\n' "$file"; done
}

enqueue() {
  local last number oldest waiting
  log "$1" "$7"
  [[ -n $FORM ]] || return 0
  mapfile -t waiting < <(queued)
  if ((${#waiting[@]} >= LONGEST_QUEUE)); then
    oldest=${waiting[0]}
    log err "queue: expected at most $LONGEST_QUEUE messages, got one more; the oldest is dropped"
    rm -f -- "$oldest"
  fi
  last=${waiting[*]: -1}
  last=${last##*/}
  last=${last%%-*}
  number=$((10#${last:-0} + 1))
  keep "queue/$(printf '%09d' "$number")-$3.msg" "0 $BOOT_ID $NOW $NOW $BOOT_ID-$NOW-$number $1 $2 $3 $4 $5 $6
$7"
}

deliver_all() {
  local file node nodes=' '
  for file in $(queued); do
    node=${file##*/}
    node=${node#*-}
    [[ $nodes != *" $node "* ]] || continue
    nodes+="$node "
    deliver_node "$node" &
  done
  wait
  [[ -z $(queued) ]]
}

deliver_node() {
  local file
  for file in "$STATE_FOLDER"/queue/?????????-"$1"; do
    [[ -f $file ]] && ((SECONDS < DELIVERY_SECONDS)) && deliver "$file" || return 0
  done
}

# 0 it got through, 1 it waits.
deliver() {
  local attempts boot created next id level state node address seconds title text pause age=-
  if ! { read -r attempts boot created next id level state node address seconds title && IFS= read -r text; } 2>/dev/null <"$1" ||
    ! [[ "$attempts $created $next $seconds" =~ ^[0-9]{1,4}\ ([0-9]+|-)\ [0-9]+\ [0-9]+$ ]]; then
    log err "message '$1': expected two lines, got something else; it is dropped"
    rm -f -- "$1"
    return 0
  fi
  # The times of another boot say nothing now.
  if [[ $boot != "$BOOT_ID" ]]; then boot=$BOOT_ID created=- next=$NOW; fi
  ((NOW >= next)) || return 1
  if [[ $created == - ]]; then
    text+=' (told late, this host has booted since)'
  else
    age=$((NOW - created))
    ((age < 60)) || text+=" (told $((age / 60)) min late)"
  fi
  if post_message "$id" "$level" "$state" "$node" "$address" "$seconds" "$age" "$title" "$text"; then
    rm -f -- "$1"
    return 0
  fi
  pause=$((attempts < 8 ? 20 << attempts : LONGEST_PAUSE))
  log err "webhook: the message on ${node/#-/this host} did not get through; again in $pause seconds"
  keep "queue/${1##*/}" "$((attempts + 1)) $boot $created $((NOW + pause)) $id $level $state $node $address $seconds $title
${text%% (told *}"
  return 1
}

heartbeat() {
  local URL SECRET
  local -a HEADERS=()
  [[ -e $HEARTBEAT ]] || return 0
  read_secret "$HEARTBEAT" || return 0
  URL=$SECRET
  send || log err "heartbeat: the URL in '$HEARTBEAT' did not answer"
}
