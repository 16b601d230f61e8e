#!/bin/sh
# hooks.sh - part of backup.sh: asks programs to hold still while their volumes are read, and lets them go afterwards.
#
# A hook is a pair of HTTP requests. The one before that fails is told, and its volume is copied as if the power had
# failed. The one after is sent for every hook whose first request was tried at all, however the run ends: it may have
# been heard although no answer came. Both are POST: they change something. Needs finish.sh and source.sh.
#
# Sets HELD (folders of volumes that hold still, one a line) and HOOKS_FAILED.
#
# Environment:
#   LOCAL_PATH_BACKUP_HOOKS   a folder with a folder for each hook, with a name that begins with a digit; in it the files
#                             volume (namespace/claim), before-url, before-body, after-url, after-body (default: empty),
#                             timeout (seconds, default 30) and, where wanted, token (sent as "Authorization: Bearer");
#                             empty: there are none

HELD=''
HOOKS_FAILED=0
HOOKS_PENDING=''
AFTER_ATTEMPTS=3

before_hooks() {
  [ -n "${LOCAL_PATH_BACKUP_HOOKS-}" ] || return 0
  reserve_time
  for hook in "$LOCAL_PATH_BACKUP_HOOKS"/[0-9]*/; do
    [ -f "$hook/volume" ] || continue
    claim=$(hook_setting "$hook" volume)
    folder=$(folder_of "$claim")
    if [ -z "$folder" ]; then
      hook_failed "$claim" "expected a volume of that name in the source, got none"
      continue
    fi
    HOOKS_PENDING="$HOOKS_PENDING$hook
"
    if ask "$hook" before "$(seconds_left "$(hook_timeout "$hook")")"; then
      HELD="$HELD$folder
"
    else
      hook_failed "$claim" "request before: $ASKED; its copy is as after a power failure"
    fi
  done
}

after_hooks() {
  pending=$HOOKS_PENDING
  # Each only once, also when a signal comes in the middle.
  HOOKS_PENDING=''
  while [ -n "$pending" ]; do
    hook=${pending%%
*}
    pending=${pending#*
}
    let_go "$hook" || hook_failed "$(hook_setting "$hook" volume)" "request after: $ASKED; the program may still hold still"
  done
}

# A program that is left alone in the middle stays like that until somebody looks: so this one is tried again.
let_go() {
  hook_end=$(($(uptime_seconds) + $(hook_timeout "$1")))
  attempt=1
  while :; do
    rest=$((hook_end - $(uptime_seconds)))
    [ "$rest" -ge 1 ] || rest=1
    if ask "$1" after "$rest"; then return 0; fi
    [ -n "$SENT" ] && [ "$attempt" -lt "$AFTER_ATTEMPTS" ] && [ "$(uptime_seconds)" -lt "$hook_end" ] || return 1
    attempt=$((attempt + 1))
    bounded 5 sleep 1 || :                                        # stopped: then at once
  done
}

# ask HOOK before|after SECONDS: sets SENT where it was sent at all, and ASKED to what went wrong. Nothing of the token or
# of the URL is printed.
ask() {
  SENT=''
  url=$(hook_setting "$1" "$2-url")
  body=$(hook_setting "$1" "$2-body")
  set -- "$1" "$2" "$3" -q -O /dev/null --header 'Content-Type: application/json' --post-data "$body"
  if [ -e "$1/token" ]; then
    token=$(hook_setting "$1" token)
    case $token in
      # A line end in it would be a header of its own.
      '' | *[![:graph:]]*) ASKED='expected a token of one word, got something else'; return 1 ;;
    esac
    set -- "$@" --header "Authorization: Bearer $token"
  fi
  bound_of_request=$3
  shift 3
  case $url in
    http://* | https://*) ;;
    *) ASKED='expected an URL with http:// or https://, got something else'; return 1 ;;
  esac
  SENT=yes
  asked=0
  bounded "$bound_of_request" wget "$@" "$url" >/dev/null 2>"$LOCAL_PATH_BACKUP_RUN_FOLDER/hook.err" || asked=$?
  [ "$asked" -ne 0 ] || return 0
  if was_stopped "$asked"; then
    ASKED="expected an answer within $bound_of_request s, got none"
  else
    ASKED="expected status 200, got $(sed -n 's/.*HTTP\/[0-9.]* \([0-9]*\).*/\1/p' "$LOCAL_PATH_BACKUP_RUN_FOLDER/hook.err" |
      grep . || printf 'no answer')"
  fi
  return 1
}

# The requests after have time of their own, taken from the copy's.
reserve_time() {
  reserved=0
  for hook in "$LOCAL_PATH_BACKUP_HOOKS"/[0-9]*/; do
    [ ! -f "$hook/volume" ] || reserved=$((reserved + $(hook_timeout "$hook")))
  done
  DEADLINE=$((DEADLINE - reserved))
}

hook_setting() { if [ -f "$1/$2" ]; then cat "$1/$2"; fi; }

hook_timeout() {
  hook_seconds=$(hook_setting "$1" timeout)
  case $hook_seconds in '' | 0* | *[!0-9]*) hook_seconds=30 ;; esac
  printf '%s' "$hook_seconds"
}

# folder_of NAMESPACE/CLAIM: of a volume that is copied.
folder_of() {
  printf '%s' "$VOLUMES" | while read -r candidate; do
    if is_volume_of "$candidate" "$1"; then
      printf '%s' "$candidate"
      break
    fi
  done
}

hook_failed() {
  HOOKS_FAILED=$((HOOKS_FAILED + 1))
  tell "hook for '$1': $2"
}
