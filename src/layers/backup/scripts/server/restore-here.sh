#!/bin/sh
# restore-here.sh - part of selfheal-backup-server.sh: restore a volume on this machine, for who is logged in as root.
#
# Only gives restore.sh its settings: this folder, no other machine, no limit but the disk's own.
#
# Environment: that of selfheal-backup-server.sh.
# shellcheck disable=SC2154  # the parts share their variables

# restore_here VOLUME SNAPSHOT|latest INTO [apply]
restore_here() {
  case ${4-} in
    '') apply=no ;;
    apply) apply=yes ;;
    *) stop 1 "word '$4': expected apply or nothing" ;;
  esac
  # Installed they lie beside the parts; in the sources they are the pod's.
  scripts=$parts/../restore
  [ -f "$scripts/restore.sh" ] || scripts=$parts/../pod
  [ -f "$scripts/restore.sh" ] || stop 2 "program '$0': expected $parts/../restore/restore.sh, got nothing"
  trap - EXIT
  LOCAL_PATH_BACKUP_SCRIPTS=$scripts LOCAL_PATH_BACKUP_SERVER=$0 LOCAL_PATH_BACKUP_HOST='' LOCAL_PATH_BACKUP_PATH=$folder \
    LOCAL_PATH_BACKUP_BANDWIDTH_LIMIT_KIB_PER_SECOND=10000000 LOCAL_PATH_RESTORE_VOLUME=$1 \
    LOCAL_PATH_RESTORE_SNAPSHOT=$2 LOCAL_PATH_RESTORE_INTO=$3 LOCAL_PATH_RESTORE_APPLY=$apply \
    exec sh "$scripts/restore.sh"
}
