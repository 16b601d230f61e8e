#!/usr/bin/env bash
# report-boot.sh - part of host-report.sh: whether a reboot is due, and why.
#
# Environment: that of host-report.sh.
# shellcheck disable=SC2153,SC2154  # the parts share their variables

tell_pending() {
  local required=null running=null newest=null why='' status=0 word
  if [[ -d $ROOT/run ]]; then
    required=false
    if [[ -e $ROOT/run/reboot-required ]]; then
      required=true
      why=',"reboot-required"'
    fi
  fi
  if read_word "$PROC_FOLDER/sys/kernel/osrelease"; then
    running=$word
    find_newest "$running"
    if [[ $newest != null && $newest != "$running" ]]; then why+=',"kernel"'; fi
  fi
  arguments_wait || status=$?
  case $status in
    0) why+=',"kernel-arguments"' ;;
    1) ;;
    # Nobody knows what waits: what is known is still a reason, and nothing known is not none.
    *) [[ -n $why ]] || why=unknown ;;
  esac
  field rebootRequired "$required"
  if [[ $why == unknown || $required == null ]]; then field pending null; else field pending "[${why#,}]"; fi
  text "$running"
  [[ $running != null ]] || reply=null
  field runningKernel "$reply"
  text "$newest"
  [[ $newest != null ]] || reply=null
  field newestKernel "$reply"
}

# flavour_of KERNEL: sets "flavour": `generic` of 5.4.0-231-generic, `rpi-v8` of 6.6.31+rpt-rpi-v8. A Raspberry Pi has
# kernels of several of them beside each other, of which its firmware takes one.
flavour_of() {
  [[ $1 =~ ^[0-9][^-]*(-(rpi)?[0-9][^-]*)*(-(.+))?$ ]] || return 1
  flavour=${BASH_REMATCH[4]}
}

# find_newest RUNNING: sets "newest" to the newest kernel of its flavour that has its modules here, the running one
# included; a removed package leaves its folder behind, without modules.dep.
find_newest() {
  local flavour wanted folder kernel all=$1 sorted
  flavour_of "$1" || return 0
  wanted=$flavour
  [[ -d $ROOT/lib/modules ]] || return 0
  for folder in "$ROOT"/lib/modules/*/; do
    kernel=${folder%/} kernel=${kernel##*/}
    if ! flavour_of "$kernel" || [[ $flavour != "$wanted" || ! -f $folder/modules.dep ]]; then continue; fi
    # Where the running kernel's image stands by its name, so does that of one which can be booted.
    [[ ! -e $ROOT/boot/vmlinuz-$1 || -e $ROOT/boot/vmlinuz-$kernel ]] || continue
    all+=$'\n'$kernel
  done
  sorted=$(timeout -k 1 5 sort -V <<<"$all" 2>/dev/null) || return 0
  newest=${sorted##*$'\n'}
}

# Whether the running kernel lacks an argument that the plan asks for: 0 yes, 1 no, 2 cannot tell. As converge.sh tells it.
arguments_wait() {
  local told
  [[ -r $PROC_FOLDER/cmdline && -f $HERE/plan ]] || return 2
  told=$(waiting_arguments 2>/dev/null) || return 2
  [[ -n $told ]]
}

# In a shell of its own: the parts of converge.sh have variables of the same names, and end it where the plan is wrong.
waiting_arguments() (
  # Its folder is where converge.sh keeps what it remembers.
  CONVERGE_ROOT=$ROOT PAYLOAD=$HERE STATE_PATH=${HERE%/*}
  # shellcheck source=paths.sh
  source "$HERE/paths.sh"
  # shellcheck source=cmdline.sh
  source "$HERE/cmdline.sh"
  # shellcheck source=plan.sh
  source "$HERE/plan.sh"
  say() { printf '%s\n' "$*"; }
  read_plan
  tell_pending_arguments "${arguments[@]}"
)
