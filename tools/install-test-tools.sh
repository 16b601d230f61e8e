#!/usr/bin/env bash
# install-test-tools.sh - the programs beyond Node that the tests run, from Debian's or Ubuntu's packages.
#
# Installs only what is missing. Tools of test/host (real systemd machines) are installed by install-host-tools.sh.
#
# Exit status: 0 everything is there, 1 something is missing and could not be installed.
set -euo pipefail

# shellcheck source=tools/without-services.sh
. "$(dirname "${BASH_SOURCE[0]}")/without-services.sh"

# Program and the package that brings it.
readonly TOOLS=(
  'amtool prometheus-alertmanager'
  'base64 coreutils'
  'bash bash'
  'busybox busybox-static'
  'curl curl'
  'dash dash'
  'find findutils'
  'flock util-linux'
  'gawk gawk'
  'grep grep'
  'kubectl kubernetes-client'
  'mawk mawk'
  'md5sum coreutils'
  'original-awk original-awk'
  'prometheus-alertmanager prometheus-alertmanager'
  'promtool prometheus'
  'rrsync rsync'
  'rsync rsync'
  'setfacl acl'
  'setfattr attr'
  'setpriv util-linux'
  'setsid util-linux'
  'shellcheck shellcheck'
  'sshd openssh-server'
  'su util-linux'
  'systemd-analyze systemd'
  'unshare util-linux'
  'useradd passwd'
  'wget wget'
)

main() {
  PATH=$PATH:/usr/sbin:/sbin
  local packages
  packages=$(missing_packages)
  [[ -n $packages ]] || return 0
  if [[ $EUID -ne 0 ]]; then
    printf 'install-test-tools: expected root to install %s, got user %s; tests that need them are skipped\n' \
      "${packages//$'\n'/ }" "$EUID" >&2
    return 1
  fi
  printf 'install-test-tools: installing %s\n' "${packages//$'\n'/ }"
  local status=0
  install_packages "$packages" || status=$?
  packages=$(missing_packages)
  if [[ $status -ne 0 || -n $packages ]]; then
    printf 'install-test-tools: expected every tool, still missing: %s\n' "${packages//$'\n'/ }" >&2
    return 1
  fi
}

missing_packages() {
  local entry
  for entry in "${TOOLS[@]}"; do
    command -v "${entry%% *}" >/dev/null || printf '%s\n' "${entry##* }"
  done | sort -u
}

install_packages() {
  local -a names
  mapfile -t names <<<"$1"
  timeout 300 apt-get update -qq || return
  without_services timeout 600 apt-get install -y -qq --no-install-recommends "${names[@]}" >/dev/null
}

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then
  main "$@"
fi
