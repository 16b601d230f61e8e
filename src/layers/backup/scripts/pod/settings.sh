#!/bin/sh
# settings.sh - part of backup.sh, mirror.sh, drill.sh and restore.sh: checks settings before anything is done with them.
#
# Each function takes the full name of an environment variable and its value, and ends the run with 1 where it is wrong.
# All values go through a shell, or through rsync, which splits its `-e` at blanks and knows quotes: so none has any.
#
# Environment, checked by `check_server_settings`:
#   LOCAL_PATH_BACKUP_HOST          the other machine; empty: the server program is on this machine and is run directly
#   LOCAL_PATH_BACKUP_USER          login name there (default: who runs this)
#   LOCAL_PATH_BACKUP_PORT          its SSH port (default 22)
#   LOCAL_PATH_BACKUP_KEY           the private key (default: the keys and the SSH settings of who runs this)
#   LOCAL_PATH_BACKUP_KNOWN_HOSTS   its pinned host key (required with a HOST)
#   LOCAL_PATH_BACKUP_PATH          the folder there (required)
#   LOCAL_PATH_BACKUP_SERVER        the program there (default selfheal-backup-server)
#   LOCAL_PATH_BACKUP_RUN_FOLDER    a folder of this run's own, in memory (default /run/backup)
#   LOCAL_PATH_BACKUP_BANDWIDTH_LIMIT_KIB_PER_SECOND   at least 1: rsync takes 0 for "no limit" (required)
# Checked by `check_program_settings`:
#   LOCAL_PATH_BACKUP_LINKER        the host's dynamic linker; empty: the programs are this machine's own
#   LOCAL_PATH_BACKUP_LIBRARIES     the host's library folders, joined by ":" (required with a LINKER)
#   LOCAL_PATH_BACKUP_RSYNC         the host's rsync (required with a LINKER, else default rsync)
#   LOCAL_PATH_BACKUP_SSH           the host's ssh (the same)

check_server_settings() {
  : "${LOCAL_PATH_BACKUP_HOST:=}" "${LOCAL_PATH_BACKUP_USER:=}" "${LOCAL_PATH_BACKUP_KEY:=}"
  : "${LOCAL_PATH_BACKUP_PORT:=22}" "${LOCAL_PATH_BACKUP_SERVER:=selfheal-backup-server}"
  : "${LOCAL_PATH_BACKUP_RUN_FOLDER:=/run/backup}"
  if [ -n "$LOCAL_PATH_BACKUP_HOST" ]; then
    expect_word LOCAL_PATH_BACKUP_HOST "$LOCAL_PATH_BACKUP_HOST"
    expect_number LOCAL_PATH_BACKUP_PORT "$LOCAL_PATH_BACKUP_PORT" 65535
    [ -z "$LOCAL_PATH_BACKUP_USER" ] || expect_word LOCAL_PATH_BACKUP_USER "$LOCAL_PATH_BACKUP_USER"
    [ -z "$LOCAL_PATH_BACKUP_KEY" ] || expect_path LOCAL_PATH_BACKUP_KEY "$LOCAL_PATH_BACKUP_KEY"
    expect_path LOCAL_PATH_BACKUP_KNOWN_HOSTS "${LOCAL_PATH_BACKUP_KNOWN_HOSTS-}"
  fi
  expect_path LOCAL_PATH_BACKUP_PATH "${LOCAL_PATH_BACKUP_PATH-}"
  expect_word LOCAL_PATH_BACKUP_SERVER "$LOCAL_PATH_BACKUP_SERVER"
  expect_path LOCAL_PATH_BACKUP_RUN_FOLDER "$LOCAL_PATH_BACKUP_RUN_FOLDER"
  expect_number LOCAL_PATH_BACKUP_BANDWIDTH_LIMIT_KIB_PER_SECOND "${LOCAL_PATH_BACKUP_BANDWIDTH_LIMIT_KIB_PER_SECOND-}"
}

check_program_settings() {
  : "${LOCAL_PATH_BACKUP_LINKER:=}"
  if [ -n "$LOCAL_PATH_BACKUP_LINKER" ]; then
    expect_path LOCAL_PATH_BACKUP_LINKER "$LOCAL_PATH_BACKUP_LINKER"
    expect_word LOCAL_PATH_BACKUP_LIBRARIES "${LOCAL_PATH_BACKUP_LIBRARIES-}"
    expect_path LOCAL_PATH_BACKUP_RSYNC "${LOCAL_PATH_BACKUP_RSYNC-}"
    expect_path LOCAL_PATH_BACKUP_SSH "${LOCAL_PATH_BACKUP_SSH-}"
  else
    : "${LOCAL_PATH_BACKUP_RSYNC:=rsync}" "${LOCAL_PATH_BACKUP_SSH:=ssh}"
    expect_word LOCAL_PATH_BACKUP_RSYNC "$LOCAL_PATH_BACKUP_RSYNC"
    expect_word LOCAL_PATH_BACKUP_SSH "$LOCAL_PATH_BACKUP_SSH"
  fi
}

expect_word() {
  case $2 in
    # A leading "-" would be an option; a pattern would become the names of files.
    '' | -* | *[[:space:]\'\"\*\?\[\\]*) bad_setting "$1" "one word" "$2" ;;
  esac
}

expect_path() {
  expect_word "$1" "$2"
  case $2 in
    /*[!/]*) ;;
    *) bad_setting "$1" "an absolute path below /" "$2" ;;
  esac
}

# A path that is compared with others as text.
expect_plain_path() {
  expect_path "$1" "$2"
  case $2/ in
    *//* | */./* | */../*) bad_setting "$1" "an absolute path without '//', '.' and '..' and without '/' at its end" "$2" ;;
  esac
}

# expect_number NAME VALUE [LARGEST]
expect_number() {
  case $2 in
    '' | 0* | *[!0-9]* | ??????????????*) bad_setting "$1" "a whole number from 1${3:+ to $3}" "$2" ;;
  esac
  [ "$2" -le "${3:-$2}" ] || bad_setting "$1" "a whole number from 1 to $3" "$2"
}

bad_setting() {
  finish 1 "$1: expected $2, got \"$3\""
}
