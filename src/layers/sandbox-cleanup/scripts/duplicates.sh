#!/usr/bin/env bash
# duplicates.sh - part of the sandbox clean-up: two records of one name, on which containerd ends at each start.
#
# The CRI plugin ends containerd with "failed to recover state: failed to reserve sandbox name" when two records carry
# the same name. Of such records those go that do not live. A sandbox or container that lives stays, whatever its twin.
#
# Environment: that of the program that sources it.
# shellcheck disable=SC2154  # the parts share their variables

# Whether the unit starts again by itself after it ended: the 1st, 2nd, 4th, 8th ... time. A unit that starts over and
# over for another reason must not pay for a look each time.
unit_starts_over() {
  local restarts
  restarts=$(timeout -k 2 5 systemctl show --property=NRestarts --value "$CONTAINERD_UNIT" 2>/dev/null) || return 1
  [[ $restarts =~ ^[1-9][0-9]{0,8}$ ]] || return 1
  (((restarts & (restarts - 1)) == 0))
}

# "NAME ID SANDBOX" of each record of a kind, one a line. Names hold no blanks. What cannot be read has no name, so no twin.
named_records() {
  local kind=$1 ids id text
  ids=$(records "$kind") || return 1
  while read -r id; do
    text=$(ctr containers info "$id" </dev/null 2>/dev/null) || continue # gone in between, or out of time
    [[ $text =~ \"io\.cri-containerd\.$kind\.metadata\":[^}]*\"value\":\ *\"([A-Za-z0-9+/=]+)\" ]] || continue
    text=$(base64 -d <<<"${BASH_REMATCH[1]}" 2>/dev/null | tr -d '\0') || continue
    [[ $text =~ ^\{\"Version\":\"[^\"]*\",\"Metadata\":\{\"ID\":\"$id\",\"Name\":\"([^\" ]+)\"(,\"SandboxID\":\"([0-9a-f]+)\")? ]] || continue
    printf '%s %s %s\n' "${BASH_REMATCH[1]}" "$id" "${BASH_REMATCH[3]:--}"
  done <<<"$ids"
}

# The ids among "NAME ID SANDBOX" lines that share their name with another and do not live.
dead_twins() {
  local id
  while read -r _ id _; do
    lives "$id" || printf '%s\n' "$id"
  done < <(awk '{ seen[$1]++; line[NR] = $0; name[NR] = $1 }
    END { for (n = 1; n <= NR; n++) if (seen[name[n]] > 1) print line[n] }' <<<"$1")
}

# The ids among "NAME ID SANDBOX" lines of containers that do not live, of the sandboxes in $2.
dead_members() {
  local id sandbox
  while read -r _ id sandbox; do
    [[ -n $id && $'\n'$2$'\n' == *$'\n'"$sandbox"$'\n'* ]] || continue
    lives "$id" || printf '%s\n' "$id"
  done <<<"$1"
}

# Exits 3 if it removed something.
remove_dead_twins() {
  local sandboxes containers twins members
  living_are_known || leave_alone 'a shim does not say which sandbox it runs, or containerd keeps its tasks elsewhere'
  open_database
  sandboxes=$(named_records sandbox) || leave_alone 'its sandboxes could not be listed'
  containers=$(named_records container) || leave_alone 'its containers could not be listed'
  twins=$(dead_twins "$sandboxes")
  members=$({ dead_twins "$containers" && dead_members "$containers" "$twins"; } | sort -u)
  if [[ -z $twins && -z $members ]]; then
    log info "$CONTAINERD_UNIT starts over, but not for two records of one name that do not live"
    return 0
  fi
  [[ -z $members ]] || remove_ids <<<"$members" || log warning 'some of the container records stayed'
  [[ -z $twins ]] || remove_ids <<<"$twins" || log warning 'some of the sandbox records stayed'
  release_addresses "$twins"
  log notice "removed the second record of a name that does not live: $(grep -c . <<<"$twins") sandboxes, $(grep -c . <<<"$members") containers"
  exit 3
}
