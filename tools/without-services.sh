# shellcheck shell=bash
# without-services.sh - install packages without starting what they bring; sourced by the install scripts beside it.

readonly POLICY=/usr/sbin/policy-rc.d

# Runs a command; no service may start on a machine that only runs tests. One that has said so before goes on saying it.
without_services() {
  if [[ -e $POLICY ]]; then
    DEBIAN_FRONTEND=noninteractive "$@"
    return
  fi
  local status=0
  printf '#!/bin/sh\nexit 101\n' >"$POLICY"
  chmod 0755 "$POLICY"
  DEBIAN_FRONTEND=noninteractive "$@" || status=$?
  rm -f "$POLICY"
  return "$status"
}
