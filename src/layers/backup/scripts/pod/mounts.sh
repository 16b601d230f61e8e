#!/bin/sh
# mounts.sh - part of backup.sh, drill.sh and restore.sh: which disk a folder is on, and what is mounted below it.
#
# All of it is read from the kernel's list: a look at a mount whose machine is away can hang for ever.
#
# Environment:
#   LOCAL_PATH_BACKUP_PROC   where the kernel's own files are (default /proc; another one in tests only)

# file_system_of PATH: the type of the file system that holds an existing path without links; never asks it anything.
file_system_of() {
  LOOKED_UP=$1 awk '
    function plain(text) {
      gsub(/\\040/, " ", text); gsub(/\\011/, "\t", text); gsub(/\\012/, "\n", text); gsub(/\\134/, "\\", text)
      return text
    }
    {
      point = plain($5)
      prefix = point == "/" ? "/" : point "/"
      if (index(ENVIRON["LOOKED_UP"] "/", prefix) == 1 && length(point) >= longest) {
        longest = length(point)
        type = "?"
        for (at = 7; at < NF; at++) if ($at == "-") { type = $(at + 1); break }
      }
    }
    END { print type }' "${LOCAL_PATH_BACKUP_PROC:-/proc}/self/mountinfo"
}

# first_mount_below FOLDER: `PLACE (TYPE)`, or nothing.
first_mount_below() {
  FOLDER=$1 awk '
    index($5, ENVIRON["FOLDER"] "/") == 1 {
      type = "?"
      for (at = 7; at < NF; at++) if ($at == "-") { type = $(at + 1); break }
      print $5 " (" type ")"
      exit
    }' "${LOCAL_PATH_BACKUP_PROC:-/proc}/self/mountinfo"
}

# is_network TYPE: whether such a file system is another machine's.
is_network() {
  case $1 in
    nfs* | cifs | smb* | 9p | afs | ceph | glusterfs | lustre | beegfs | orangefs | davfs | fuse.sshfs | fuse.glusterfs | \
      fuse.ceph* | fuse.s3fs | fuse.rclone | fuse.juicefs | fuse.*nfs* | fuse.davfs*) ;;
    *) return 1 ;;
  esac
}

# may_be_remote TYPE: the same, and every file system that a program makes: only that program knows where it keeps it.
may_be_remote() {
  is_network "$1" || case $1 in fuse.*) ;; *) return 1 ;; esac
}
