#!/usr/bin/env bash
# files.sh - part of converge.sh: whole files.
#
# A record of the kind "files" says what stood at the path before: "created" is nothing, "replaced" is a copy in
# originals.
#
# Environment: that of converge.sh.
# shellcheck disable=SC2034,SC2154  # the parts share their variables

# converge_file MODE PAYLOAD PATH
converge_file() {
  local mode=$1 source=$PAYLOAD/$2 path=$3 target=$CONVERGE_ROOT$3 why
  why=$(why_not "$path")
  [[ -z $why ]] && why=$(boot_menu_why_not "$path")
  if [[ -n $why ]]; then
    say refused "$path" "$why"
  elif [[ -f $target ]] && is_same "$mode" "$source" "$target"; then
    is_recorded files "$path" || remember_file "$path"
    say kept "$path"
  else
    is_recorded files "$path" || remember_file "$path"
    make_parents "$path"
    note_effects "$path"
    place_copy "$source" "$target" "$mode"
    say changed "$path"
  fi
}

is_same() {
  local mode
  mode=$(run stat -c %04a -- "$3")
  [[ $mode == "$1" && $(hash_of "$3") == $(hash_of "$2") ]]
}

remember_file() {
  local target=$CONVERGE_ROOT$1
  if [[ -f $target ]]; then
    run mkdir -p "$STATE/originals"
    place_copy "$target" "$STATE/originals/$(encode "$1")"
    record files "$1" replaced
  else
    record files "$1" created
  fi
}

# Gives back every recorded path that is not among the arguments.
release_files() {
  local path copy
  # Without a record a copy is what a run that was cut off left behind: put back already, or not yet needed.
  for copy in "$STATE/originals"/*; do
    [[ -e $STATE/files/${copy##*/} ]] || run rm -f -- "$copy"
  done
  while read -r path; do
    [[ " $* " == *" $path "* ]] || release_file "$path"
  done < <(records files)
}

release_file() {
  local path=$1 target=$CONVERGE_ROOT$1 original why
  original=$STATE/originals/$(encode "$path")
  # Also what a record says is looked at before it is believed: it leads to a removal.
  why=$(why_not "$path")
  if [[ -n $why ]]; then
    say refused "$path" "$why"
    return
  fi
  case $(recorded files "$path") in
    replaced)
      if [[ ! -f $original ]]; then
        say refused "$path" 'the copy of what stood there before is gone'
        return
      fi
      note_effects "$path"
      make_parents "$path"
      place_copy "$original" "$target"
      forget files "$path"
      run rm -f -- "$original"
      say restored "$path"
      ;;
    created)
      note_effects "$path"
      run rm -f -- "$target" "$(draft_of "$target")"
      forget files "$path"
      say removed "$path"
      ;;
    *) say refused "$path" 'its record cannot be read' ;;
  esac
}
