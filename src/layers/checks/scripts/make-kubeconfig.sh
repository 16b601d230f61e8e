#!/usr/bin/env bash
# make-kubeconfig.sh [GROUP] - write the kubeconfig by which NRPE may ask the API server what the checks need, no more.
#
# Run it once on a host with admin rights (a control plane), as root; the file also works on the other hosts, where it is
# to be copied with the same owner and mode. It holds the token of the ServiceAccount selfheal-checks. GROUP may read it
# (default nagios, as whom NRPE runs).
#
# Environment:
#   CHECKS_ADMIN_KUBECTL   kubectl with admin rights, its words separated by one blank
#   CHECKS_KUBECONFIG      the file                                 (default /etc/selfheal/checks.kubeconfig)
#   CHECKS_NAMESPACE       where the ServiceAccount is
#   CHECKS_SERVER          the API server, as https://address:port
#   CHECKS_SETTINGS_FILE   what is not set above comes from there   (default /etc/selfheal/checks.env)
#
# Exit status: 0 the file is as it should be already, 1 bad settings or usage, 2 cannot tell: the token could not be
# read or the file not written, 3 written.
set -euo pipefail
export LC_ALL=C
umask 077

main() {
  local group=${1:-nagios} token authority text
  read_settings_file
  FILE=${CHECKS_KUBECONFIG:-/etc/selfheal/checks.kubeconfig} NAMESPACE=${CHECKS_NAMESPACE:-} SERVER=${CHECKS_SERVER:-}
  [[ $# -le 1 && $group =~ ^[a-z_][a-z0-9_-]*$ ]] || fail 1 "group '$group': expected the name of one group"
  [[ $FILE == /?* ]] || fail 1 "setting 'CHECKS_KUBECONFIG': expected an absolute path, got '$FILE'"
  [[ $NAMESPACE =~ ^[a-z0-9-]+$ ]] || fail 1 "setting 'CHECKS_NAMESPACE': expected a namespace, got '$NAMESPACE'"
  [[ $SERVER =~ ^https://([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\]):[0-9]+$ ]] || fail 1 "setting 'CHECKS_SERVER': expected https://address:port, got '$SERVER'"
  token=$(secret token) || fail 2 "Secret '$NAMESPACE/selfheal-checks-token': expected a token in it, got an error"
  token=$(base64 -d <<<"$token") || fail 2 "Secret '$NAMESPACE/selfheal-checks-token': expected a token, got something else"
  authority=$(secret 'ca\.crt') || fail 2 "Secret '$NAMESPACE/selfheal-checks-token': expected ca.crt in it, got an error"
  [[ -n $token && -n $authority ]] ||
    fail 2 "Secret '$NAMESPACE/selfheal-checks-token': expected a token and ca.crt, which a controller writes, got neither yet"
  text="apiVersion: v1
kind: Config
clusters: [{name: cluster, cluster: {server: \"$SERVER\", certificate-authority-data: \"$authority\"}}]
users: [{name: selfheal-checks, user: {token: \"$token\"}}]
contexts: [{name: checks, context: {cluster: cluster, user: selfheal-checks}}]
current-context: checks"
  if [[ -f $FILE && ! -L $FILE && $(<"$FILE") == "$text" && $(timeout 5 stat -c '%a %G' -- "$FILE") == "640 $group" ]]; then
    printf "make-kubeconfig: '%s' is as it should be\n" "$FILE"
    return
  fi
  write "$text" "$group"
  printf "make-kubeconfig: '%s' written, for the group %s to read\n" "$FILE" "$group"
  exit 3
}

# What stands in the file is read as text, not run.
read_settings_file() {
  local line file=${CHECKS_SETTINGS_FILE:-/etc/selfheal/checks.env}
  [[ -r $file ]] || return 0
  while read -r line || [[ -n $line ]]; do
    [[ $line =~ ^(CHECKS_[A-Z_]+)=\"?([^\"]*)\"?$ ]] || continue
    [[ -v ${BASH_REMATCH[1]} ]] || printf -v "${BASH_REMATCH[1]}" '%s' "${BASH_REMATCH[2]}"
  done <"$file"
}

secret() {
  local kubectl
  read -ra kubectl <<<"${CHECKS_ADMIN_KUBECTL:-kubectl}"
  timeout -k 2 30 "${kubectl[@]}" get secret selfheal-checks-token -n "$NAMESPACE" -o jsonpath="{.data.$1}" </dev/null
}

# Its reader never sees half of it, and nobody else any of it.
write() {
  { printf '%s\n' "$1" >"$FILE.new" && chgrp "$2" "$FILE.new" && chmod 0640 "$FILE.new" && mv -fT "$FILE.new" "$FILE"; } || {
    rm -f "$FILE.new"
    fail 2 "'$FILE': expected to write it for the group '$2', could not"
  }
}

fail() {
  printf 'make-kubeconfig: %s\n' "$2" >&2
  exit "$1"
}

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then
  main "$@"
fi
