#!/usr/bin/env bash
# textfile.sh - leave metrics on the host for node-exporter's textfile collector, whole or not at all.
#
# Usage: textfile.sh FOLDER NAME     NAME.prom gets what is read from stdin; nothing to read takes it away
#
# Runs on the host. node-exporter reads *.prom alone, so it never sees a draft.
#
# Environment: none.
#
# Exit status: 0 done, 1 bad settings, 2 it could not be written.
set -euo pipefail
umask 022

main() {
  local folder=${1:-} name=${2:-} text
  [[ $folder == /?* ]] || bad FOLDER 'an absolute path' "$folder"
  [[ $name =~ ^[a-z][a-z_]*\.prom$ ]] || bad NAME 'a plain name that ends in .prom' "$name"
  text=$(timeout 10 cat)
  if [[ -z $text ]]; then
    [[ ! -f $folder/$name ]] || timeout 10 rm -f -- "$folder/$name" || exit 2
    return
  fi
  timeout 10 mkdir -p -- "$folder" || exit 2
  # The draft's name is ours alone: an old one is overwritten, a link in its place is not followed.
  timeout 10 rm -f -- "$folder/.$name.new" || exit 2
  printf '%s\n' "$text" >"$folder/.$name.new" || exit 2
  timeout 10 mv -fT -- "$folder/.$name.new" "$folder/$name" || exit 2
}

bad() {
  printf 'textfile: %s: expected %s, got "%s"\n' "$1" "$2" "$3" >&2
  exit 1
}

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then
  main "$@"
fi
