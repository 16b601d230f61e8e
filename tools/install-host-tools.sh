#!/usr/bin/env bash
# install-host-tools.sh - what `npm run test:host` needs on a Debian or Ubuntu machine: root, systemd machines, a template.
#
# Environment:
#   HOST_TEMPLATE  where the root file system of the test machines is kept  (default /var/cache/selfheal/host-template)
#   HOST_SUITE     the Debian release of the machines                       (default bookworm)
#
# Exit status: 0 installed or already there, 1 not root, or no mirror to install from.
set -euo pipefail

# shellcheck source=tools/without-services.sh
. "$(dirname "${BASH_SOURCE[0]}")/without-services.sh"

main() {
  : "${HOST_TEMPLATE:=/var/cache/selfheal/host-template}" "${HOST_SUITE:=bookworm}"
  if [[ $EUID -ne 0 ]]; then
    printf 'install-host-tools: expected root, got user %s\n' "$EUID" >&2
    exit 1
  fi
  # What the other suites in test/host need is part of the list: a real sshd, a real containerd, clocks that
  # step, networks that can be cut, disks that are full, the way of an alert.
  timeout 900 apt-get update
  without_services timeout 900 apt-get install -y --no-install-recommends \
    systemd-container debootstrap busybox-static containerd runc openssh-server openssh-client rsync \
    e2fsprogs faketime iproute2 iptables mount qemu-user-static prometheus prometheus-node-exporter prometheus-alertmanager
  local mirror
  mirror=$(mirror_of_this_machine)
  ARM64_MIRROR=$mirror timeout 1200 "${BASH_SOURCE[0]%/*}/fetch-arm64-host.sh"
  if [[ ! -d $HOST_TEMPLATE ]]; then
    mkdir -p "${HOST_TEMPLATE%/*}"
    rm -rf -- "$HOST_TEMPLATE.part"
    timeout 1800 debootstrap --variant=minbase --include=systemd,systemd-sysv,dbus,util-linux,procps \
      "$HOST_SUITE" "$HOST_TEMPLATE.part" "$mirror"
    mv "$HOST_TEMPLATE.part" "$HOST_TEMPLATE"
  fi
}

mirror_of_this_machine() {
  local line
  while read -r line; do
    if [[ $line =~ ^URIs:[[:blank:]]*([^[:blank:]]+) || $line =~ ^deb[[:blank:]]+(http[^[:blank:]]+) ]]; then
      printf '%s' "${BASH_REMATCH[1]}"
      return
    fi
  done < <(cat /etc/apt/sources.list.d/*.sources /etc/apt/sources.list 2>/dev/null)
  printf "install-host-tools: apt's sources: expected a mirror, got none\n" >&2
  return 1
}

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then
  main "$@"
fi
