#!/bin/sh
# host.sh - part of backup.sh, mirror.sh, drill.sh and restore.sh: runs the host's rsync and ssh, and the server program.
#
# The pod has neither rsync nor ssh: both are the host's, started through the host's dynamic linker with the host's
# libraries. All of it is userspace: when the other machine is slow or away, a process fails, not a kernel.
# Needs finish.sh and settings.sh, and settings that were checked there.
#
# Environment: what `check_server_settings` and `check_program_settings` of settings.sh check.

# check_tools: ends the run with 2 where a program or a key is missing.
check_tools() {
  for tool in "$LOCAL_PATH_BACKUP_LINKER" "$LOCAL_PATH_BACKUP_RSYNC" "${LOCAL_PATH_BACKUP_HOST:+$LOCAL_PATH_BACKUP_SSH}"; do
    [ -z "$tool" ] || command -v "$tool" >/dev/null ||
      finish 2 "program '$tool': expected on the node (packages rsync, openssh-client), got nothing; nothing was copied"
  done
  [ -n "$LOCAL_PATH_BACKUP_HOST" ] || return 0
  for file in "$LOCAL_PATH_BACKUP_KEY" "$LOCAL_PATH_BACKUP_KNOWN_HOSTS"; do
    [ -z "$file" ] || [ -s "$file" ] || finish 2 "file '$file': expected a key, got nothing; nothing was copied"
  done
}

# rsync_here SECONDS ARGS...: the one place where rsync is started, so that none is without the limit.
rsync_here() {
  rsync_seconds=$1
  shift
  set -- "$LOCAL_PATH_BACKUP_RSYNC" "--bwlimit=$LOCAL_PATH_BACKUP_BANDWIDTH_LIMIT_KIB_PER_SECOND" "$@"
  [ -z "$LOCAL_PATH_BACKUP_LINKER" ] ||
    set -- "$LOCAL_PATH_BACKUP_LINKER" --library-path "$LOCAL_PATH_BACKUP_LIBRARIES" "$@"
  bounded "$rsync_seconds" "$@"
}

# server_rsync SECONDS 'VERB WORDS' ARGS...: rsync with the server program's verb at the other end. The far side's place
# in ARGS is "$(remote_place):." and it keeps to its own folder, whatever is asked.
server_rsync() {
  server_seconds=$1
  server_verb=$2
  shift 2
  rsync_here "$server_seconds" --timeout=60 -e "$(remote_shell)" \
    "--rsync-path=$LOCAL_PATH_BACKUP_SERVER --folder $LOCAL_PATH_BACKUP_PATH $server_verb" "$@"
}

# server SECONDS VERB WORDS...: runs a verb whose answer is text. Status: the program's, or ssh's 255.
server() {
  server_seconds=$1
  shift
  set -- "$LOCAL_PATH_BACKUP_SERVER" --folder "$LOCAL_PATH_BACKUP_PATH" "$@"
  if [ -n "$LOCAL_PATH_BACKUP_HOST" ]; then
    # Split at blanks on purpose: settings.sh made sure that no word has one.
    # shellcheck disable=SC2046
    set -- $(ssh_command) "${LOCAL_PATH_BACKUP_USER:+$LOCAL_PATH_BACKUP_USER@}$LOCAL_PATH_BACKUP_HOST" "$@"
  fi
  bounded "$server_seconds" "$@"
}

# The other machine as rsync names it.
remote_place() {
  case $LOCAL_PATH_BACKUP_HOST in
    '') printf 'here' ;;
    *:*) printf '%s[%s]' "${LOCAL_PATH_BACKUP_USER:+$LOCAL_PATH_BACKUP_USER@}" "$LOCAL_PATH_BACKUP_HOST" ;; # IPv6
    *) printf '%s%s' "${LOCAL_PATH_BACKUP_USER:+$LOCAL_PATH_BACKUP_USER@}" "$LOCAL_PATH_BACKUP_HOST" ;;
  esac
}

# What rsync puts before the machine's name and the command.
remote_shell() {
  if [ -n "$LOCAL_PATH_BACKUP_HOST" ]; then
    ssh_command
  else
    # The machine's name is dropped; the command's words are run as they are, without a second look by a shell.
    # shellcheck disable=SC2016 # for the inner shell
    printf '%s' "sh -c 'shift; set -f; exec \$*' sh"
  fi
}

# share_connection: from here on all runs of ssh go through one connection, until `close_connection`.
share_connection() { SHARED="$LOCAL_PATH_BACKUP_RUN_FOLDER/ssh"; }
SHARED=''

# ssh through the host's linker too; the login name, the host and the command follow.
ssh_command() {
  set -- "$LOCAL_PATH_BACKUP_SSH"
  [ -z "$LOCAL_PATH_BACKUP_LINKER" ] ||
    set -- "$LOCAL_PATH_BACKUP_LINKER" --library-path "$LOCAL_PATH_BACKUP_LIBRARIES" "$@"
  # A key that is given is the only one that is tried, and nobody's own settings have a say.
  [ -z "$LOCAL_PATH_BACKUP_KEY" ] || set -- "$@" -F none
  # shellcheck disable=SC2153 # checked in settings.sh
  set -- "$@" -p "$LOCAL_PATH_BACKUP_PORT"
  [ -z "$LOCAL_PATH_BACKUP_KEY" ] || set -- "$@" -i "$LOCAL_PATH_BACKUP_KEY" -o IdentitiesOnly=yes
  set -- "$@" -o BatchMode=yes \
    -o StrictHostKeyChecking=yes -o "UserKnownHostsFile=$LOCAL_PATH_BACKUP_KNOWN_HOSTS" \
    -o GlobalKnownHostsFile=/dev/null -o UpdateHostKeys=no \
    -o ConnectTimeout=30 -o ServerAliveInterval=15 -o ServerAliveCountMax=4
  [ -z "$SHARED" ] || set -- "$@" -o ControlMaster=auto -o "ControlPath=$SHARED" -o ControlPersist=30
  printf '%s' "$*"
}

# Ends by itself after 30 s as well; nothing is lost when this fails.
close_connection() {
  [ -n "$SHARED" ] && [ -S "$SHARED" ] || return 0
  # shellcheck disable=SC2046 # as in `server`
  bounded 10 $(ssh_command) -O exit "$LOCAL_PATH_BACKUP_HOST" >/dev/null 2>&1 || :
}
