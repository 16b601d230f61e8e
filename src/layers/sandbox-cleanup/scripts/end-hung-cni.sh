#!/usr/bin/env bash
# end-hung-cni.sh - end a process of a network plugin that keeps containerd from giving a sandbox's name free.
#
# containerd ends a plugin when the kubelet's time is over, but waits for everybody who holds the plugin's output. A
# helper of the plugin that hangs holds it: the call never ends, and each retry meets "name is reserved for". Ended are
# only processes older than the limit with CNI_COMMAND and CNI_CONTAINERID in their environment whose output is a pipe
# that the node's containerd reads. A daemon that a plugin started holds no such pipe.
#
# Environment: that of pre-start-cleanup.sh.
#
# Exit status: 0 nothing to do, 1 bad settings, 2 cannot tell, 3 ended one.
# shellcheck source-path=SCRIPTDIR
set -euo pipefail
export LC_ALL=C

LIBRARY=${SANDBOX_CLEANUP_LIBRARY:-/usr/local/lib/selfheal/sandbox-cleanup}
# shellcheck source=settings.sh
source "$LIBRARY/settings.sh"

# The unit of time in /proc/PID/stat is the same on every architecture that Kubernetes runs on.
readonly TICKS_A_SECOND=100

# pids of processes that a CNI runtime started, oldest pids first.
cni_processes() {
  local status=0 files
  # Thousands of names are no problem for a builtin's pipe; grep's status 2 only says that a process ended meanwhile.
  files=$(printf '%s\0' "$PROC"/[0-9]*/environ | timeout -k 2 20 xargs -0 -r grep -lsz '^CNI_COMMAND=') || status=$?
  ((status == 0 || status == 123)) || return 1
  [[ -z $files ]] || printf '%s\n' "$files" | sed -n 's#^.*/\([0-9][0-9]*\)/environ$#\1#p'
}

# 1: the process has ended, though its parent may not have asked how.
started_at() {
  local stat words
  read -r stat 2>/dev/null <"$PROC/$1/stat" || return 1
  read -r -a words <<<"${stat##*) }"
  [[ ${words[0]} != Z ]] || return 1
  printf '%s' "${words[19]}"
}

# "COMMAND ID" of the call that a process belongs to.
call_of() {
  local words word command='' id=''
  mapfile -d '' -t words 2>/dev/null <"$PROC/$1/environ" || return 1
  for word in "${words[@]}"; do
    case $word in
      CNI_COMMAND=*) command=${word#*=} ;;
      CNI_CONTAINERID=*) id=${word#*=} ;;
    esac
  done
  [[ $command =~ ^(ADD|DEL|CHECK)$ && $id =~ ^[0-9a-f]{64}$ ]] || return 1
  printf '%s %s' "$command" "$id"
}

# The pipes that the node's containerd holds. 1: there is no such process.
pipes_of_containerd() {
  local folder name program expected found=1
  expected=$(readlink -e "$CONTAINERD_PROGRAM") || return 1
  for folder in "$PROC"/[0-9]*; do
    read -r name 2>/dev/null <"$folder/comm" || continue
    [[ $name == containerd ]] || continue
    program=$(readlink "$folder/exe") || continue # it has ended
    [[ $program == "$expected" ]] || continue
    found=0
    timeout -k 2 10 find "$folder/fd" -lname 'pipe:*' -printf '%l\n' 2>/dev/null || true # one may be closed meanwhile
  done
  return "$found"
}

# Whether standard output or error of a process is one of the pipes.
holds_one_of() {
  local fd link
  for fd in 1 2; do
    link=$(readlink "$PROC/$1/fd/$fd" 2>/dev/null) || continue
    [[ -n $link && $'\n'$2$'\n' == *$'\n'"$link"$'\n'* ]] && return 0
  done
  return 1
}

# A number is given anew to another process: the start tells them apart.
end_process() {
  local pid=$1 start=$2 now signal
  for signal in TERM KILL; do
    now=$(started_at "$pid") || return 0
    [[ $now == "$start" ]] || return 0
    kill -s "$signal" "$pid" 2>/dev/null || true # it may be gone already
    for _ in {1..20}; do
      now=$(started_at "$pid") && [[ $now == "$start" ]] || return 0
      timeout 2 sleep 0.1
    done
  done
  log warning "process $pid of a network plugin does not end, not even by SIGKILL: only a reboot helps"
  return 1
}

main() {
  local pids pid start call pipes='' uptime='' age status=0
  read_settings
  read -r uptime _ 2>/dev/null <"$PROC/uptime" || true # then it is empty
  [[ $uptime =~ ^[0-9]+ ]] || { log warning "no uptime in '$PROC'" && exit 2; }
  pids=$(cni_processes) || { log warning "processes in '$PROC' cannot be searched" && exit 2; }
  for pid in $pids; do
    start=$(started_at "$pid") || continue
    age=$((${uptime%.*} - start / TICKS_A_SECOND))
    ((age >= HUNG_CNI_SECONDS)) || continue
    call=$(call_of "$pid") || continue
    [[ -n $pipes ]] || pipes=$(pipes_of_containerd) || { log warning "no process of '$CONTAINERD_PROGRAM'" && exit 2; }
    holds_one_of "$pid" "$pipes" || continue
    log notice "ending process $pid of a network plugin: $call has not ended for $age s and keeps the sandbox's name"
    if end_process "$pid" "$start"; then status=3; else status=2; fi
  done
  exit "$status"
}

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then
  main "$@"
fi
