#!/usr/bin/env bash
# cluster.sh - part of the check_*.sh: asks the API server, and takes the time from its answer.
#
# The clock of this host is not asked: one that is off by minutes would make a stall look young. Each answer of the API
# server carries its own time, and creation times are by that clock too.
#
# Environment: that of the check; CHECKS_KUBECTL and CHECKS_NODE_KUBECTL are words with one blank between them.
# shellcheck disable=SC2034,SC2153,SC2154  # the parts share their variables

# A time stamp further ahead than this is of a clock that is wrong: an age made of it would be too small.
readonly SKEW_SECONDS=60
readonly MONTHS=JanFebMarAprMayJunJulAugSepOctNovDec
# A header at its own line's begin: what an object says of itself stands behind other words.
readonly DATE_HEADER='^(I[0-9]{4} [^]]*\])?[[:blank:]]+Date: +[A-Z][a-z]{2}, ([0-9]{2}) ([A-Z][a-z]{2}) ([0-9]{4}) ([0-9:]{8}) GMT'

# seconds_left: sets "reply"; a second at least, so that the last call ends by its own time.
seconds_left() {
  reply=$((LIMIT - SECONDS))
  ((reply > 0)) || reply=1
}

# ask TEMPLATE ARGUMENT...: runs `kubectl get` and sets ROWS to what the template prints, a line each, and NOW to the API
# server's time. An answer that is cut short lacks its last line; one that goes on behind it had a line end in a name. -v=8
# is the lowest that shows the Date of an answer.
ask() {
  local template=$1 all='' status=0 line in=no whole=no kubectl
  shift
  read -ra kubectl <<<"$KUBECTL"
  command -v "${kubectl[0]:-}" >/dev/null || unknown "kubectl '$KUBECTL': expected a program, found none"
  seconds_left
  all=$(timeout -k 1 "$reply" "${kubectl[@]}" get "$@" --v=8 --request-timeout="${reply}s" \
    -o go-template='{{"selfheal-begin\n"}}'"$template"'{{"selfheal-end\n"}}' 2>&1 </dev/null) || status=$?
  ROWS=() NOW='' ERROR=''
  while IFS= read -r line; do
    if [[ $line == selfheal-begin && $whole == no ]]; then
      in=yes
    elif [[ $line == selfheal-end && $in == yes ]]; then
      in=no whole=yes
    elif [[ $in == yes ]]; then
      ROWS+=("$line")
    elif [[ $line =~ $DATE_HEADER ]]; then
      http_date
    elif [[ -n $line && ! $line =~ ^([[:blank:]]|[IWEF][0-9]{4}) ]]; then
      ERROR=$line
      [[ $whole == no ]] || whole=torn
    fi
  done <<<"$all"
  ((status != 124 && status != 137)) || unknown "the API server did not answer 'get $1' within $reply s"
  ((status == 0)) || unknown "kubectl get $1 failed (status $status): ${ERROR:0:250}"
  [[ $whole == yes ]] || unknown "kubectl get $1 gave no whole answer"
  [[ -n $NOW ]] || unknown "kubectl get $1 does not tell the API server's time"
}

