#!/bin/sh
# rsync-words.sh - part of selfheal-backup-server.sh: what a client's rsync may ask its other half to do.
#
# The client's words are compared with a list and go no further: the command line of the rsync that runs here is made
# here. What passes is one cluster of known letters with the protocol's capabilities, and a few options with values of
# a known form. Paths of the client are never used.
#
# Environment: that of selfheal-backup-server.sh.
# shellcheck disable=SC2154  # the parts share their variables

# Without one of these, a copy would lack owners, links, attributes or holes.
RECEIVE_LETTERS='l H o g t p A X r x S'
SEND_LETTERS='l H o g t p A X r S'

# read_rsync_words KIND WORD…: KIND is dry, receive or send. Sets letters (with the capabilities) and passed.
read_rsync_words() {
  kind=$1
  shift
  letters='' passed=''
  expect_word --server "${1-}"
  shift
  if [ "$kind" = send ]; then
    expect_word --sender "${1-}"
    shift
  fi
  specials=no numeric=no
  while [ $# -gt 0 ] && [ "$1" != . ]; do
    case $1 in
      --*) read_long "$1" ;;
      -*) read_letters "$1" ;;
      *) refuse_word "$1" ;;
    esac
    shift
  done
  [ "$#:${2-}" = 2:. ] || stop 1 "rsync: expected the paths \". .\" at the end, got \"$*\""
  [ -n "$letters" ] || stop 1 "rsync: expected one cluster of letters, got none"
  [ "$specials $numeric" = 'yes yes' ] || stop 1 "rsync: expected --specials and --numeric-ids, got one or none of them"
}

expect_word() {
  [ "$2" = "$1" ] || stop 1 "rsync: expected $1, got \"$2\""
}

refuse_word() {
  stop 1 "rsync: expected only what a backup needs, got \"$1\""
}

read_long() {
  case $1 in
    --specials) specials=yes ;;
    --numeric-ids) numeric=yes ;;
    --stats | --log-format=%i | --log-format=%o | --log-format=X) passed="$passed $1" ;;
    --delete | --delete-during) [ "$kind" = dry ] || refuse_word "$1" && passed="$passed $1" ;;
    # The time limit is this machine's own.
    --timeout=*) is_number "${1#*=}" || refuse_word "$1" ;;
    --bwlimit=* | --compress-level=*) is_number "${1#*=}" || refuse_word "$1" && passed="$passed $1" ;;
    --compress-choice=zstd | --compress-choice=lz4 | --compress-choice=zlib | --compress-choice=zlibx | --compress-choice=none) passed="$passed $1" ;;
    --checksum-choice=md5 | --checksum-choice=xxh64 | --checksum-choice=xxh3 | --checksum-choice=xxh128) passed="$passed $1" ;;
    *) refuse_word "$1" ;;
  esac
}

# Each letter is taken out once: what is left over is not allowed, or was there twice (-xx means something else).
read_letters() {
  [ -z "$letters" ] || refuse_word "$1"
  letters=$1
  rest=${1#-}
  case $rest in
    *e*.*) ;;
    *) refuse_word "$1" ;;
  esac
  capabilities=${rest#*e}
  case ${capabilities%%.*}${capabilities#*.} in
    *[!0-9A-Za-z]*) refuse_word "$1" ;;
  esac
  rest=${rest%%e*}
  case $kind in
    dry) take_letters "$RECEIVE_LETTERS n" must && take_letters z may ;;
    receive) take_letters "$RECEIVE_LETTERS" must && take_letters z may ;;
    send) take_letters "$SEND_LETTERS" must && take_letters 'x n c z' may ;;
  esac
  [ -z "$rest" ] || stop 1 "rsync: expected letters of a backup only, got \"$rest\" too in \"$1\""
}

take_letters() {
  for letter in $1; do
    case $rest in
      *"$letter"*) rest=${rest%%"$letter"*}${rest#*"$letter"} ;;
      *) [ "$2" = may ] || stop 1 "rsync: expected the letter $letter in \"$letters\", got none" ;;
    esac
  done
}

# rsync_server LINKS DIRECTORY: this machine's half, in place of this shell's standard input and output. LINKS are the
# folders whose files it may link, below this one.
# Owners, modes and devices go into extended attributes: this account may not set them, and a symlink becomes a file.
rsync_server() {
  links=$1 directory=$2
  set --
  # In full: an rsync with Debian's security mends (3.2.7-1+deb12u6) reads no file through a "..", and then holds what it
  # put together from nothing for damaged.
  for link in $links; do
    set -- "$@" "--link-dest=$(pwd -P)/$link"
  done
  # Times are compared to the nanosecond: a database writes to a file of the same size twice within a second.
  # shellcheck disable=SC2086  # words that were checked above, none with a blank
  exec rsync --server $letters $passed --modify-window=-1 --specials --numeric-ids --fake-super --timeout=60 "$@" . "$directory"
}
