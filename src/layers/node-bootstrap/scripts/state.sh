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

# note KIND ITEM TEXT: a record that waits for others, because a disk takes as long for one as for many.
note() {
  local text folder=$STATE/noted/$1
  [[ -d $folder && -d $STATE/$1 ]] || attempt mkdir -p -- "$folder" "$STATE/$1" || return
  text=$({ printf '%s\n' "$3" >"$folder/${2//\//%}"; } 2>&1) && return
  why="it cannot be written: ${text##*: }"
  return 1
}

# keep_notes: what was noted is recorded from here on, each whole.
keep_notes() {
  local kind noted=("$STATE"/noted/*/*) kept=()
  [[ ${#noted[@]} -gt 0 ]] || return 0
  attempt sync -- "${noted[@]}" || return
  for kind in "$STATE"/noted/*; do
    noted=("$kind"/*)
    [[ ${#noted[@]} -gt 0 ]] || continue
    attempt mv -f -t "$STATE/${kind##*/}" -- "${noted[@]}" || return
    kept+=("$STATE/${kind##*/}")
  done
  attempt sync -- "${kept[@]}"
}

# Answers nothing, so that it may stand anywhere: what is left over does no harm, and the next run begins with this.
drop_notes() { [[ ! -d $STATE/noted ]] || run rm -rf -- "$STATE/noted" || true; }

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

# claim KIND ITEM NEW PRESENT [RECORD]: before the change; RECORD is "record" where none is named, or "note".
claim() {
  local versions=${3:-none}
  if is_ours "$1" "$2" "$4" && [[ $4 != "$3" ]]; then versions+=$'\n'${4:-none}; fi
  "${5:-record}" "ours-$1" "$2" "$versions"
}

# settle KIND ITEM NEW [RECORD]: after it, and where it was so already.
settle() {
  recorded "ours-$1" "$2"
  [[ $reply == "${3:-none}" ]] || "${4:-record}" "ours-$1" "$2" "${3:-none}"
}
