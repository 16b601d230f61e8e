#!/usr/bin/env bash
# report-disks.sh - part of host-report.sh: how much room its disks have, and when its certificates end.
#
# Environment: that of host-report.sh.
# shellcheck disable=SC2154  # the parts share their variables

# Paths on one file system are told once, by the first of them.
tell_disks() {
  local path paths=() lines line id blocks free nodes left percent least read_only list='' seen=' '
  for path in $REPORT_DISKS; do
    [[ ! $path =~ ^/[A-Za-z0-9_./-]*$ || ! -e $ROOT$path ]] || paths+=("$ROOT$path")
  done
  # A path that hangs takes the others with it: then nothing is known of them.
  lines=$(timeout -k 1 5 stat -f -c '%i %b %a %c %d %n' -- ${paths[@]+"${paths[@]}"} 2>/dev/null) || lines=''
  while read -r id blocks free nodes left path; do
    [[ $blocks =~ ^[0-9]+$ && $free =~ ^[0-9]+$ && $nodes =~ ^[0-9]+$ && $left =~ ^[0-9]+$ ]] || continue
    # Some file systems have no id.
    [[ $seen != *" $id "* || $id == 0 ]] || continue
    seen+="$id "
    least=null
    for line in "$blocks $free" "$nodes $left"; do
      # One without a fixed number of inodes says 0.
      [[ ${line% *} != 0 ]] || continue
      percent=$((${line#* } * 100 / ${line% *}))
      if [[ $least == null ]] || ((percent < least)); then least=$percent; fi
    done
    path=${path#"$ROOT"} path=${path:-/}
    is_read_only "$path"
    list+="${list:+,}{\"path\":\"$path\",\"freePercent\":$least,\"readOnly\":$read_only}"
  done <<<"$lines"
  if [[ -n $list ]]; then field disks "[$list]"; else field disks null; fi
}

# is_read_only PATH: sets "read_only", also of a file system that became so by an error. As the kernel says it: what this
# program may write says nothing, since the pod that asks has not all rights of root.
is_read_only() {
  local on options longest='' _
  read_only=null
  while read -r _ on _ options _; do
    [[ $1/ == "${on%/}"/* && ${#on} -ge ${#longest} ]] || continue
    longest=$on
    case ,$options, in
      *,ro,*) read_only=true ;;
      *) read_only=false ;;
    esac
  done < <(cat "$PROC_FOLDER/self/mounts" 2>/dev/null)
}

# Of each folder the certificate that ends first. One that cannot be read may be that one.
tell_certificates() {
  local folder file list='' ends first first_file ok reply
  for folder in ${REPORT_CERTIFICATES:-}; do
    [[ $folder =~ ^/[A-Za-z0-9_./-]+$ ]] || continue
    first='' first_file='' ok=yes
    for file in "$ROOT$folder"/*.crt; do
      if ! end_of "$file"; then
        first_file=$file ok=''
        break
      fi
      if [[ -z $first || $ends -lt $first ]]; then first=$ends first_file=$file; fi
    done
    [[ -n $first_file ]] || continue
    text "${first_file#"$ROOT"}"
    if [[ -z $ok ]]; then ends=null; else days "$first"; fi
    list+="${list:+,}{\"path\":$reply,\"daysLeft\":$ends}"
  done
  if [[ -n $list ]]; then field certificates "[$list]"; else field certificates null; fi
}

# Sets "ends" to the seconds since 1970 at which a certificate does.
end_of() {
  local text
  text=$(timeout -k 1 5 openssl x509 -noout -enddate -in "$1" 2>/dev/null) || return 1
  [[ $text == notAfter=* ]] || return 1
  ends=$(timeout -k 1 5 date -u -d "${text#notAfter=}" +%s 2>/dev/null) || return 1
  [[ $ends =~ ^-?[0-9]+$ ]]
}

# days SECONDS: sets "ends" to the whole days until then by the host's clock; one that has ended has fewer than none.
days() {
  local now
  printf -v now '%(%s)T' -1
  ends=$((($1 - now) / 86400))
  (($1 > now)) || ends=$((ends - 1))
}
