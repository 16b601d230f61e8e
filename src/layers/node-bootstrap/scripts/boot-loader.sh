#!/usr/bin/env bash
# boot-loader.sh - part of converge.sh: which boot loader this host has, and whether it is the one that the plan names.
#
# A word written for the wrong boot loader does nothing, and says so to nobody.
#
# Environment: that of converge.sh.
# shellcheck disable=SC2034,SC2154  # the parts share their variables

readonly PIBOOT_FILE=/boot/firmware/current/cmdline.txt
readonly CLASSIC_FILE=/boot/firmware/cmdline.txt

# The file in which the firmware finds the command line; nothing where another mechanism brings it.
boot_file() {
  case $1 in
    piboot) reply=$PIBOOT_FILE ;;
    raspberry-pi-firmware) reply=$CLASSIC_FILE ;;
    *) reply='' ;;
  esac
}

# What the host's files speak of. With A/B boot the old place may still hold a file that nobody reads.
found_boot_loader() {
  if [[ -e $CONVERGE_ROOT$PIBOOT_FILE ]]; then
    reply="$PIBOOT_FILE (piboot)"
  elif [[ -e $CONVERGE_ROOT$CLASSIC_FILE ]]; then
    reply="$CLASSIC_FILE (raspberry-pi-firmware)"
  elif [[ -f $CONVERGE_ROOT/etc/default/grub ]]; then
    reply='/etc/default/grub (grub)'
  elif [[ -e $CONVERGE_ROOT/boot/cmdline.txt ]]; then
    reply='/boot/cmdline.txt (an older Raspberry Pi OS, which is not supported)'
  elif [[ -d $CONVERGE_ROOT/boot/loader/entries || -d $CONVERGE_ROOT/boot/efi/loader/entries ]]; then
    reply='loader/entries (systemd-boot, which is not supported)'
  elif [[ -d $CONVERGE_ROOT/boot/extlinux ]]; then
    reply='/boot/extlinux (which is not supported)'
  else
    reply='no file of a known boot loader'
  fi
}

# Whether the firmware's file is this host's command line.
boot_loader_is_here() {
  local expected
  boot_file "$boot_loader"
  expected="$reply ($boot_loader)"
  found_boot_loader
  [[ $reply != "$expected" ]] || return 0
  why="expected $expected, found $reply"
  # An empty mount point is the likelier cause.
  [[ $reply == /* ]] || why+=' (is /boot/firmware mounted?)'
  return 1
}

# Whether a path of the boot menu may be written on this host; every other path may.
boot_menu_allowed() {
  [[ $1 == /etc/default/grub.d/* ]] || return 0
  if [[ ! -f $CONVERGE_ROOT/etc/default/grub ]]; then
    found_boot_loader
    why="expected GRUB on this host, found no /etc/default/grub but $reply"
  elif ! command -v update-grub >/dev/null; then
    why='expected GRUB on this host, found no update-grub'
  else
    return 0
  fi
  return 1
}
