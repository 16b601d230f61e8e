#!/usr/bin/env bash
# fetch-arm64-host.sh - the programs of a Raspberry Pi that a pod borrows: rsync, ssh, find, and their libraries.
#
# Real arm64 packages, unpacked into a folder and run under qemu-aarch64-static; nothing of them is installed, and apt
# keeps its lists in a folder of its own, so the machine's packages and architectures stay as they are.
#
# Environment:
#   ARM64_MIRROR  a Debian mirror                                        (required)
#   ARM64_HOST    where the unpacked programs are kept                   (default /var/cache/selfheal/arm64-host)
#   ARM64_SUITE   the release: trixie has the rsync and OpenSSH of Ubuntu 25.10  (default trixie)
#
# Exit status: 0 fetched or already there, 1 no mirror given, or the packages cannot be had.
set -euo pipefail

main() {
  : "${ARM64_HOST:=/var/cache/selfheal/arm64-host}" "${ARM64_SUITE:=trixie}"
  if [[ -z ${ARM64_MIRROR-} ]]; then
    printf "fetch-arm64-host: ARM64_MIRROR: expected a Debian mirror, got nothing\n" >&2
    exit 1
  fi
  [[ ! -d $ARM64_HOST ]] || exit 0
  work=$(mktemp -d)
  trap 'rm -rf -- "$work"' EXIT
  mkdir -p "$work"/{lists/partial,archives/partial,root} "${ARM64_HOST%/*}"
  : >"$work/status"
  printf 'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] %s %s main\n' \
    "$ARM64_MIRROR" "$ARM64_SUITE" >"$work/sources"
  apt 300 update -q
  apt 600 install -q -y --download-only --no-install-recommends rsync openssh-client findutils util-linux
  local package
  for package in "$work"/archives/*.deb; do
    timeout 60 dpkg-deb -x "$package" "$work/root"
  done
  # Only what a pod is shown: the host's /usr, of which /lib is a part.
  rm -rf -- "$ARM64_HOST.part"
  mkdir "$ARM64_HOST.part"
  mv "$work/root/usr" "$ARM64_HOST.part/usr"
  mv "$ARM64_HOST.part" "$ARM64_HOST"
}

apt() {
  local seconds=$1
  shift
  timeout "$seconds" apt-get -o APT::Architecture=arm64 -o APT::Architectures=arm64 -o Dir::State="$work" \
    -o Dir::State::lists="$work/lists" -o Dir::State::status="$work/status" -o Dir::Cache="$work" \
    -o Dir::Cache::archives="$work/archives" -o Dir::Etc::SourceList="$work/sources" -o Dir::Etc::SourceParts=/dev/null \
    -o APT::Sandbox::User=root -o Debug::NoLocking=true "$@"
}

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then
  main "$@"
fi
