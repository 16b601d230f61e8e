#!/usr/bin/env bash
# install-cluster-tools.sh - the programs of test/live-cluster: Kubernetes' control plane, kubelet, kwok, Argo CD's controllers.
#
# Builds them from the Go modules in test/live-cluster/bench/go, each once: a module is built again when its go.mod,
# go.sum or main.go has changed, or how it is built here. What is built appears when it is whole. Redis, Git, OpenSSL and
# faketime come from Debian's or Ubuntu's packages.
#
# Environment:
#   CLUSTER_TOOLS       folder of what is built  (default /var/cache/selfheal/cluster-tools)
#   KUBEBUILDER_ASSETS  folder with etcd, kube-apiserver and kubectl, which the tests then take instead  (default: none)
#   SELFHEAL_TEST_KUBECONFIG  a cluster that the tests then take instead: nothing is built  (default: none)
#   BUILD_TIMEOUT       seconds that one module may take  (default 3600)
#
# Exit status: 0 everything is there, 1 something is missing and could not be built or installed.
set -euo pipefail

# shellcheck source=tools/without-services.sh
. "$(dirname "${BASH_SOURCE[0]}")/without-services.sh"

# Program and the package that brings it.
readonly PACKAGED=(
  'faketime faketime'
  'flock util-linux'
  'git git'
  'openssl openssl'
  'redis-server redis-server'
)

# Module, the package in it that is built, and the names by which the program is called.
readonly MODULES=(
  'controlplane . etcd kube-apiserver kube-controller-manager kube-scheduler kubectl'
  'kubelet . kubelet'
  'kwok sigs.k8s.io/kwok/cmd/kwok kwok'
  'argocd . argocd-application-controller argocd-repo-server'
)

# The oldest Go that compiles all of them.
readonly GO_MINOR=25

main() {
  SOURCES=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../test/live-cluster/bench/go
  TARGET=${CLUSTER_TOOLS:-/var/cache/selfheal/cluster-tools}
  PATH=$PATH:/usr/sbin:/sbin
  [[ $TARGET == /?* ]] || fail "CLUSTER_TOOLS: expected an absolute path, got '$TARGET'"
  check_assets
  [[ -z ${SELFHEAL_TEST_KUBECONFIG:-} ]] || return 0
  install_missing_packages
  # Somebody else may have built it, in a folder that is theirs.
  if is_all_provided; then return 0; fi
  mkdir -p "$TARGET" 2>/dev/null || fail "folder '$TARGET': expected to make it, got no permission; set CLUSTER_TOOLS"
  [[ -w $TARGET ]] || fail "folder '$TARGET': expected to write there, got no permission; set CLUSTER_TOOLS"

  # Two at once would build the same twice.
  exec 9>"$TARGET/.lock"
  timeout 7200 flock 9 || fail "folder '$TARGET': somebody else is building there for two hours"
  # Only a build that was killed leaves one: the lock is ours.
  rm -rf -- "$TARGET"/.building-*
  local entry
  for entry in "${MODULES[@]}"; do
    # Module, package and names are words of one entry.
    # shellcheck disable=SC2086
    provide $entry
  done
}

is_all_provided() {
  local entry
  for entry in "${MODULES[@]}"; do
    # shellcheck disable=SC2086  # as above
    is_provided $entry || return
  done
}

# Usage: is_provided MODULE PACKAGE NAME...
is_provided() {
  local built name
  built=$1-$(hash_of "$1")
  shift 2
  for name in "$@"; do
    [[ $(readlink "$TARGET/$name") == "$built/$name" && -e $TARGET/$name ]] || return
  done
}

check_assets() {
  local folder=${KUBEBUILDER_ASSETS:-} name
  [[ -n $folder ]] || return 0
  for name in etcd kube-apiserver kubectl; do
    [[ -x $folder/$name ]] || fail "KUBEBUILDER_ASSETS '$folder': expected $name in it, got none"
  done
}

