#!/usr/bin/env bash
# effects.sh - part of converge.sh: who must be told that a file is another.
#
# What is due is noted before the file changes and struck out when it is done, so that a run that is cut off between
# the two leaves the telling to the next.
#
# Environment: that of converge.sh.
# shellcheck disable=SC2034,SC2154  # the parts share their variables

# note_effects PATH: what it notes comes to the disk by keep_notes.
note_effects() {
  local path=$1 unit own family
  case $path in
    /etc/systemd/system.conf.d/*) note_due daemon-reexec || return ;;
    /etc/systemd/system/*) note_due daemon-reload || return ;;
    /etc/sysctl.d/*) note_due "sysctl $path" || return ;;
    /etc/default/grub.d/*) note_due update-grub || return ;;
  esac
  own=${path#/etc/systemd/system/}
  own=${own%%/*}
  own=${own%.d}
  # Only what the plan itself starts: a drop-in of k3s or kubelite waits for the next start of its service.
  for unit in "${units[@]}"; do
    family_of "$unit"
    family=$reply
    # A service has read all of its family; a timer, a socket or a path reads its own files alone.
    [[ $own == "$unit" || ($unit == *.service && ${members[$family]:-} == *" $path "*) ]] || continue
    note_due "restart $unit" || return
  done
}

note_due() { is_recorded due "$1" || note due "$1" ''; }

# due WHAT COMMAND...: runs the command if it is due.
due() {
  local what=$1
  shift
  is_recorded due "$what" || return 0
  if [[ -n $checking ]]; then
    say drifted "$what" 'it is still due'
  elif run "$@" >&2; then
    if forget due "$what"; then say changed "$what"; else say refused "$what" "$why"; fi
  else
    say refused "$what" "'$*' failed"
  fi
}

settle_manager() {
  due daemon-reload systemctl daemon-reload
  due daemon-reexec systemctl daemon-reexec
}

settle_sysctls() {
  local what path
  records due
  for what in "${items[@]}"; do
    path=${what#sysctl }
    [[ $path != "$what" ]] || continue
    if [[ -f $CONVERGE_ROOT$path || -n $checking ]]; then
      due "$what" sysctl -p "$CONVERGE_ROOT$path"
    elif forget due "$what"; then
      say pending "reboot" "the values of $path stay in force until then"
    else
      say refused "$what" "$why"
    fi
  done
}
