#!/bin/sh
# stage.sh - put the mounted payload on the host, then run the host program that reads it there.
#
# Usage: stage.sh PROGRAM [ARGUMENT...]     the way into the host and the program to run in it
#        stage.sh --check                   only look whether the host has the payload
#
# Environment:
#   STAGE_CONTENT_SHA256  what the payload must hash to: the sha256 of its `sha256sum *` listing  (required)
#   STAGE_PAYLOAD         the mounted ConfigMap                         (default /payload)
#   STAGE_TARGET          the host's folder, as mounted in this pod     (default /host/bootstrap)
#   STAGE_TIMEOUT         seconds that PROGRAM may take                 (default 900)
#
# The payload may be older than the pod: the kubelet caches ConfigMaps. Then this fails and the kubelet tries again.
#
# Exit status: 0 the host is as described, 1 bad settings, 2 cannot tell (stale payload, or refused by PROGRAM),
# 3 with --check, the host has another payload or none.
set -eu

refuse() {
  printf 'stage: %s\n' "$2" >&2
  exit "$1"
}

# Nothing but "*" may follow the change of folder: the hash is over names without a path.
content_hash() (
  cd "$1" && LC_ALL=C && export LC_ALL && timeout 60 sha256sum -- * | timeout 60 sha256sum | cut -d ' ' -f 1
)

check_settings() {
  case $STAGE_CONTENT_SHA256 in
    *[!0-9a-f]*) refuse 1 "STAGE_CONTENT_SHA256: expected 64 hexadecimal digits, got \"$STAGE_CONTENT_SHA256\"" ;;
  esac
  [ "${#STAGE_CONTENT_SHA256}" -eq 64 ] ||
    refuse 1 "STAGE_CONTENT_SHA256: expected 64 hexadecimal digits, got \"$STAGE_CONTENT_SHA256\""
  case $STAGE_TARGET in
    /?*) ;;
    *) refuse 1 "STAGE_TARGET: expected an absolute path below /, got \"$STAGE_TARGET\"" ;;
  esac
  [ "$#" -gt 0 ] || refuse 1 'arguments: expected a program to run, got none'
  [ -d "$STAGE_PAYLOAD" ] || refuse 1 "STAGE_PAYLOAD '$STAGE_PAYLOAD': expected a folder, got none"
}

is_staged() {
  [ -d "$STAGE_TARGET/payload" ] && [ ! -L "$STAGE_TARGET/payload" ] &&
    [ "$(content_hash "$STAGE_TARGET/payload")" = "$STAGE_CONTENT_SHA256" ]
}

# Whether a release ran here last that had no word for drift and kept no account of what it brought. After a way back and
# forth the account is that of before it, and what it brought would pass for a person's work.
is_of_before() {
  [ -f "$STAGE_TARGET/payload/plan" ] || return
  while read -r word _; do
    if [ "$word" = on-drift ]; then return 1; fi
  done <"$STAGE_TARGET/payload/plan"
}

# Leaves a complete copy in $STAGE_TARGET/payload, or the copy of before, or none: never a part.
stage() {
  for folder in "$STAGE_TARGET" "$STAGE_TARGET/payload" "$STAGE_TARGET/payload.new"; do
    [ ! -L "$folder" ] || refuse 2 "folder '$folder': expected no symbolic link"
  done
  timeout 60 mkdir -p "$STAGE_TARGET"
  if is_staged; then return; fi
  # STAGE_TARGET is an absolute path and no link (above), so these remove our own two folders and nothing else.
  timeout 60 rm -rf "$STAGE_TARGET/payload.new"
  timeout 60 mkdir "$STAGE_TARGET/payload.new"
  # -L: the files of a ConfigMap volume are links into a folder that is swapped while this runs.
  timeout 60 cp -L "$STAGE_PAYLOAD"/* "$STAGE_TARGET/payload.new/"
  hash=$(content_hash "$STAGE_TARGET/payload.new")
  [ "$hash" = "$STAGE_CONTENT_SHA256" ] ||
    refuse 2 "payload '$STAGE_PAYLOAD': expected content $STAGE_CONTENT_SHA256, got $hash (an old ConfigMap: trying again)"
  if is_of_before; then timeout 60 rm -rf "$STAGE_TARGET"/ours-*; fi
  timeout 60 rm -rf "$STAGE_TARGET/payload"
  timeout 60 mv "$STAGE_TARGET/payload.new" "$STAGE_TARGET/payload"
}

main() {
  : "${STAGE_CONTENT_SHA256:=}" "${STAGE_PAYLOAD:=/payload}" "${STAGE_TARGET:=/host/bootstrap}" "${STAGE_TIMEOUT:=900}"
  check_settings "$@"
  if [ "$1" = --check ]; then
    if is_staged; then exit 0; fi
    exit 3
  fi
  stage
  status=0
  timeout "$STAGE_TIMEOUT" "$@" || status=$?
  case $status in
    # 3 is "acted", which is what the pod is for.
    0 | 3) exit 0 ;;
    1) exit 1 ;;
    *) exit 2 ;;
  esac
}

main "$@"
