#!/usr/bin/env bash
# files.sh - part of converge.sh: whole files.
#
# A record of the kind "files" says what stood at the path before: "created" is nothing, "replaced" is a copy in
# originals. A version that a person made of a file of ours is kept in edited before it is replaced: the newest alone.
#
# Environment: that of converge.sh.
# shellcheck disable=SC2034,SC2154  # the parts share their variables

# By path: same, other, left (a person's, not ours to touch), refused, cannot-tell, and after writing: changed.
declare -gA state_of=() reason_of=() edited_at=()

# More than this is not somebody's edit of a settings file, and is not copied aside.
readonly EDITED_LIMIT=1048576

# look_at MODE PAYLOAD PATH: sets its state and the reason for it.
look_at() {
  local mode=$1 wanted=${payload_hash[$2]:-} path=$3 found=${access_at[$3]:-} hash=${hash_at[$3]:-} version=''
  why='' state_of[$path]=other edited_at[$path]=''
  if ! allowed "$path" || ! boot_menu_allowed "$path"; then
    state_of[$path]=refused
  elif [[ -n ${doubt_at[$path]:-} ]]; then
    state_of[$path]=cannot-tell why=${doubt_at[$path]}
  elif [[ -z $wanted ]]; then
    state_of[$path]=cannot-tell why='its content in the payload cannot be read'
  elif [[ -z $found ]]; then
    why='it is missing'
  elif [[ $hash != "$wanted" ]]; then
    why='its content is another'
    recorded ours-files "$path"
    if [[ -n $reply && $reply != *"$hash"* ]]; then why='it was edited since' edited_at[$path]=1; fi
  # FAT has neither modes nor owners.
  elif [[ $path == /boot/firmware/* || $found == "$mode $EUID:"* ]]; then
    state_of[$path]=same
  elif [[ $found == "$mode "* ]]; then
    why="its owner is ${found##* }, expected $EUID"
  else
    why="its mode is ${found%% *}, expected $mode"
  fi
  if [[ ${state_of[$path]} == other ]]; then
    [[ -z $found ]] || version=$hash:${found%% *}
    if [[ $on_drift == report ]] && ! is_ours files "$path" "$version"; then
      state_of[$path]=left
    elif [[ -z $checking ]]; then
      version=$why
      if writable "$path"; then why=$version; else state_of[$path]=refused; fi
    fi
  fi
  reason_of[$path]=$why
}

# What is brought, as the records of ours name it.
version_of() { reply=${payload_hash[${payload_of[$1]}]}:${mode_of[$1]}; }

# What must be known before anything of PATH is written.
note_file() {
  local path=$1 present=''
  is_recorded files "$path" || remember_file "$path" note || return
  [[ -z ${edited_at[$path]} ]] || put_aside "$path" || return
  [[ -z ${hash_at[$path]:-} ]] || present=${hash_at[$path]}:${access_at[$path]%% *}
  version_of "$path"
  claim files "$path" "$reply" "$present" note
}

draft_file() {
  local path=$1 mode=${mode_of[$1]}
  [[ $path != /boot/firmware/* ]] || mode=none
  make_parents "$path" && draft_copy "$PAYLOAD/${payload_of[$path]}" "$CONVERGE_ROOT$path" "$mode"
}

# settle_files PATH...: from here on the version of before is nobody's.
settle_files() {
  local path
  for path in "$@"; do
    version_of "$path"
    settle files "$path" "$reply" note || return
  done
  keep_notes
}

# remember_file PATH [RECORD]
remember_file() {
  local target=$CONVERGE_ROOT$1
  if [[ -f $target ]]; then
    [[ -d $STATE/originals ]] || attempt mkdir -p -- "$STATE/originals" || return
    place_copy "$target" "$STATE/originals/${1//\//%}" same || return
    "${2:-record}" files "$1" replaced
  else
    "${2:-record}" files "$1" created
  fi
}

# Keeps a person's version of a file of ours.
put_aside() {
  local target=$CONVERGE_ROOT$1 size
  size=$(run stat -c %s -- "$target") || size=
  if [[ ! $size =~ ^[0-9]+$ ]] || ((size > EDITED_LIMIT)); then
    why="it was edited since, and is too large to be kept aside (${size:-?} bytes)"
    return 1
  fi
  [[ -d $STATE/edited ]] || attempt mkdir -p -- "$STATE/edited" || return
  place_copy "$target" "$STATE/edited/${1//\//%}" same
}

aside() { reply="it was edited since; that version is in $STATE_PATH/edited/${1//\//%}"; }

# Gives back every recorded path that the plan does not name.
release_files() {
  local path copy
  if [[ -z $checking ]]; then
    # Without a record a copy is what a run that was cut off left behind: put back already, or not yet needed.
    for copy in "$STATE/originals"/*; do
      [[ -e $STATE/files/${copy##*/} ]] || run rm -f -- "$copy"
    done
  fi
  records files
  for path in "${items[@]}"; do
    if [[ -n ${payload_of[$path]:-} ]]; then
      continue
    elif [[ -n $checking ]]; then
      say drifted "$path" 'it is no longer asked for'
    else
      why=''
      release_file "$path" || say refused "$path" "$why"
    fi
  done
  [[ -n $checking ]] || drop_notes
}

release_file() {
  local path=$1 target=$CONVERGE_ROOT$1 original=$STATE/originals/${1//\//%} before note=''
  # Also what a record says is looked at before it is believed: it leads to a removal.
  allowed "$path" || return
  if [[ -n ${doubt_at[$path]:-} ]]; then
    say cannot-tell "$path" "${doubt_at[$path]}"
    return
  fi
  recorded files "$path"
  before=$reply
  if [[ $before == replaced && ! -f $original ]]; then why='the copy of what stood there before is gone' && return 1; fi
  if [[ $before != replaced && $before != created ]]; then why='its record cannot be read' && return 1; fi
  if [[ -f $target ]]; then
    writable "$path" || return
    recorded ours-files "$path"
    if [[ -n $reply && $reply != *"${hash_at[$path]:-}"* ]]; then
      put_aside "$path" || return
      aside "$path"
      note=$reply
    fi
  fi
  # From here on what stands there may be either version, and neither is a person's.
  forget ours-files "$path" && note_effects "$path" && keep_notes || return
  if [[ $before == replaced ]]; then
    make_parents "$path" && place_copy "$original" "$target" "$(mode_from_copy "$path")" || return
  else
    drop_draft "$target"
    [[ ! -e $target ]] || attempt rm -f -- "$target" || return
  fi
  forget files "$path" || return
  if [[ $before == replaced ]]; then
    run rm -f -- "$original"
    say restored "$path" "$note"
  else
    say removed "$path" "$note"
  fi
}

mode_from_copy() { if [[ $1 == /boot/firmware/* ]]; then printf none; else printf same; fi; }
