#!/bin/sh
# install-prober.sh - put the prober onto a host outside the cluster; running it again changes nothing.
#
# Run as root on that host. `selfheal prober` prints it with its settings and the files that it puts there: the function
# `payload NAME`, whose text is the file. It asks nothing and deletes nothing; secrets it neither has nor makes.
#
# Environment:
#   SELFHEAL_INSTALL_CLUSTER  the cluster that is looked at                            (required)
#   SELFHEAL_INSTALL_FORM     ntfy | slack | webhook; empty where nobody is told
#   SELFHEAL_INSTALL_WEBHOOK  the file that holds the URL to post to; empty with FORM
#   SELFHEAL_INSTALL_FILES    "MODE PATH" of each file, joined by ";"                  (required)
#   SELFHEAL_INSTALL_ROOT     stands before every path; systemd is then left alone     (default: nothing)
#
# Exit status: 0 it looks, 2 refused, nothing was changed, 3 it looks, but something that it names is missing, 4 a step failed.

set -eu

main() {
  root=${SELFHEAL_INSTALL_ROOT-} missing=0
  umask 022
  [ "$(id -u)" -eq 0 ] || refuse "account: expected root, got $(id -un); run it with sudo"
  check_programs
  install_files
  start
  try_signs
  check_webhook
  [ "$missing" -eq 0 ] || exit 3
}

check_programs() {
  lacking=
  for program in bash timeout flock grep stat; do
    command -v "$program" >/dev/null || lacking="$lacking $program"
  done
  [ -n "$root" ] || command -v systemctl >/dev/null || lacking="$lacking systemctl"
  [ -z "$lacking" ] || refuse "programs: expected bash, timeout, flock, grep, stat and systemctl, missing:$lacking"
}

# Each under another name first, so that a look that is running reads the old file or the new one.
install_files() {
  rest=$SELFHEAL_INSTALL_FILES written=0 same=0
  while [ -n "$rest" ]; do
    entry=${rest%%;*}
    case $rest in *\;*) rest=${rest#*;} ;; *) rest= ;; esac
    mode=${entry%% *}
    file=$root${entry#* }
    [ ! -L "$file" ] || fail "file '$file': expected a file, got a symbolic link"
    [ ! -e "$file" ] || [ -f "$file" ] || fail "file '$file': expected a file, got something else"
    mkdir -p -- "${file%/*}" || fail "file '$file': its folder cannot be made"
    payload "${entry#* }" >"$file.new" || fail "file '$file': cannot be written"
    if [ -f "$file" ] && [ "$(cat -- "$file.new")" = "$(cat -- "$file")" ] && [ "$(stat -c 0%a -- "$file")" = "$mode" ]; then
      rm -f -- "$file.new"
      same=$((same + 1))
    else
      chmod "$mode" -- "$file.new"
      mv -f -- "$file.new" "$file" || fail "file '$file': cannot be written"
      written=$((written + 1))
    fi
  done
  mkdir -p -- "$root/var/lib/selfheal/reachability" || fail "folder '$root/var/lib/selfheal/reachability': cannot be made"
  say "$written files written, $same are there"
}

start() {
  [ -z "$root" ] || return 0
  [ "$written" -eq 0 ] || systemctl daemon-reload || fail 'systemctl daemon-reload: failed'
  systemctl enable --quiet --now reachability-prober.timer || fail 'reachability-prober.timer: cannot be started'
  [ "$written" -eq 0 ] || systemctl restart reachability-prober.timer || fail 'reachability-prober.timer: cannot be started anew'
  # The timer counts from the last look, which a timer that has just been started does not know.
  systemctl start reachability-prober.service || lack 'reachability-prober.service: the first look failed: journalctl -u reachability-prober.service'
  say "it looks at the nodes of $SELFHEAL_INSTALL_CLUSTER: sudo reachability-prober.sh --status"
}

# Two signs are better than one: without ping it takes ten minutes where it would take two.
try_signs() {
  status=0
  timeout 5 ping -n -q -c 1 -W 2 127.0.0.1 >/dev/null 2>&1 || status=$?
  [ "$status" -eq 0 ] || lack "ping: expected an answer of this host itself, got status $status; without it silence is told after five times as long (install ping: apt install iputils-ping)"
}

check_webhook() {
  if [ -z "$SELFHEAL_INSTALL_FORM" ]; then
    say 'nobody is told but its log: the description has no reachability.notify'
    return 0
  fi
  if [ ! -s "$root$SELFHEAL_INSTALL_WEBHOOK" ]; then
    lack "webhook: put its URL into $root$SELFHEAL_INSTALL_WEBHOOK, one line, for root alone: install -m 0600 /dev/stdin $root$SELFHEAL_INSTALL_WEBHOOK"
  elif [ "$(stat -c %a -- "$root$SELFHEAL_INSTALL_WEBHOOK")" != 600 ]; then
    lack "webhook: expected $root$SELFHEAL_INSTALL_WEBHOOK with mode 600, got $(stat -c %a -- "$root$SELFHEAL_INSTALL_WEBHOOK")"
  fi
  if grep -qs '^http:' -- "$root$SELFHEAL_INSTALL_WEBHOOK"; then return 0; fi
  command -v curl >/dev/null || { wget --version 2>/dev/null | grep -q '^GNU Wget'; } ||
    lack 'webhook: expected curl or GNU wget, got neither; bash alone posts to http:// only'
}

say() {
  printf 'prober: %s\n' "$1"
}

lack() {
  printf 'prober: %s\n' "$1" >&2
  missing=1
}

refuse() {
  printf 'prober: %s\n' "$1" >&2
  exit 2
}

fail() {
  printf 'prober: %s\n' "$1" >&2
  exit 4
}

main
