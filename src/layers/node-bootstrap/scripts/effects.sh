#!/usr/bin/env bash
# effects.sh - part of converge.sh: who must be told that a file is another.
#
# What is due is noted before the file changes and struck out when it is done, so that a run that is cut off between
# the two leaves the telling to the next.
#
# Environment: that of converge.sh.
# shellcheck disable=SC2034,SC2154  # the parts share their variables

note_effects() {
  local path=$1 unit
  case $path in
    /etc/systemd/system.conf.d/*) record due daemon-reexec '' ;;
    /etc/systemd/system/*)
      record due daemon-reload ''
      unit=${path#/etc/systemd/system/}
      unit=${unit%%/*}
      unit=${unit%.d}
      # Only what the plan itself starts: a drop-in of k3s or kubelite waits for the next start of its service.
      [[ " ${units[*]} " == *" $unit "* ]] && record due "restart $unit" ''
      ;;
    /etc/sysctl.d/*) record due "sysctl $path" '' ;;
    /etc/default/grub.d/*) record due update-grub '' ;;
  esac
  return 0
}

# due WHAT COMMAND...: runs the command if it is due.
due() {
  local what=$1
  shift
  is_recorded due "$what" || return 0
  if run "$@" >&2; then
    forget due "$what"
    say changed "$what"
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
  while read -r what; do
    path=${what#sysctl }
    [[ $path != "$what" ]] || continue
    if [[ -f $CONVERGE_ROOT$path ]]; then
      due "$what" sysctl -p "$CONVERGE_ROOT$path"
    else
      forget due "$what"
      say pending "reboot" "the values of $path stay in force until then"
    fi
  done < <(records due)
}

# Prints why a path of the boot menu must not be written on this host; nothing where it may, and for every other path.
boot_menu_why_not() {
  [[ $1 == /etc/default/grub.d/* ]] || return 0
  if [[ ! -f $CONVERGE_ROOT/etc/default/grub ]]; then
    printf 'expected GRUB on this host, found no /etc/default/grub'
  elif ! command -v update-grub >/dev/null; then
    printf 'expected GRUB on this host, found no update-grub'
  fi
}
