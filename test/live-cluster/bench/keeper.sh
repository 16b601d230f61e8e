#!/usr/bin/env bash
# keeper.sh - ends everything that a bench started, once the test that started it has ended, in whatever way.
#
# Waits until its standard input is closed: by the test, or by the kernel when the test's process dies. Then it kills
# every process that has SELFHEAL_BENCH=<folder> in its environment or works in the folder, and removes the folder.
#
# Usage: keeper.sh FOLDER   the bench's own folder, whose name ends in /selfheal-bench-<letters>
#
# Exit status: 0 all ended, 1 bad settings, 2 something would not end within 10 s, or is mounted in the folder.
set -euo pipefail

main() {
  local folder=${1:-}
  if [[ ! $folder =~ ^/.*/selfheal-bench-[A-Za-z0-9]+$ || ! -d $folder || -L $folder ]]; then
    printf "keeper: folder '%s': expected a bench's folder\n" "$folder" >&2
    return 1
  fi
  # An interrupt at the terminal reaches the test, whose end we wait for.
  trap '' INT TERM HUP
  cat >/dev/null
  local deadline=$((SECONDS + 10)) found
  while found=$(started_for "$folder") && [[ -n $found ]]; do
    if ((SECONDS >= deadline)); then
      printf "keeper: processes of '%s': expected all to end, still there: %s\n" "$folder" "${found//$'\n'/ }" >&2
      return 2
    fi
    # One that ended in the meantime is what we want.
    xargs -r kill -KILL 2>/dev/null <<<"$found" || true
    sleep 0.05
  done
  if grep -qF " $folder/" /proc/self/mountinfo; then
    printf "keeper: folder '%s': expected nothing mounted below it, left as it is\n" "$folder" >&2
    return 2
  fi
  # Argo CD's repo-server takes away its own right to read what it checked out. Each folder is opened before it is entered.
  find "$folder" -type d ! -perm -u=rwx -exec chmod u+rwx {} \;
  rm -rf -- "$folder"
}

# Prints the ids of the processes that were started for this bench.
started_for() {
  # Processes come and go while the lists are read, and others belong to somebody else: both are none of ours.
  {
    grep -lszxF -- "SELFHEAL_BENCH=$1" /proc/[0-9]*/environ || true
    # Redis writes its title over its environment.
    find /proc/[0-9]*/cwd -maxdepth 0 \( -lname "$1" -o -lname "$1/*" \) 2>/dev/null || true
  } | cut -d / -f 3 | sort -u
}

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then
  main "$@"
fi
