#!/usr/bin/env bash
# post.sh - part of reachability-prober.sh: one HTTP request, by curl, GNU wget or bash alone, whichever there is.
#
#   post_message ID LEVEL STATE NODE ADDRESS SECONDS AGE TITLE TEXT   in the form that FORM names
#   send                   URL with HEADERS and BODY (none: GET); 0 only for an answer 2xx, in at most 12 s
#   read_secret FILE       sets SECRET to the first line of a file
#
# URL and token are secrets: they go through pipes, never through arguments, which every process of a host can read. A
# redirect is a failure: what follows one asks, and no longer posts.
#
# shellcheck disable=SC2153,SC2154 # shared with the other parts, which reachability-prober.sh reads in
#
# Environment: that of reachability-prober.sh.

read_secret() {
  SECRET=''
  { IFS= read -r SECRET <"$1"; } 2>/dev/null || [[ -n $SECRET ]] || { log err "file '$1': expected one line, got nothing that can be read" && return 1; }
  SECRET=${SECRET%$'\r'}
  # No line end and no quote, so that it stays one value wherever it is written.
  [[ $SECRET =~ ^[[:graph:]]+$ && $SECRET != *[\"\\]* ]] ||
    { log err "file '$1': expected one word without quotes or backslashes" && return 1; }
}

json_text() {
  local text=${1//\\/\\\\}
  text=${text//\"/\\\"}
  printf '"%s"' "${text//[[:cntrl:]]/ }"
}

# The hour of the wall clock is for whoever reads it; nothing is decided by it.
since_text() {
  [[ $2 != - ]] || { printf null && return 0; }
  TZ=UTC0 printf '"%(%FT%TZ)T"' "$((EPOCHSECONDS - $1 - $2))"
}

post_message() {
  local id=$1 level=$2 state=$3 node=$4 address=$5 seconds=$6 age=$7 title=$8 text=$9 host URL BODY SECRET
  local -a HEADERS=()
  { read -r host <"$PROC/sys/kernel/hostname"; } 2>/dev/null || host=unknown
  [[ $host =~ ^[A-Za-z0-9._-]+$ ]] || host=unknown
  read_secret "$WEBHOOK" || return 1
  URL=$SECRET
  if [[ $FORM != slack && -e $TOKEN ]]; then
    read_secret "$TOKEN" || return 1
    HEADERS+=("Authorization: Bearer $SECRET")
  fi
  case $FORM in
  ntfy)
    HEADERS+=("Title: $title" "Priority: $(ntfy_priority "$level")" "Tags: $(ntfy_tag "$state")")
    BODY="$text (from $host)"
    ;;
  slack)
    HEADERS+=('Content-Type: application/json')
    BODY="{\"text\": $(json_text "$text (from $host)")}"
    ;;
  webhook)
    HEADERS+=('Content-Type: application/json')
    BODY="{\"id\": $(json_text "$id"), \"state\": \"$state\", \"node\": $(or_null "$node"), \"address\": $(or_null "$address")"
    BODY+=", \"seconds\": $seconds, \"since\": $(since_text "$seconds" "$age"), \"prober\": $(json_text "$host"), \"text\": $(json_text "$text")}"
    ;;
  esac
  send
}

or_null() { if [[ $1 == - ]]; then printf null; else json_text "$1"; fi; }

ntfy_priority() {
  case $1 in
  crit) printf urgent ;;
  err) printf high ;;
  *) printf default ;;
  esac
}

ntfy_tag() {
  case $1 in
  down) printf rotating_light ;;
  up) printf white_check_mark ;;
  *) printf warning ;;
  esac
}

send() {
  [[ $URL =~ ^https?://[^/] ]] || { log err 'webhook: expected a URL that begins with http:// or https://' && return 1; }
  if command -v curl >/dev/null; then
    by_curl
  elif timeout -k 1 5 wget --version 2>/dev/null | grep -q '^GNU Wget'; then
    by_wget
  elif [[ $URL == http://* ]]; then
    by_bash
  else
    log err 'webhook: expected curl or GNU wget for https://, got neither'
    return 1
  fi
}

curl_text() {
  local text=${1//\\/\\\\}
  printf '"%s"' "${text//\"/\\\"}"
}

by_curl() {
  local code header
  code=$({
    printf 'url = %s\n' "$(curl_text "$URL")"
    for header in ${HEADERS[@]+"${HEADERS[@]}"}; do printf 'header = %s\n' "$(curl_text "$header")"; done
    [[ -z ${BODY:-} ]] || printf 'data-raw = %s\n' "$(curl_text "$BODY")"
  } | timeout -k 1 11 curl -q --silent --globoff --max-time 10 --output /dev/null --write-out '%{http_code}' --config -) || return 1
  [[ $code == 2?? ]]
}

# Wget takes its settings from a file alone, no pipe: one that root alone can read, for as long as it runs.
by_wget() {
  local settings status=0
  settings=$(umask 077 && timeout 5 mktemp) || return 1
  wget_settings >"$settings"
  printf '%s\n' "$URL" | timeout -k 1 11 wget --config="$settings" --quiet --tries=1 --timeout=10 --max-redirect=0 \
    --output-document=/dev/null --input-file=- || status=$?
  rm -f -- "$settings"
  return "$status"
}

wget_settings() {
  local header
  for header in ${HEADERS[@]+"${HEADERS[@]}"}; do printf 'header = %s\n' "$header"; done
  [[ -z ${BODY:-} ]] || printf 'post_data = %s\n' "$BODY"
}

by_bash() {
  local host port path header request method=GET
  [[ $URL =~ ^http://(\[([0-9A-Fa-f:.]+)\]|([^]/:?#@[]+))(:([0-9]{1,5}))?(/[^#]*)?$ ]] ||
    { log err 'webhook: expected http://HOST[:PORT][/PATH] where bash alone has to post it' && return 1; }
  host=${BASH_REMATCH[2]}${BASH_REMATCH[3]} port=${BASH_REMATCH[5]:-80} path=${BASH_REMATCH[6]:-/}
  [[ -z ${BODY:-} ]] || method=POST
  request="$method $path HTTP/1.1"$'\r\n'"Host: ${BASH_REMATCH[1]}:$port"$'\r\nConnection: close\r\n'
  for header in ${HEADERS[@]+"${HEADERS[@]}"}; do request+="$header"$'\r\n'; done
  BODY=${BODY:-}
  request+="Content-Length: ${#BODY}"$'\r\n\r\n'"$BODY"
  # shellcheck disable=SC2016 # expanded by the inner bash, which reads host, port and request
  printf '%s\n%s\n%s' "$host" "$port" "$request" | timeout -k 1 11 bash -c '
    read -r host && read -r port
    IFS= read -r -d "" request
    exec 3<>"/dev/tcp/$host/$port" && printf %s "$request" >&3 && read -r answer <&3 && [[ $answer =~ ^HTTP/1\.[01]\ 2 ]]' 2>/dev/null
}
