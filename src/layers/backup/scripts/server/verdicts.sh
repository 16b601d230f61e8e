#!/bin/sh
# verdicts.sh - part of selfheal-backup-server.sh: what was found when volumes were read back, and what follows from it.
#
# A file that rotted on this disk looks unchanged to the next backup, which would link it again, night after night.
# So a volume that was found bad is not linked: it is sent anew, and the snapshot says so (`unlinked VOLUME`).
#
# Environment: that of selfheal-backup-server.sh.
# shellcheck disable=SC2030,SC2031,SC2034,SC2154  # the parts share their variables

# read_verified NAME VOLUME: sets verified_epoch and verified_word, or both to -.
read_verified() {
  verified_epoch=- verified_word=-
  [ -f "snapshots/$1/verified/$2" ] || return 0
  read -r verified_epoch verified_word _ <"snapshots/$1/verified/$2" || : # an empty file says nothing
  is_number "$verified_epoch" || verified_epoch=- verified_word=-
}

volumes_of() {
  while read -r _ _ _ _ volume; do printf '%s ' "$volume"; done <"snapshots/$1/volumes"
}

# Sets suspects: the volumes whose files in the newest snapshot may be those that were found bad. No process is started
# while nothing was ever found bad.
find_suspects() {
  suspects=
  has_bad_word || return 0
  suspects=$(snapshots_newest_first | print_suspects)
}

has_bad_word() {
  for path in snapshots/[0-9]*Z*/verified/[A-Za-z0-9]*; do
    word=
    [ ! -f "$path" ] || read -r _ word _ <"$path" || word=
    [ "$word" != bad ] || return 0
  done
  return 1
}

# From the newest on: the first word on a volume counts, and what lies before it was sent anew does not.
print_suspects() {
  asked='' rank=0
  while read -r _ name _; do
    rank=$((rank + 1)) still=
    [ "$rank" -gt 1 ] || asked=$(volumes_of "$name")
    for volume in $asked; do
      read_verified "$name" "$volume"
      case $verified_word in
        ok) ;;
        bad) printf '%s ' "$volume" ;;
        *) is_unlinked "$name" "$volume" || still="$still $volume" ;;
      esac
    done
    asked=$still
  done
}

is_unlinked() {
  while read -r key value; do
    [ "$key $value" != "unlinked $2" ] || return 0
  done <"snapshots/$1/snapshot"
  return 1
}

is_suspect() {
  case " $suspects " in *" $1 "*) ;; *) return 1 ;; esac
}
