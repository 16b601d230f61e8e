#!/usr/bin/env bash
# report-boot.sh - part of host-report.sh: whether a reboot is due, and why. reboot-metrics.sh says it as well.
#
# Environment: that of host-report.sh.
# shellcheck disable=SC2034,SC2153,SC2154  # the parts share their variables

REASONS=(reboot-required kernel kernel-arguments)

tell_pending() {
  local running=null newest=null required=null why='' unknown='' reason
  local -A waits=()
  find_reasons
  for reason in "${REASONS[@]}"; do
    case ${waits[$reason]} in
      1) why+=",\"$reason\"" ;;
      '') unknown=1 ;;
    esac
  done
  case ${waits[reboot-required]} in
    0) required=false ;;
    1) required=true ;;
  esac
  field rebootRequired "$required"
  # What is known is a reason, whatever else is not known; nothing known is not none.
  if [[ -z $why && -n $unknown ]]; then field pending null; else field pending "[${why#,}]"; fi
  text "$running"
  [[ $running != null ]] || reply=null
  field runningKernel "$reply"
  text "$newest"
  [[ $newest != null ]] || reply=null
  field newestKernel "$reply"
}

# find_reasons: sets "waits" of each reason to 1 where a reboot waits for it, to 0 where none does, and to nothing where
# that cannot be told; "running" and "newest" to the kernels that are known.
find_reasons() {
  ask reboot-required distribution_asks
  ask kernel kernel_waits
  ask kernel-arguments arguments_wait
}

# ask REASON QUESTION: it ends with 0 for yes, 1 for no, anything else where it cannot tell.
ask() {
  local status=0
  "$2" || status=$?
  case $status in
    0) waits[$1]=1 ;;
    1) waits[$1]=0 ;;
    *) waits[$1]='' ;;
  esac
}

distribution_asks() {
  [[ -d $ROOT/run ]] || return 2
  [[ -e $ROOT/run/reboot-required ]]
}

kernel_waits() {
  local word
  read_word "$PROC_FOLDER/sys/kernel/osrelease" || return 2
  running=$word
  # What is installed brings its modules.
  [[ -d $ROOT/lib/modules ]] || return 1
  find_newest "$running" || return 2
  [[ $newest != "$running" ]]
}

# flavour_of KERNEL: sets "flavour": `generic` of 5.4.0-231-generic, `rpi-v8` of 6.6.31+rpt-rpi-v8. A Raspberry Pi has
# kernels of several of them beside each other, of which its firmware takes one.
flavour_of() {
  [[ $1 =~ ^[0-9][^-]*(-(rpi)?[0-9][^-]*)*(-(.+))?$ ]] || return 1
  flavour=${BASH_REMATCH[4]}
}

# find_newest RUNNING: sets "newest" to the newest kernel of its flavour that has its modules here, the running one
# included; a removed package leaves its folder behind, without modules.dep. 1 where that cannot be told.
find_newest() {
  local flavour wanted folder kernel all=$1 sorted
  flavour_of "$1" || return 1
  wanted=$flavour
  for folder in "$ROOT"/lib/modules/*/; do
    kernel=${folder%/} kernel=${kernel##*/}
    if ! flavour_of "$kernel" || [[ $flavour != "$wanted" || ! -f $folder/modules.dep ]]; then continue; fi
    # Where the running kernel's image stands by its name, so does that of one which can be booted.
    [[ ! -e $ROOT/boot/vmlinuz-$1 || -e $ROOT/boot/vmlinuz-$kernel ]] || continue
    all+=$'\n'$kernel
  done
  sorted=$(timeout -k 1 5 sort -V <<<"$all" 2>/dev/null) || return 1
  newest=${sorted##*$'\n'}
}

# Whether the running kernel lacks an argument that the plan asks for, as converge.sh tells it.
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
