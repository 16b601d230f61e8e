#!/usr/bin/env bash
# probe.sh - part of converge.sh: what is on the host, asked once for all items.
#
# Every question of its own is a process of its own, and on a small board forty of these are a second.
#
# Environment: that of converge.sh.
# shellcheck disable=SC2034,SC2154  # the parts share their variables

# By path on the host: sha256 of a file, "mode owner:group", size, and why a question failed. By name: sha256 in the payload.
declare -gA hash_at=() access_at=() size_at=() doubt_at=() payload_hash=()

# lines_of COMMAND...: all that it says, into "lines". Bash reads a pipe line by line one byte at a time.
lines_of() {
  local text IFS=$'\n' -
  set -f
  text=$(run "$@" 2>&1) || true # what failed stands among the lines
  # shellcheck disable=SC2206  # parted at line ends alone
  lines=($text)
}

# probe_files PATH...: of the host; the payload is hashed in the same stroke.
probe_files() {
  local path line all=() read=() lines=()
  for path in "$@"; do
    doubt_at[$path]=''
    all+=("$CONVERGE_ROOT$path")
    # A link or a pipe is never opened.
    if [[ -f $CONVERGE_ROOT$path && ! -L $CONVERGE_ROOT$path ]]; then read+=("$CONVERGE_ROOT$path"); fi
  done
  for path in "${payloads[@]}"; do read+=("$PAYLOAD/$path"); done
  if [[ ${#read[@]} -gt 0 ]]; then
    lines_of sha256sum -- "${read[@]}"
    for line in "${lines[@]}"; do
      # "HASH  PATH", or what sha256sum complains of.
      if [[ ! $line =~ ^\\?([0-9a-f]{64})\ [\ *](.+)$ ]]; then
        note_doubt "$line"
      elif [[ ${BASH_REMATCH[2]} == "$PAYLOAD"/* ]]; then
        payload_hash[${BASH_REMATCH[2]##*/}]=${BASH_REMATCH[1]}
      else
        hash_at[${BASH_REMATCH[2]#"$CONVERGE_ROOT"}]=${BASH_REMATCH[1]}
      fi
    done
  fi
  if [[ ${#all[@]} -gt 0 ]]; then
    lines_of stat -c '%04a %u:%g %s %n' -- "${all[@]}"
    for line in "${lines[@]}"; do
      if [[ $line =~ ^([0-7]+\ [0-9]+:[0-9]+)\ ([0-9]+)\ (.+)$ ]]; then
        path=${BASH_REMATCH[3]#"$CONVERGE_ROOT"}
        access_at[$path]=${BASH_REMATCH[1]} size_at[$path]=${BASH_REMATCH[2]}
      else
        note_doubt "$line"
      fi
    done
  fi
}

# note_doubt COMPLAINT: "sha256sum: PATH: Input/output error", "stat: cannot statx 'PATH': …".
note_doubt() {
  local path
  # What is not there is known not to be there.
  [[ $1 != *': No such file or directory' && $1 != *': Not a directory' ]] || return 0
  for path in "${!doubt_at[@]}"; do
    [[ $1 != *"$CONVERGE_ROOT$path': "* && $1 != *"$CONVERGE_ROOT$path: "* ]] || doubt_at[$path]=${1##*: }
  done
}

# By unit, as systemd says it: UnitFileState, ActiveState, Type (with RemainAfterExit) and InvocationID.
declare -gA enabled_at=() active_at=() type_at=() invocation_at=()

# probe_units UNIT...
probe_units() {
  local line unit=0 text
  [[ $# -gt 0 ]] || return 0
  enabled_at=() active_at=() type_at=() invocation_at=()
  text=$(run systemctl show --property=UnitFileState,ActiveState,Type,RemainAfterExit,InvocationID -- "$@" 2>/dev/null) ||
    text=''
  [[ -n $text ]] || return 0
  local names=("$@") name=$1
  while IFS= read -r line; do
    case $line in
      # Units are answered in the order in which they were asked for, parted by empty lines.
      '') unit=$((unit + 1)) && name=${names[unit]:-} ;;
      UnitFileState=*) enabled_at[$name]=${line#*=} ;;
      ActiveState=*) active_at[$name]=${line#*=} ;;
      Type=*) type_at[$name]=${line#*=}${type_at[$name]:-} ;;
      RemainAfterExit=yes) type_at[$name]=${type_at[$name]:-}-remains ;;
      InvocationID=*) invocation_at[$name]=${line#*=} ;;
    esac
  done <<<"$text"
}
