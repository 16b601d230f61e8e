#!/usr/bin/env bash
# state.sh - part of converge.sh: what it says, what it runs, and what it remembers.
#
# Everything is remembered before it is done: a record without its effect is completed by the next run, an effect
# without its record would be forgotten. A function that asks or does sets "reply" where it answers, and "why" where it
# fails; nothing is answered through a subshell, because a run with nothing to do is to cost next to nothing.
#
# Environment: that of converge.sh.
# shellcheck disable=SC2034,SC2154  # the parts share their variables

declare -g changed=0 refused=0 drifted=0 reply='' why=''
declare -ga items=()

# say WORD ITEM [WHY]: the one line for an item.
say() {
  printf '%s %s%s\n' "$1" "$2" "${3:+: $3}"
  case $1 in
    changed | restored | removed) changed=1 ;;
    refused | cannot-tell) refused=1 ;;
    drifted) drifted=1 ;;
  esac
}

# Nothing here may wait for ever, least of all on a disk that is dying.
run() { timeout --kill-after=5 "$CONVERGE_TIMEOUT" "$@"; }

# attempt COMMAND...: sets "why" where it fails.
attempt() {
  local text status=0
  text=$(run "$@" 2>&1) || status=$?
  case $status in
    0) return 0 ;;
    124 | 137) why="'$1' did not end within $CONVERGE_TIMEOUT s" ;;
    *)
      text=${text##*$'\n'}
      why="'$1' failed: ${text##*: }"
      ;;
  esac
  return 1
}

# An item as the name of a record; "%" is in no plan.
is_recorded() { [[ -e $STATE/$1/${2//\//%} ]]; }

# recorded KIND ITEM: sets "reply" to what is remembered, or to nothing.
recorded() {
  local file=$STATE/$1/${2//\//%}
  reply=''
  if [[ -f $file ]]; then
    # The file ends before the delimiter comes, which read calls a failure.
    IFS= read -r -d '' reply <"$file" || true
    reply=${reply%$'\n'}
  fi
}

# record KIND ITEM TEXT
record() {
  local target=$STATE/$1/${2//\//%}
  [[ -d ${target%/*} ]] || attempt mkdir -p -- "${target%/*}" || return
  place_text "$3" "$target"
}

forget() {
  local file=$STATE/$1/${2//\//%}
  [[ ! -e $file ]] || attempt rm -f -- "$file"
}

# records KIND: sets "items" to what is recorded.
records() {
  local path
  items=()
  for path in "$STATE/$1"/*; do
    path=${path##*/}
    items+=("${path//%//}")
  done
}

# What we brought is recorded apart from what stood there before: kind "ours-KIND", one version a line. While a version
# is being brought there are two of them, the new one and the one before, and either is ours.

# is_ours KIND ITEM VERSION: also where nothing is known of it.
is_ours() {
  recorded "ours-$1" "$2"
  [[ -z $reply || $'\n'$reply$'\n' == *$'\n'"${3:-none}"$'\n'* ]]
}

# claim KIND ITEM NEW PRESENT: before the change.
claim() {
  local versions=${3:-none}
  if is_ours "$1" "$2" "$4" && [[ $4 != "$3" ]]; then versions+=$'\n'${4:-none}; fi
  record "ours-$1" "$2" "$versions"
}

# settle KIND ITEM NEW: after it, and where it was so already.
settle() {
  recorded "ours-$1" "$2"
  [[ $reply == "${3:-none}" ]] || record "ours-$1" "$2" "${3:-none}"
}
