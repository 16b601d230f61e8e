#!/usr/bin/env bash
# judge.sh - part of reachability-prober.sh: from two signs to a state, and from states to what is told.
#
#   judge NAME ADDRESS "PING TCP"
#
# What is seen: up (both signs), half (one sign), down (no sign), dim (no sign, and one question could not be put),
# unknown. Told is: down within TOLERATE, up after TOLERATE, half and dim after five times that, and a node that came or went
# six times in half an hour once as flapping, until it has been steady for ten minutes.
#
# shellcheck disable=SC2034,SC2153 # shared with the other parts, which reachability-prober.sh reads in
#
# Environment: that of reachability-prober.sh.

FLAPPING_CHANGES=6 FLAPPING_SECONDS=1800 STEADY_SECONDS=600
# The longest look, and the longest that a message may take.
LOOK_SECONDS=6 POST_SECONDS=12

see() {
  case $1/$2 in
  yes/yes | yes/unknown | unknown/yes) printf up ;;
  yes/* | */yes | */refused) printf half ;;
  no/no) printf down ;;
  no/unknown | unknown/no) printf dim ;;
  *) printf unknown ;;
  esac
}

# half is alive like up: neither ends nor begins an outage.
kind() { printf '%s' "${1/half/up}"; }

judge() {
  local name=$1 address=$2 ping tcp seen level='' state title text
  read -r ping tcp <<<"$3"
  seen=$(see "$ping" "$tcp")
  recall "$name"
  read_silence "$name"
  [[ $ping != yes || $HAD == p* ]] || HAD=p${HAD#-}
  [[ $tcp != yes || $HAD == *t ]] || HAD=${HAD#-}t
  note_change "$(kind "$SEEN")" "$(kind "$seen")"
  [[ $SEEN == "$seen" ]] || LIKE=$NOW
  SEEN=$seen
  decide
  if [[ -n $level && ($SILENT == no || $state == up) ]]; then
    [[ -z $PLANNED || $state == up ]] || text+="; it was silenced for $PLANNED minutes, which are over"
    CHANGED=yes
    # What could not be put into the queue has not been told: the next look tries again.
    if enqueue "$level" "$state" "$name" "$address" "$((NOW - SINCE))" "$title" "$text"; then TOLD=$state; else UNWRITABLE=yes; fi
  fi
  # Over, and the node is well or has been told about: the next outage is no planned one.
  if [[ -n $PLANNED && ($seen == up || -n $level) ]]; then rm -f -- "$STATE_FOLDER/silence/$name"; fi
  case $seen in
  up | half) GOOD=$NOW ;;
  unknown) GOOD=- UNSURE=yes ;;
  dim) UNSURE=yes ;;
  esac
  remember "$name"
}

# Sets SINCE, and CHANGES to the times of the last half hour.
note_change() {
  local time times=''
  for time in ${CHANGES//[,-]/ }; do
    ((NOW - time > FLAPPING_SECONDS)) || times+=,$time
  done
  if [[ $1 != "$2" ]]; then
    SINCE=$NOW
    if [[ $SILENT == no && "$1 $2" =~ ^(up down|down up)$ ]]; then times+=,$NOW; fi
  fi
  CHANGES=${times#,}
  CHANGES=${CHANGES:--}
}

# A look after this one would be too late: it is a period away, takes its time, and so does the message.
due() {
  local from=$GOOD
  [[ $from != - ]] || from=$SINCE
  ((NOW > SINCE && NOW + PERIOD + 1 + LOOK_SECONDS + POST_SECONDS > from + TOLERATE))
}

# Sets level, state, title and text where there is something to tell.
decide() {
  local commas=${CHANGES//[^,]/} for=$((NOW - SINCE)) long=$((5 * TOLERATE))
  if [[ $TOLD == flapping ]]; then
    ((for >= STEADY_SECONDS)) || return 0
    CHANGES=-
    case $(kind "$SEEN") in
    up) level=notice state=up title="$name can be reached again" text="$title: it came and went, and has answered for $for seconds now" ;;
    down) level=crit state=down title="$name cannot be reached" text="$title: it came and went, and has not answered for $for seconds now" ;;
    esac
    return 0
  fi
  if [[ $CHANGES != - ]] && ((${#commas} + 1 >= FLAPPING_CHANGES)); then
    level=err state=flapping title="$name comes and goes"
    text="$title: $((${#commas} + 1)) times in $((FLAPPING_SECONDS / 60)) minutes; more is told when it is steady for $((STEADY_SECONDS / 60)) minutes"
    return 0
  fi
  case $TOLD,$SEEN in
  down,down | dim,dim | down,dim | *,unknown) ;;
  *,down)
    due || return 0
    level=crit state=down title="$name cannot be reached" text="$title: no answer to ping or TCP for $for seconds"
    ;;
  *,dim)
    ((for >= long)) || return 0
    level=err state=dim title="$name may be unreachable"
    text="$title: no answer to $([[ $tcp == no ]] && printf TCP || printf ping) for $for seconds, and $([[ $tcp == no ]] && printf ping || printf TCP) cannot be tried from here"
    ;;
  down,* | dim,*)
    ((for >= TOLERATE)) || return 0
    level=notice state=up title="$name can be reached again" text="$title, for $for seconds now"
    ;;
  up,half)
    # What never gave a sign of the other kind (a firewall) is no news.
    [[ $HAD == pt ]] && ((NOW - LIKE >= long)) || return 0
    level=warning state=half title="$name answers only in part"
    text="$title: for $((NOW - LIKE)) seconds it $([[ $ping == yes ]] && printf 'answers ping and' || printf 'answers no ping and') $([[ $tcp == yes ]] && printf 'takes connections' || printf 'takes no connection')"
    ;;
  half,up)
    ((NOW - LIKE >= TOLERATE)) || return 0
    level=notice state=up title="$name answers in full again" text="$title, for $((NOW - LIKE)) seconds now"
    ;;
  esac
}
