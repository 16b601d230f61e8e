#!/usr/bin/env bash
# families.sh - part of converge.sh: files that make sense together alone, and the order in which they are written.
#
# A family is a unit by its bare name (w.service, w.timer, w@.service and drop-ins of these), every file of the plan
# that its unit files name, and what the plan says that it reads. Its files are all written or none (at-once.sh),
# programs before units. A family that lacks a file has no unit started.
#
# Environment: that of converge.sh.
# shellcheck disable=SC2004,SC2034,SC2154  # the parts share their variables

# Paths by family, each between blanks; and by family the path for whose sake it is held back.
declare -gA members=() held_by=()

# family_of PATH-OR-UNIT: sets "reply"; fails for a path that is no unit's own file.
family_of() {
  local name=$1
  if [[ $name == /* ]]; then
    [[ $name == /etc/systemd/system/* ]] || return 1
    name=${name#/etc/systemd/system/}
    name=${name%%/*}
    name=${name%.d}
  fi
  name=${name%.*}
  reply=${name%%@*}
}

# Asked for only where something is to be done.
find_families() {
  local path other text unit family
  for path in "${paths[@]}"; do
    family_of "$path" || continue
    family=$reply
    members[$family]="${members[$family]:- }$path "
    text=$(<"$PAYLOAD/${payload_of[$path]}")
    for other in "${paths[@]}"; do
      if [[ $text =~ "$other"([^A-Za-z0-9_.@:+/-]|$) ]]; then members[$family]+="$other "; fi
    done
  done
  for unit in "${units[@]}"; do
    family_of "$unit"
    members[$reply]="${members[$reply]:- }${reads_of[$unit]} "
  done
}

converge_files() {
  local item path todo=''
  for item in "${files[@]}"; do
    # Three fields without blanks, checked by read_plan.
    # shellcheck disable=SC2086
    look_at $item
  done
  for path in "${paths[@]}"; do [[ ${state_of[$path]} == same ]] || todo=1; done
  if [[ -n $todo && -z $checking ]]; then
    find_families
    write_files
    drop_notes
  fi
  for path in "${paths[@]}"; do tell_file "$path"; done
}

write_files() {
  local path family singles=()
  for path in "${paths[@]}"; do
    for family in "${!members[@]}"; do
      if [[ ${members[$family]} == *" $path "* ]]; then continue 2; fi
    done
    if [[ ${state_of[$path]} == other ]]; then singles+=("$path"); fi
  done
  # They do not need each other: where one stands in the way of all, each is tried alone.
  if [[ ${#singles[@]} -gt 0 ]] && ! write_at_once "${singles[@]}"; then
    for path in "${singles[@]}"; do write_together '' "$path"; done
  fi
  for family in "${!members[@]}"; do
    # Paths have no blanks.
    # shellcheck disable=SC2086
    write_together "$family" ${members[$family]}
  done
}

# write_together FAMILY PATH...: those of them that are to change, all or none.
write_together() {
  local family=$1 path blocked='' todo=() last=() ready=()
  shift
  for path in "$@"; do
    case ${state_of[$path]:-same} in
      refused | cannot-tell | left) blocked=$path ;;
      other) if [[ $path == /etc/systemd/* ]]; then last+=("$path"); else todo+=("$path"); fi ;;
    esac
  done
  todo+=("${last[@]}")
  if [[ -n $blocked && ${state_of[$blocked]} != left ]]; then held_by[$family-]=$blocked; fi
  [[ ${#todo[@]} -gt 0 ]] || return 0
  if [[ -n $blocked ]]; then
    hold_back "$family" "$blocked" "${todo[@]}"
    return
  fi
  # A path is named as often as units name it.
  for path in "${todo[@]}"; do [[ " ${ready[*]} " == *" $path "* ]] || ready+=("$path"); done
  write_at_once "${ready[@]}" && return
  refuse_file "$blocked_at"
  hold_back "$family" "$blocked_at" "${todo[@]}"
}

refuse_file() { state_of[$1]=refused reason_of[$1]=$why; }

# hold_back FAMILY BLOCKED PATH...: what is to be written of the family waits for BLOCKED.
hold_back() {
  local family=$1 blocked=$2 path
  held_by[$family-]=$blocked
  shift 2
  for path in "$@"; do
    [[ ${state_of[$path]} == other ]] || continue
    state_of[$path]=refused reason_of[$path]="it waits for $blocked, without which $family is not whole"
  done
}

tell_file() {
  local path=$1 state=${state_of[$1]} reason=${reason_of[$1]}
  case $state in
    same)
      if [[ -z $checking ]]; then keep_file "$path" || return 0; fi
      say kept "$path"
      ;;
    left) say drifted "$path" "$reason" ;;
    changed)
      if [[ -n ${edited_at[$path]} ]]; then
        aside "$path"
        reason=$reply
      elif ! is_told "$reason"; then
        reason=''
      fi
      say changed "$path" "$reason"
      ;;
    other) say drifted "$path" "$reason" ;;
    refused) if [[ -n $checking ]]; then say drifted "$path" "$reason"; else say refused "$path" "$reason"; fi ;;
    *) say "$state" "$path" "$reason" ;;
  esac
}

# That a file was missing or another is what "changed" says.
is_told() { [[ $1 != 'it is missing' && $1 != 'its content is another' ]]; }

keep_file() {
  local path=$1
  drop_draft "$CONVERGE_ROOT$path"
  if is_recorded files "$path" || remember_file "$path"; then
    version_of "$path"
    if settle files "$path" "$reply"; then return; fi
  fi
  say refused "$path" "$why"
  return 1
}