# Usage: provide MODULE PACKAGE NAME...
provide() {
  local module=$1 package=$2 built name
  shift 2
  built=$module-$(hash_of "$module")
  if [[ ! -d $TARGET/$built ]]; then
    build "$module" "$package" "$built" "$@"
  fi
  for name in "$@"; do
    [[ $(readlink "$TARGET/$name") == "$built/$name" ]] && continue
    ln -sfn "$built/$name" "$TARGET/.link-$name"
    mv -T "$TARGET/.link-$name" "$TARGET/$name"
  done
  find "$TARGET" -mindepth 1 -maxdepth 1 -type d -name "$module-*" ! -name "$built" -exec rm -rf -- {} +
}

# What the program is made of, and how.
hash_of() {
  {
    declare -f build
    cat "$SOURCES/$1/go.mod" "$SOURCES/$1/go.sum"
    if [[ -f $SOURCES/$1/main.go ]]; then cat "$SOURCES/$1/main.go"; fi
  } | sha256sum | cut -c 1-16
}

# Usage: build MODULE PACKAGE FOLDER NAME...
build() {
  local module=$1 package=$2 built=$3 beside=$TARGET/.building-$1 start=$SECONDS flags='-s -w' kubernetes name
  shift 3
  check_go
  printf 'install-cluster-tools: building %s, minutes where nothing of it is in the cache yet\n' "$module"
  if [[ $module == controlplane ]]; then
    kubernetes=$(awk '$1 == "k8s.io/kubernetes" { print $2 }' "$SOURCES/$module/go.mod")
    # The API server says this version of itself, and kubectl asks for it.
    flags+=" -X k8s.io/component-base/version.gitVersion=$kubernetes"
    flags+=" -X k8s.io/component-base/version.gitMajor=1 -X k8s.io/component-base/version.gitMinor=${kubernetes:3:2}"
  fi
  mkdir "$beside"
  (
    cd "$SOURCES/$module"
    # What a debugger would read is stripped below, so it need not be made; and the compiler collects less garbage, for more
    # memory. Both together save a fifth of the processor time.
    CGO_ENABLED=0 GOGC=400 timeout "${BUILD_TIMEOUT:-3600}" go build -mod=readonly -buildvcs=false -trimpath \
      -gcflags=all=-dwarf=false -ldflags "$flags" -o "$beside/$module.program" "$package"
  ) || fail "module '$module': expected it to compile, see above"
  for name in "$@"; do ln -s "$module.program" "$beside/$name"; done
  mv -T "$beside" "$TARGET/$built"
  printf 'install-cluster-tools: built %s in %s s\n' "$module" "$((SECONDS - start))"
}

check_go() {
  local version
  command -v go >/dev/null || fail "Go: expected 1.$GO_MINOR or newer on the PATH, got none; https://go.dev/dl has it"
  version=$(timeout 60 go env GOVERSION)
  [[ $version =~ ^go1\.([0-9]+) && ${BASH_REMATCH[1]} -ge $GO_MINOR ]] ||
    fail "Go: expected 1.$GO_MINOR or newer on the PATH, got $version; https://go.dev/dl has it"
}

install_missing_packages() {
  local entry packages=()
  for entry in "${PACKAGED[@]}"; do
    command -v "${entry%% *}" >/dev/null || packages+=("${entry##* }")
  done
  [[ ${#packages[@]} -gt 0 ]] || return 0
  [[ $EUID -eq 0 ]] || fail "expected root to install ${packages[*]}, got user $EUID"
  printf 'install-cluster-tools: installing %s\n' "${packages[*]}"
  { timeout 300 apt-get update -qq &&
    without_services timeout 600 apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null; } ||
    fail "packages ${packages[*]}: expected apt to install them, see above"
}

fail() {
  printf 'install-cluster-tools: %s\n' "$1" >&2
  exit 1
}

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then
  main "$@"
fi
