#!/usr/bin/env bash
# check_backup_age.sh [-w RANGE] [-c RANGE] [-t SECONDS] - how old is the last good backup of each CronJob?
#
# By status.lastSuccessfulTime of the CronJob, or its newest finished Job (Kubernetes before 1.21 has no such field); on
# the host that makes the backup also by what the run itself wrote: a run whose hook failed made a good snapshot. One that
# never succeeded counts from its creation. The ranges are for the age in seconds of each.
#
# Environment:
#   CHECKS_KUBECTL            kubectl, its words separated by one blank
#   CHECKS_BACKUP_NAMESPACE   where the CronJobs are
#   CHECKS_BACKUPS            name=seconds of each, with one blank between them: how old the last success may be
#   CHECKS_TEXTFILE_FOLDER    where runs write their metrics
#
# Exit status: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN: it cannot tell.
# shellcheck source-path=SCRIPTDIR
# shellcheck disable=SC2034,SC2154  # the parts share their variables
set -euo pipefail
export LC_ALL=C

main() {
  local folder=${BASH_SOURCE[0]%/*} part
  for part in plugin verdict cluster; do
    # shellcheck source=/dev/null
    source "$folder/$part.sh" || { printf '%s UNKNOWN - %s.sh could not be read\n' "$LABEL" "$part" && exit 3; }
  done
  ABOUT='The age of the last good backup.' RANGES='the age of each in seconds, instead of the limit of its own,' WARNING='' CRITICAL=''
  read_settings
  begin "$@"
  KUBECTL=${CHECKS_KUBECTL:-kubectl}
  [[ -n ${CHECKS_BACKUP_NAMESPACE:-} ]] || unknown "setting 'CHECKS_BACKUP_NAMESPACE': expected a namespace, got nothing"
  [[ ${CHECKS_BACKUPS:-} =~ ^[a-z0-9.-]+=[0-9]+( [a-z0-9.-]+=[0-9]+)*$ ]] ||
    unknown "setting 'CHECKS_BACKUPS': expected name=seconds, got '${CHECKS_BACKUPS:-}'"
  local pair name newest since jobs
  ask '{{range .items}}{{if .status.completionTime}}{{range .metadata.ownerReferences}}{{.name}} {{end}}{{.status.completionTime}}{{"\n"}}{{end}}{{end}}' \
    jobs.batch -n "$CHECKS_BACKUP_NAMESPACE"
  jobs=(${ROWS[@]+"${ROWS[@]}"})
  for pair in $CHECKS_BACKUPS; do
    name=${pair%=*}
    judge_backup "${CRITICAL:-${pair#*=}}"
  done
  finish
}

judge_backup() {
  local row created success status
  ask '{{.metadata.creationTimestamp}} {{or .status.lastSuccessfulTime "-"}}{{"\n"}}' cronjobs.batch -n "$CHECKS_BACKUP_NAMESPACE" "$name"
  read -r created success <<<"${ROWS[0]:-}"
  newest='' since=success
  [[ $success == - ]] || take_time "CronJob '$name'" "$success"
  for row in ${jobs[@]+"${jobs[@]}"}; do
    [[ $row != "$name "* ]] || take_time "a Job of '$name'" "${row#"$name "}"
  done
  take_metric
  if [[ -z $newest ]]; then
    since=creation
    take_time "CronJob '$name'" "$created"
  fi
  perf "$name" "$newest" s "$WARNING" "$1"
  status=0
  if outside "$1" "$newest"; then status=2; elif outside "$WARNING" "$newest"; then status=1; fi
  span "$newest"
  if [[ $since == success ]]; then found "$status" "$name succeeded $reply ago"; else found "$status" "$name has never succeeded since its creation $reply ago"; fi
}

take_time() {
  age "$1" "$2"
  if [[ -z $newest ]] || ((reply < newest)); then newest=$reply; fi
}

# Not there on any other host.
take_metric() {
  local line file=${CHECKS_TEXTFILE_FOLDER:-/var/lib/node-exporter/textfile}/selfheal_backup_${name//[^A-Za-z0-9]/_}.prom seconds
  [[ -e $file ]] || return 0
  [[ -r $file ]] || unknown "'$file': expected to read it, may not"
  while IFS= read -r line; do
    [[ $line =~ ^selfheal_backup_last_success_timestamp_seconds\{.*\}\ ([0-9]{1,12})$ ]] || continue
    seconds=$((NOW - BASH_REMATCH[1]))
    ((seconds >= -SKEW_SECONDS)) || unknown "'$file': its time is $((-seconds)) s ahead of the API server's: a clock is wrong"
    if [[ -z $newest ]] || ((seconds < newest)); then newest=$((seconds < 0 ? 0 : seconds)); fi
  done <"$file"
}

LABEL=BACKUP

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then
  main "$@"
fi
