#!/bin/sh
# watch.sh - look every few minutes whether the host is still as described; say so, and put it back where that is asked.
#
# Usage: watch.sh WAY...     the way into the host; what is to run there follows it
#
# It leaves $WATCH_FOLDER/ready where the host is as described, which is the pod's readiness, writes selfheal_bootstrap.prom
# for node-exporter, and lets report.sh print how the host is; $WATCH_FOLDER/looked ends its start-up. A look writes nothing
# else. SIGTERM takes the metrics away: whoever ends this pod has not asked for the host to be changed.
#
# Environment:
#   WATCH_EVERY            seconds between two looks                            (required)
#   WATCH_ON_DRIFT         report or restore                                    (default report)
#   WATCH_MAX_RESTORES     how often it puts back within an hour                (default 3)
#   WATCH_CHECK_TIMEOUT    seconds that one look may take                       (default 60)
#   WATCH_FOLDER           where it keeps its own                               (default /run/watch)
#   WATCH_PAYLOAD          the mounted ConfigMap                                (default /payload)
#   WATCH_HOST_PAYLOAD     where the host has it                                (default /var/lib/selfheal/bootstrap/payload)
#   WATCH_TEXTFILE_FOLDER  the host's folder for metrics                        (default /var/lib/node-exporter/textfile)
#   WATCH_UPTIME           a file that begins with the seconds since boot       (default /proc/uptime)
# and what stage.sh takes.
#
# Exit status: 0 told to end, 1 bad settings. What it finds on the host never ends it.
set -eu

HOUR=3600

say() { printf 'watch: %s\n' "$1"; }

bad() {
  printf 'watch: %s: expected %s, got "%s"\n' "$1" "$2" "$3" >&2
  exit 1
}

# is_number TEXT: digits without a leading zero, few enough for the shell to count with.
is_number() {
  case $1 in
    '' | 0* | *[!0-9]* | ???????*) return 1 ;;
  esac
}

check_settings() {
  is_number "$WATCH_EVERY" || bad WATCH_EVERY seconds "$WATCH_EVERY"
  is_number "$WATCH_MAX_RESTORES" || bad WATCH_MAX_RESTORES 'a number' "$WATCH_MAX_RESTORES"
  is_number "$WATCH_CHECK_TIMEOUT" || bad WATCH_CHECK_TIMEOUT seconds "$WATCH_CHECK_TIMEOUT"
  case $WATCH_ON_DRIFT in
    report | restore) ;;
    *) bad WATCH_ON_DRIFT 'report or restore' "$WATCH_ON_DRIFT" ;;
  esac
  [ -d "$WATCH_FOLDER" ] || bad WATCH_FOLDER 'a folder' "$WATCH_FOLDER"
  [ -f "$WATCH_PAYLOAD/stage.sh" ] || bad WATCH_PAYLOAD 'a folder with stage.sh' "$WATCH_PAYLOAD"
  [ "$#" -gt 0 ] || bad arguments 'the way into the host' ''
}

# on_host SECONDS PROGRAM [ARGUMENT...]: a bound above the host's own, which alone reaches what was started there.
on_host() {
  seconds=$1
  shift
  timeout "$((seconds + 10))" "$@"
}

# look WAY...: sets kept, drifted, refused, unknown and "told", the lines that are not "kept".
look() {
  kept=0 drifted=0 refused=0 unknown=0 told='' status=0
  if /bin/sh "$WATCH_PAYLOAD/stage.sh" --check >"$WATCH_FOLDER/look" 2>&1; then
    on_host "$WATCH_CHECK_TIMEOUT" "$@" timeout --kill-after=5 "$WATCH_CHECK_TIMEOUT" \
      bash "$WATCH_HOST_PAYLOAD/converge.sh" --check >"$WATCH_FOLDER/look" 2>&1 || status=$?
  else
    printf 'drifted %s: the host has another payload, or none\n' "$WATCH_HOST_PAYLOAD" >"$WATCH_FOLDER/look"
    status=3
  fi
  while read -r line; do
    case $line in
      'kept '*) kept=$((kept + 1)) && continue ;;
      'drifted '*) drifted=$((drifted + 1)) ;;
      'refused '*) refused=$((refused + 1)) ;;
      'cannot-tell '*) unknown=$((unknown + 1)) ;;
    esac
    told="$told$line
"
  done <"$WATCH_FOLDER/look"
  # A look that ended otherwise than its lines say was cut off.
  case $status in
    0 | 2 | 3) ;;
    *) unknown=$((unknown + 1)) told="${told}cannot-tell $WATCH_HOST_PAYLOAD/converge.sh: it ended with $status
" ;;
  esac
  if [ "$status" -eq 2 ] && [ $((refused + unknown)) -eq 0 ]; then unknown=1; fi
  : >"$WATCH_FOLDER/looked"
}

