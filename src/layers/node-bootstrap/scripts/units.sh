#!/usr/bin/env bash
# units.sh - part of converge.sh: systemd units that are enabled and running.
#
# A record of the kind "units" says what the unit was before us: "enabled" or "disabled". A service of Type=oneshot is
# run when it is enabled and asked for no more: what it does is done at boot, not each time that a pod starts.
#
# Environment: that of converge.sh.
# shellcheck disable=SC2034,SC2154  # the parts share their variables

# What is wrong with a unit: sets "why", or nothing where it is as described. Fails where systemd does not say.
look_at_unit() {
  local unit=$1 enabled=${enabled_at[$1]-?} active=${active_at[$1]-?}
  why='systemd does not say how it is'
  [[ $enabled != '?' && $active != '?' && -n $active ]] || return 1
  why=''
  case $enabled in
    enabled | static | alias | indirect | generated) ;;
    masked*) why='it is masked' ;;
    *) why='it is not enabled' ;;
  esac
  [[ -z $why && ${type_at[$unit]:-} != oneshot ]] || return 0
  case $active in
    active | reloading | refreshing) ;;
    *) why="it is $active" ;;
  esac
}

was_enabled() { case ${enabled_at[$1]} in enabled | static | alias | indirect | generated) reply=enabled ;; *) reply=disabled ;; esac; }

converge_unit() {
  local unit=$1 holder
  look_at_unit "$unit" || {
    say cannot-tell "$unit" "$why"
    return
  }
  family_of "$unit"
  holder=${held_by[$reply-]:-}
  if [[ -n $checking ]]; then
    if [[ -n $why ]]; then say drifted "$unit" "$why"; else say kept "$unit"; fi
  elif [[ $why == 'it is masked' ]]; then
    say refused "$unit" 'it is masked, which is stronger than enabled'
  elif [[ -n $holder ]] && { [[ -n $why ]] || is_recorded due "restart $unit"; }; then
    say refused "$unit" "it waits for $holder"
  elif [[ -n $why ]] && is_stopped_by_hand "$unit"; then
    say drifted "$unit" "$why"
  else
    settle_unit "$unit" || say refused "$unit" "$why"
  fi
}

# A unit that we had running and that somebody stopped or disabled, where that is to be left. One that failed is nobody's wish.
is_stopped_by_hand() {
  [[ $on_drift == report && ${active_at[$1]} != failed ]] || return 1
  recorded ours-units "$1"
  [[ $reply == running ]]
}

settle_unit() {
  local unit=$1 wrong=$why
  was_enabled "$unit"
  is_recorded units "$unit" || record units "$unit" "$reply" || return
  if [[ -n $wrong ]]; then
    run systemctl enable --now "$unit" >&2 || { why='it cannot be enabled and started' && return 1; }
    forget due "restart $unit" || return
    settle units "$unit" running || return
    say changed "$unit"
  elif ! is_recorded due "restart $unit"; then
    settle units "$unit" running || return
    say kept "$unit"
  elif [[ ${type_at[$unit]:-} == oneshot ]]; then
    # It reads what is new when its time comes.
    forget due "restart $unit" || return
    say kept "$unit"
  else
    settle units "$unit" running || return
    due "restart $unit" systemctl restart "$unit"
  fi
}

# Gives back every recorded unit that the plan does not name.
release_units() {
  local unit
  records units
  for unit in "${items[@]}"; do
    if [[ -n ${reads_of[$unit]:-} ]]; then
      continue
    elif [[ -n $checking ]]; then
      say drifted "$unit" 'it is no longer asked for'
    else
      release_unit "$unit"
    fi
  done
}

release_unit() {
  local unit=$1 word=removed note=''
  recorded units "$unit"
  if [[ $reply == enabled ]]; then
    word=restored note='it was enabled before'
  elif ! run systemctl disable --now "$unit" >&2; then
    say refused "$unit" 'it cannot be stopped and disabled'
    # Its files stay until it runs no more.
    held=1
    return
  fi
  if forget_entry units "$unit" && forget due "restart $unit"; then
    say "$word" "$unit" "$note"
  else
    say refused "$unit" "$why"
  fi
}
