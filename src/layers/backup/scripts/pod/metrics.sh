#!/bin/sh
# metrics.sh - part of backup.sh and drill.sh: what the last run did, as a file that node_exporter reads.
#
# `metric NAME VALUE [LABELS]` notes a value of this run, `keep_metric NAME...` what is taken over from the last file
# when this run did not get to know it, `write_metrics PREFIX STATUS yes|no` writes the file: it is never half written.
# A failed run keeps the time of the last success. Needs finish.sh; `start` was called.
#
# Environment:
#   LOCAL_PATH_BACKUP_NAME              the CronJob: the label `cronjob`, and in the file's name
#   LOCAL_PATH_BACKUP_TEXTFILE_FOLDER   node_exporter's folder for such files; empty: nothing is written
#   LOCAL_PATH_BACKUP_RUN_FOLDER        a folder of this run's own

metric() {
  printf '%s{cronjob="%s"%s} %s\n' "$1" "$LOCAL_PATH_BACKUP_NAME" "${3:+,$3}" "$2" >>"$LOCAL_PATH_BACKUP_RUN_FOLDER/metrics"
}

metrics_file() {
  printf '%s/selfheal_backup_%s.prom' "$LOCAL_PATH_BACKUP_TEXTFILE_FOLDER" \
    "$(printf '%s' "$LOCAL_PATH_BACKUP_NAME" | tr -c 'A-Za-z0-9' '_')"
}

# last_metric NAME: its lines in the file of the run before.
last_metric() {
  last_file=$(metrics_file)
  [ -f "$last_file" ] || return 0
  awk -v name="$1{" 'index($0, name) == 1' "$last_file"
}

keep_metric() {
  for kept in "$@"; do
    grep -qF "$kept{" "$LOCAL_PATH_BACKUP_RUN_FOLDER/metrics" 2>/dev/null ||
      last_metric "$kept" >>"$LOCAL_PATH_BACKUP_RUN_FOLDER/metrics"
  done
}

# write_metrics PREFIX STATUS yes|no: yes where the run was a success.
write_metrics() {
  [ -n "${LOCAL_PATH_BACKUP_TEXTFILE_FOLDER:-}" ] || return 0
  now=$(date +%s)
  metric "$1_last_run_timestamp_seconds" "$now"
  metric "$1_last_status" "$2"
  metric "$1_duration_seconds" "$(seconds_spent)"
  if [ "$3" = yes ]; then
    metric "$1_last_success_timestamp_seconds" "$now"
  else
    keep_metric "$1_last_success_timestamp_seconds"
  fi
  new_file=$(metrics_file).new
  # Without a HELP of our own node_exporter makes one up from the file's name, and two files then disagree.
  if sort "$LOCAL_PATH_BACKUP_RUN_FOLDER/metrics" | awk -F '{' '
    $1 != last { printf "# HELP %s See docs/layers/backup.md.\n# TYPE %s gauge\n", $1, $1; last = $1 }
    { print }' >"$new_file" && chmod 0644 "$new_file" && mv -f "$new_file" "$(metrics_file)"; then
    return 0
  fi
  tell "file '$(metrics_file)': expected to write the metrics there, got an error; the alerts do not see this run"
}
