#!/usr/bin/env bash
# units.sh - part of converge.sh: systemd units that are enabled and running.
#
# A record of the kind "units" says what the unit was before us: "enabled" or "disabled".
#
# Environment: that of converge.sh.
# shellcheck disable=SC2034,SC2154  # the parts share their variables

converge_unit() {
  local unit=$1 enabled active
  enabled=$(enabled_state "$unit")
  active=$(active_state "$unit")
  if [[ $enabled == unknown || $active == unknown ]]; then
    say refused "$unit" 'systemd does not say how it is'
    return
  fi
  is_recorded units "$unit" || record units "$unit" "$enabled"
  if [[ $enabled == enabled && $active == active ]]; then
    if is_recorded due "restart $unit"; then
      due "restart $unit" systemctl restart "$unit"
    else
      say kept "$unit"
    fi
  elif run systemctl enable --now "$unit" >&2; then
    forget due "restart $unit"
    say changed "$unit"
  else
    say refused "$unit" 'it cannot be enabled and started'
  fi
}

# Gives back every recorded unit that is not among the arguments.
release_units() {
  local unit
  while read -r unit; do
    [[ " $* " == *" $unit "* ]] || release_unit "$unit"
  done < <(records units)
}

release_unit() {
  local unit=$1
  if [[ $(recorded units "$unit") == enabled ]]; then
    forget units "$unit"
    say restored "$unit" 'it was enabled before'
  elif run systemctl disable --now "$unit" >&2; then
    forget units "$unit"
    forget due "restart $unit"
    say removed "$unit"
  else
    say refused "$unit" 'it cannot be stopped and disabled'
    # Its files stay until it runs no more.
    held=1
  fi
}

# enabled | disabled | unknown
enabled_state() {
  local status=0
  run systemctl is-enabled --quiet "$1" 2>/dev/null || status=$?
  case $status in
    0) printf enabled ;;
    1 | 4) printf disabled ;;
    *) printf unknown ;;
  esac
}

# active | inactive | unknown
active_state() {
  local state
  # Its status repeats what it prints, and is not 0 for a unit that does not run.
  state=$(run systemctl is-active "$1" 2>/dev/null || true)
  case $state in
    active | reloading) printf active ;;
    inactive | failed | activating | deactivating) printf inactive ;;
    *) printf unknown ;;
  esac
}
