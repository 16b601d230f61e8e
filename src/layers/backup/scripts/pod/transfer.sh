#!/bin/sh
# transfer.sh - part of backup.sh: sends what changed, looks what changed meanwhile, and has it published.
#
# Needs finish.sh, host.sh, source.sh, plan.sh, state.sh and hooks.sh.
#
# Sets SENT_BYTES, CHANGING (files that changed while they were read), PUBLISHED (the snapshot's name).
#
# Environment:
#   LOCAL_PATH_BACKUP_SOURCE, LOCAL_PATH_BACKUP_RUN_FOLDER, LOCAL_PATH_BACKUP_MAX_SHRINK_PERCENT
# shellcheck disable=SC2034 # backup.sh uses what is set here

SENT_BYTES=0
CHANGING=0
PUBLISHED=''
NOTES=''
UNKNOWN=''

receive() {
  received="$LOCAL_PATH_BACKUP_RUN_FOLDER/receive"
  read -r TOKEN </proc/sys/kernel/random/uuid
  status=0
  # shellcheck disable=SC2086 # words without blanks
  server_rsync "$(seconds_left)" "receive $TOKEN $BASE $NEED_BYTES" $RSYNC_OPTIONS $EXCLUDE_OPTIONS --stats --no-h \
    -- "$LOCAL_PATH_BACKUP_SOURCE/" "$(remote_place):." >"$received" 2>"$received.err" || status=$?
  SENT_BYTES=$(stats 'Total bytes sent' "$received")
  SENT_BYTES=${SENT_BYTES:-0}
  FILES=$(($(stats 'Number of files' "$received") - 1))
  case $status in
    0) ;;
    # A file that was deleted while it was read is in rsync's count and not over there.
    24) FILES=- ;;
    *) server_failed copying "$status" "$received.err" ;;
  esac
  check_still_there
}

# The source may have been unmounted since it was looked at.
check_still_there() {
  now=$(($(stats 'Number of files' "$received") - 1))
  gone=$((SOURCE_FILES - now))
  if [ "$gone" -gt "$SHRINK_FILES" ] && [ $((gone * 100)) -gt $((SOURCE_FILES * LOCAL_PATH_BACKUP_MAX_SHRINK_PERCENT)) ]; then
    finish 4 "source '$LOCAL_PATH_BACKUP_SOURCE': expected about $SOURCE_FILES files, as a moment before, got $now; nothing was published"
  fi
}

# What is different now was changed since it was read, so the copy of its volume is of no single moment.
settle() {
  settled="$LOCAL_PATH_BACKUP_RUN_FOLDER/settle"
  NOTES=yes
  if stayed_the_same; then
    : >"$settled"
    return 0
  fi
  status=0
  # shellcheck disable=SC2086 # words without blanks
  server_rsync "$(seconds_left)" "settle $TOKEN" $RSYNC_OPTIONS $EXCLUDE_OPTIONS -n --stats --no-h \
    --out-format='%i %l %n' -- "$LOCAL_PATH_BACKUP_SOURCE/" "$(remote_place):." >"$settled" 2>"$settled.err" || status=$?
  case $status in
    0 | 24) ;;
    *)
      # It is a note on the copy, not the copy.
      tell "what changed meanwhile: expected to compare once more, got status $status; not known for this snapshot"
      : >"$settled"
      UNKNOWN=yes
      ;;
  esac
  CHANGING=$(changing_lines | awk '$1 != "?" { files += $1 } END { printf "%.0f", files }')
}

# Lines `CHANGING CONSISTENCY VOLUME`.
changing_lines() {
  [ -n "$NOTES" ] || return 0
  {
    printf '%s' "$HELD" | sed 's/^/held /'
    printf '%s' "$VOLUMES" | sed 's/^/volume /'
    changes "$settled"
  } | awk -v unknown="$UNKNOWN" '
    $1 == "held" { held[$2] = 1; next }
    $1 == "volume" { volumes[++last] = $2; next }
    substr($1, 2, 1) != "d" { volume = $3; sub("/.*", "", volume); changing[volume]++ }
    END { for (number = 1; number <= last; number++) { volume = volumes[number]
      word = held[volume] ? "hook" : unknown ? "unknown" : changing[volume] ? "changing" : "quiet"
      print unknown ? "?" : changing[volume] + 0, word, volume } }'
}

publish() {
  published="$LOCAL_PATH_BACKUP_RUN_FOLDER/publish"
  changing_lines | sed 's/^/volume /' >"$published.notes"
  status=0
  [ "$STATE" != - ] || STATE=''
  server "$(seconds_left)" publish "$TOKEN" "$FILES" ${STATE:+"$STATE"} <"$published.notes" >"$published" 2>"$published.err" || status=$?
  PUBLISHED=$(sed -n 's/^published \([^ ]*\) .*/\1/p' "$published")
  # It is published when it says so, whatever became of the connection afterwards.
  [ -z "$PUBLISHED" ] || return 0
  # Without rsync in between, these are the program's own.
  case $status in [1-5]) printf '@refused %s\n' "$status" >>"$published.err" ;; esac
  server_failed publishing "$status" "$published.err"
}