# Whether another attempt may be made: at most so many within an hour, each after twice the pause of the one before.
may_restore() {
  read -r up _ <"$WATCH_UPTIME"
  up=${up%%.*}
  count=0 last=0 recent=''
  while read -r at; do
    # Later than now is a record of another boot.
    if [ "$at" -le "$up" ] && [ $((up - at)) -lt $HOUR ]; then
      count=$((count + 1)) last=$at recent="$recent$at
"
    fi
  done <"$WATCH_FOLDER/restores"
  printf '%s' "$recent" >"$WATCH_FOLDER/restores"
  held=1
  [ "$count" -lt "$WATCH_MAX_RESTORES" ] || return 1
  pause=$((count == 0 ? 0 : WATCH_EVERY << (count - 1)))
  if [ "$count" -gt 0 ] && [ $((up - last)) -lt "$pause" ]; then return 1; fi
  held=0
}

restore() {
  printf '%s\n' "$up" >>"$WATCH_FOLDER/restores"
  restores=$((restores + 1))
  say "putting back what was changed (${drifted} items; attempt $((count + 1)) of $WATCH_MAX_RESTORES within an hour)"
  # What it could not do is seen by the next look.
  /bin/sh "$WATCH_PAYLOAD/stage.sh" "$@" bash "$WATCH_HOST_PAYLOAD/converge.sh" || say 'not everything could be put back'
}

# Readiness follows what is known: a look that could not tell leaves it as it was.
tell() {
  if [ $((drifted + refused)) -gt 0 ]; then
    rm -f "$WATCH_FOLDER/ready"
  elif [ "$unknown" -eq 0 ]; then
    : >"$WATCH_FOLDER/ready"
  fi
  if [ "$told" != "$before" ]; then
    if [ -n "$told" ]; then printf '%s' "$told"; else say "the host is as described ($kept items)"; fi
    before=$told
  fi
  metrics | textfile "$@" || say "the metrics could not be written to $WATCH_TEXTFILE_FOLDER"
}

# textfile WAY...: what it reads becomes the host's file; nothing to read takes the file away.
textfile() {
  on_host 10 "$@" timeout --kill-after=5 10 \
    bash "$WATCH_HOST_PAYLOAD/textfile.sh" "$WATCH_TEXTFILE_FOLDER" selfheal_bootstrap.prom
}

metrics() {
  cat <<END
# TYPE selfheal_bootstrap_up gauge
selfheal_bootstrap_up $((unknown == 0))
# HELP selfheal_bootstrap_items What the description asks for on this host, by how it was found.
# TYPE selfheal_bootstrap_items gauge
selfheal_bootstrap_items{state="kept"} $kept
selfheal_bootstrap_items{state="drifted"} $drifted
selfheal_bootstrap_items{state="refused"} $refused
selfheal_bootstrap_items{state="cannot-tell"} $unknown
# HELP selfheal_bootstrap_restores_total How often this pod has put the host back.
# TYPE selfheal_bootstrap_restores_total counter
selfheal_bootstrap_restores_total $restores
# TYPE selfheal_bootstrap_restores_held gauge
selfheal_bootstrap_restores_held $held
$reboots
END
}

round() {
  held=0
  look "$@"
  if [ "$drifted" -gt 0 ] && [ "$WATCH_ON_DRIFT" = restore ] && may_restore; then
    printf '%s' "$told"
    restore "$@"
    look "$@"
  fi
  # What the host cannot tell of its reboot has no line, and is not 0.
  reboots=$(on_host 10 "$@" timeout --kill-after=5 10 bash "$WATCH_HOST_PAYLOAD/reboot-metrics.sh") || reboots=''
  tell "$@"
  WATCH_HOST_PAYLOAD=$WATCH_HOST_PAYLOAD /bin/sh "$WATCH_PAYLOAD/report.sh" "$@" || say 'nothing could be reported of the host'
}

end() {
  rm -f "$WATCH_FOLDER/ready"
  # Numbers that nobody renews would be read as today's.
  textfile "$@" </dev/null || say "the metrics could not be taken from $WATCH_TEXTFILE_FOLDER"
}

main() {
  : "${WATCH_EVERY:=}" "${WATCH_ON_DRIFT:=report}" "${WATCH_MAX_RESTORES:=3}" "${WATCH_CHECK_TIMEOUT:=60}"
  : "${WATCH_FOLDER:=/run/watch}" "${WATCH_PAYLOAD:=/payload}" "${WATCH_UPTIME:=/proc/uptime}"
  : "${WATCH_HOST_PAYLOAD:=/var/lib/selfheal/bootstrap/payload}" "${WATCH_TEXTFILE_FOLDER:=/var/lib/node-exporter/textfile}"
  check_settings "$@"
  before=none restores=0 ended='' sleeper=''
  : >>"$WATCH_FOLDER/restores"
  # No more than a note: what a trap runs sees the arguments of whatever function it broke into.
  trap 'ended=1' TERM INT
  while [ -z "$ended" ]; do
    round "$@"
    [ -z "$ended" ] || break
    # In the background, because a signal waits for what is in the foreground.
    sleep "$WATCH_EVERY" &
    sleeper=$!
    wait "$sleeper" || continue # told to end
  done
  [ -z "$sleeper" ] || kill "$sleeper" 2>/dev/null || true # it has
  end "$@"
}

main "$@"
