#!/bin/sh
# selfheal-backup-server.sh - keep a node's backups: the only program that the node's key may run on this machine.
#
# It is meant as the forced command of that key. It takes snapshots in, shows them and gives them back; none of what a
# client may ask for deletes or changes a published snapshot. What goes, goes by this machine's own rules (retention.sh).
#
#   selfheal-backup-server --folder /backup/local-path [--snapshots 14] [--days 30] [--reserve-percent 10] [VERB …]
#
# A client sends `selfheal-backup-server --folder /backup/local-path VERB …`: as SSH_ORIGINAL_COMMAND under a forced
# command, as arguments where the account may run programs. One answer a line on stdout, messages on stderr.
#
#   newest                     the newest snapshot and the STATE of the source that it was published with
#   plan RSYNC…                what is there, how much room, and a dry run against the newest snapshot
#   receive TOKEN BASE BYTES RSYNC…    a new tree beside the snapshots, BASE's files hard-linked
#   settle TOKEN RSYNC…        a dry run against the tree just received
#   publish TOKEN FILES|- [STATE|-]    that tree becomes the newest snapshot
#   list, manifest NAME VOLUME, send NAME VOLUME RSYNC…, pick MAX-BYTES, verified NAME VOLUME ok|bad [WORDS], check
# and only for who is logged in on this machine:
#   prepare                    make the layout in an empty folder
#   restore VOLUME SNAPSHOT|latest INTO [apply]    say how a volume would be restored here, or do it (restore.sh)
#
# Environment:
#   SSH_ORIGINAL_COMMAND  what the client asks for; read only where the arguments have no verb, never evaluated
#
# Exit status: 0 done, 1 refused, 2 cannot tell (the folder is not as expected), 3 busy, 4 no room, 5 failed;
# plan, settle and send end with the status of rsync.
# shellcheck disable=SC2034,SC2154  # the parts share their variables

set -eu

LC_ALL=C
export LC_ALL
umask 077

# The program lies in …/bin; beside it, as in the sources, or in …/lib are its parts.
parts=${0%/*}
[ -f "$parts/store.sh" ] || parts=$parts/../lib/selfheal/backup-server

main() {
  # What fails where no reason was foreseen (a full disk, a program that was killed) is not refused: it may be tried again.
  trap 'ended=$?; [ "$ended" -eq 0 ] || stop 5 "failed at an unexpected place (status $ended)"' EXIT
  folder='' keep_snapshots=14 keep_days=30 reserve_percent=10
  while [ $# -gt 0 ]; do
    case $1 in
      --folder | --snapshots | --days | --reserve-percent)
        [ $# -ge 2 ] || stop 1 "option '$1': expected a value, got nothing"
        set_option "$1" "$2"
        shift 2
        ;;
      -*) stop 1 "option '$1': expected --folder, --snapshots, --days or --reserve-percent" ;;
      *) break ;;
    esac
  done
  case $folder in
    /*[!/]*) ;;
    *) stop 1 "option '--folder': expected an absolute path, got \"$folder\"" ;;
  esac
  if [ $# -gt 0 ]; then
    case $1 in
      prepare) part prepare && prepare ;;
      restore)
        verb=$1
        shift
        words_needed 3 $# && part restore-here && restore_here "$@"
        ;;
      *) answer "$@" ;;
    esac
  else
    answer_client "${SSH_ORIGINAL_COMMAND-}"
  fi
}

set_option() {
  case $1 in
    --folder) folder=$2 ;;
    # With fewer, one bad night and one late look leave nothing that is known to be good.
    --snapshots) expect_number "$1" "$2" 3 && keep_snapshots=$2 ;;
    --days) expect_number "$1" "$2" 1 && keep_days=$2 ;;
    --reserve-percent) expect_number "$1" "$2" 1 && reserve_percent=$2 ;;
  esac
}

expect_number() {
  if ! is_number "$2" || [ "$2" -lt "$3" ]; then
    stop 1 "option '$1': expected a whole number from $3, got \"$2\""
  fi
}

# Up to 18 digits: more than that, and the shell's numbers go round.
is_number() {
  case $1 in
    '' | *[!0-9]* | 0?* | ???????????????????*) return 1 ;;
  esac
}

# The words of an SSH_ORIGINAL_COMMAND: split at blanks, nothing in them means anything to a shell.
answer_client() {
  case $1 in
    *[!A-Za-z0-9\ ._:=/%,+@-]*) stop 1 "command: expected words of letters, digits and ._:=/%,+@-, got something else" ;;
  esac
  set -f
  IFS=' '
  # shellcheck disable=SC2086  # splitting is what is meant
  set -- $1
  unset IFS
  set +f
  case ${1-} in
    selfheal-backup-server | */selfheal-backup-server) shift ;;
    *) stop 1 "command: expected selfheal-backup-server, got \"${1-}\"" ;;
  esac
  while [ $# -gt 0 ]; do
    case $1 in
      --folder)
        [ "${2-}" = "$folder" ] || stop 1 "option '--folder': expected $folder, got \"${2-}\""
        shift 2
        ;;
      -*) stop 1 "option '$1': expected --folder alone from a client; the rest is this machine's" ;;
      *) break ;;
    esac
  done
  answer "$@"
}

# A verb takes only the parts that it needs: a plan that changes nothing should cost as little as rsync alone.
answer() {
  verb=${1-}
  [ $# -eq 0 ] || shift
  case $verb in
    plan) words_needed 1 $# && part store verdicts rsync-words room plan && plan "$@" ;;
    receive) words_needed 4 $# && part store verdicts rsync-words room manifest bury receive && receive "$@" ;;
    settle) words_needed 2 $# && part store rsync-words plan && settle "$@" ;;
    publish) words_needed 2 $# && part store verdicts clock bury retention publish && publish "$@" ;;
    list) words_exactly 0 $# && part store verdicts list && list ;;
    newest) words_exactly 0 $# && part store verdicts room list && print_newest ;;
    manifest) words_exactly 2 $# && part store read && print_manifest "$@" ;;
    send) words_needed 3 $# && part store rsync-words read && send "$@" ;;
    pick) words_exactly 1 $# && part store verdicts list && pick "$@" ;;
    verified) words_needed 3 $# && part store clock verified && verified "$@" ;;
    check) words_exactly 0 $# && part store room bury check && check ;;
    *) stop 1 "verb '$verb': expected newest, plan, receive, settle, publish, list, manifest, send, pick, verified or check" ;;
  esac
}

words_needed() { [ "$2" -ge "$1" ] || stop 1 "verb '$verb': expected at least $1 words, got $2"; }

words_exactly() { [ "$2" -eq "$1" ] || stop 1 "verb '$verb': expected $1 words, got $2"; }

part() {
  for name in "$@"; do
    [ -f "$parts/$name.sh" ] || stop 2 "program '$0': expected its part $parts/$name.sh, got nothing"
    # shellcheck source=/dev/null
    . "$parts/$name.sh"
  done
}

say() { printf 'selfheal-backup-server: %s\n' "$1" >&2; }

# The status in words too: where no rsync has answered yet, the client's rsync ends with 12, whatever the status is.
stop() {
  trap - EXIT
  printf '@refused %s\n' "$1" >&2
  say "$2"
  exit "$1"
}

main "$@"