# Reads BASH_REMATCH: day, month, year and time, behind what stands before the header.
http_date() {
  local month=${MONTHS%%"${BASH_REMATCH[3]}"*}
  printf -v month '%02d' $((${#month} / 3 + 1))
  epoch "${BASH_REMATCH[4]}-$month-${BASH_REMATCH[2]}T${BASH_REMATCH[5]}Z" && NOW=$reply
}

# epoch TIME: sets "reply" to the seconds since 1970 of a time as Kubernetes writes it.
epoch() {
  [[ $1 =~ ^([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(\.[0-9]+)?Z$ ]] || return 1
  local y m d seconds
  y=$((10#${BASH_REMATCH[1]})) m=$((10#${BASH_REMATCH[2]})) d=$((10#${BASH_REMATCH[3]}))
  seconds=$((10#${BASH_REMATCH[4]} * 3600 + 10#${BASH_REMATCH[5]} * 60 + 10#${BASH_REMATCH[6]}))
  # Years that begin in March have their leap day at the end.
  if ((m <= 2)); then y=$((y - 1)) m=$((m + 12)); fi
  reply=$(((365 * y + y / 4 - y / 100 + y / 400 + (153 * (m - 3) + 2) / 5 + d - 719469) * 86400 + seconds))
}

# age WHAT TIME: sets "reply" to how long ago that was; a time that is none, or lies ahead, cannot be judged.
age() {
  epoch "$2" || unknown "$1: expected a time, got '$2'"
  reply=$((NOW - reply))
  ((reply >= -SKEW_SECONDS)) || unknown "$1: its time is $((-reply)) s ahead of the API server's: a clock is wrong"
  ((reply >= 0)) || reply=0
}

# count WHAT VALUE: a number as the API server gives it.
count() { [[ $2 =~ ^(0|[1-9][0-9]{0,8})$ ]] || unknown "$1: expected a number, got '$2'"; }

# Sets READY to how many nodes are Ready, and READY_OF[name].
ask_nodes() {
  local row name is
  declare -gA READY_OF=()
  READY=0
  ask '{{range .items}}{{.metadata.name}} {{range .status.conditions}}{{if eq .type "Ready"}}{{.status}}{{end}}{{end}}{{"\n"}}{{end}}' nodes
  ((${#ROWS[@]} > 0)) || unknown 'the cluster reports no nodes'
  for row in "${ROWS[@]}"; do
    read -r name is <<<"$row"
    READY_OF[$name]=$is
    [[ $is != True ]] || READY=$((READY + 1))
  done
}

# Pods that nobody has given to a node: sets PENDING, and UNTOUCHED, OLDEST and EXAMPLE for those older than
# UNTOUCHED_SECONDS without any scheduling result. A scheduler that looked leaves PodScheduled, also where it refuses; but
# while a new volume is made on the node that it chose it says nothing, for less than UNTOUCHED_WITH_CLAIM_SECONDS.
ask_untouched() {
  local row name created conditions claims is_stalled=no silent=()
  ask '{{range .items}}{{.metadata.namespace}}/{{.metadata.name}} {{.metadata.creationTimestamp}} ,{{range .status.conditions}}{{.type}},{{end}} ,{{range .spec.volumes}}{{with .persistentVolumeClaim}}{{.claimName}},{{end}}{{end}}{{"\n"}}{{end}}' \
    pods -A --field-selector=spec.nodeName=,status.phase=Pending
  PENDING=${#ROWS[@]} UNTOUCHED=0 OLDEST=0 EXAMPLE=''
  # Not "${ROWS[@]}" of an empty list: older bash takes it for unset.
  for row in ${ROWS[@]+"${ROWS[@]}"}; do
    read -r name created conditions claims <<<"$row"
    [[ $conditions == ,* && $claims == ,* ]] || unknown "kubectl get pods gave a line that is none: '${row:0:80}'"
    [[ $conditions != *,PodScheduled,* ]] || continue
    age "pod '$name'" "$created"
    ((reply > UNTOUCHED_SECONDS)) || continue
    silent+=("$reply $name $claims")
    [[ $claims != , ]] && ((reply <= UNTOUCHED_WITH_CLAIM_SECONDS)) || is_stalled=yes
  done
  # What one pod shows of a stall holds for all of them.
  [[ $is_stalled == yes || ${#silent[@]} -eq 0 ]] || ask_volumes_to_come
  for row in ${silent[@]+"${silent[@]}"}; do
    read -r reply name claims <<<"$row"
    [[ $is_stalled == yes ]] || ! waits_for_volume "${name%%/*}" "$claims" || continue
    UNTOUCHED=$((UNTOUCHED + 1))
    if ((reply > OLDEST)); then OLDEST=$reply EXAMPLE=$name; fi
  done
}

# Sets TO_COME to the claims for which the scheduler has chosen a node and that have no volume yet, with a blank around each.
ask_volumes_to_come() {
  ask '{{range .items}}{{if ne .status.phase "Bound"}}{{if .metadata.annotations}}{{if index .metadata.annotations "volume.kubernetes.io/selected-node"}}{{.metadata.namespace}}/{{.metadata.name}}{{"\n"}}{{end}}{{end}}{{end}}{{end}}' \
    persistentvolumeclaims -A
  TO_COME=" ${ROWS[*]-} "
}

# waits_for_volume NAMESPACE CLAIMS
waits_for_volume() {
  local claim claims
  IFS=, read -ra claims <<<"${2#,}"
  for claim in "${claims[@]}"; do
    [[ $TO_COME != *" $1/$claim "* ]] || return 0
  done
  return 1
}
