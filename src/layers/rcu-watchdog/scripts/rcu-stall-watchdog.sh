#!/usr/bin/env bash
# rcu-stall-watchdog.sh - reboot a node whose kernel piles up RCU stalls, before its network goes dark.
#
# Counts the headers of RCU stall reports in two windows: a burst (path A) and a slow build-up (path B). All times are
# seconds since boot, by the kernel's own stamps. Reports from within the start-up grace never count.
# It only decides; rcu-stall-reboot.sh, which stands beside it, keeps evidence and reboots.
#
# Environment:
#   RCU_WATCHDOG_BURST_STALLS              path A: reports that cross the threshold                (default 10)
#   RCU_WATCHDOG_BURST_SECONDS             path A: the window                                      (default 120)
#   RCU_WATCHDOG_SUSTAINED_STALLS          path B: reports that cross the threshold                (default 10)
#   RCU_WATCHDOG_SUSTAINED_SECONDS         path B: the window                                      (default 900)
#   RCU_WATCHDOG_GRACE_SECONDS             uptime up to which nothing counts                       (default 1200)
#   RCU_WATCHDOG_MAX_REBOOTS               reboots in a row before it only reports                 (default 3)
#   RCU_WATCHDOG_HEALTHY_SECONDS           uptime without a crossing that restores the budget      (default 21600)
#   RCU_WATCHDOG_STATE_FOLDER              budget and evidence  (default /var/lib/selfheal/rcu-watchdog)
#   RCU_WATCHDOG_TEXTFILE_FOLDER           metrics              (default /var/lib/node-exporter/textfile)
#   RCU_WATCHDOG_PROC_FOLDER               another /proc, for tests                                (default /proc)
#
# Exit status: 0 left alone, 1 bad settings, 2 cannot tell, 3 asked for a reboot.
set -euo pipefail
export LC_ALL=C

log() {
  timeout -k 2 5 logger -t rcu-stall-watchdog -p "daemon.$1" -- "$2" || printf 'rcu-stall-watchdog: %s\n' "$2" >&2
}

read_settings() {
  BURST_STALLS=${RCU_WATCHDOG_BURST_STALLS:-10}
  BURST_SECONDS=${RCU_WATCHDOG_BURST_SECONDS:-120}
  SUSTAINED_STALLS=${RCU_WATCHDOG_SUSTAINED_STALLS:-10}
  SUSTAINED_SECONDS=${RCU_WATCHDOG_SUSTAINED_SECONDS:-900}
  GRACE_SECONDS=${RCU_WATCHDOG_GRACE_SECONDS:-1200}
  MAX_REBOOTS=${RCU_WATCHDOG_MAX_REBOOTS:-3}
  HEALTHY_SECONDS=${RCU_WATCHDOG_HEALTHY_SECONDS:-21600}
  STATE_FOLDER=${RCU_WATCHDOG_STATE_FOLDER:-/var/lib/selfheal/rcu-watchdog}
  TEXTFILE_FOLDER=${RCU_WATCHDOG_TEXTFILE_FOLDER:-/var/lib/node-exporter/textfile}
  PROC=${RCU_WATCHDOG_PROC_FOLDER:-/proc}
  REBOOT_PROGRAM=${BASH_SOURCE[0]%/*}/rcu-stall-reboot.sh
  local name
  for name in {BURST,SUSTAINED}_{STALLS,SECONDS} GRACE_SECONDS MAX_REBOOTS HEALTHY_SECONDS; do
    [[ ${!name} =~ ^[1-9][0-9]{0,8}$ ]] || bad_setting "$name" 'a whole number above 0'
  done
  [[ $STATE_FOLDER == /?* ]] || bad_setting STATE_FOLDER 'an absolute path'
  [[ $TEXTFILE_FOLDER == /?* ]] || bad_setting TEXTFILE_FOLDER 'an absolute path'
}

bad_setting() { log err "setting 'RCU_WATCHDOG_$1': expected $2, got '${!1}'" && exit 1; }

cannot_tell() {
  log err "cannot tell, leaving the node alone: $1"
  write_metrics 0
  exit 2
}

# What survives a reboot. A ledger that is there but makes no sense counts as a spent budget.
read_ledger() {
  IN_A_ROW=0 TOTAL=0 ACTED_IN=- CROSSED_IN=- CROSSED_AT=0 LEDGER=''
  [[ -e $STATE_FOLDER/ledger ]] || return 0
  # An empty or unreadable file leaves LEDGER empty, which the next line sees.
  read -r LEDGER 2>/dev/null <"$STATE_FOLDER/ledger" || true
  if [[ $LEDGER =~ ^(0|[1-9][0-9]{0,5})\ (0|[1-9][0-9]{0,8})\ [-0-9a-f]+\ [-0-9a-f]+\ (0|[1-9][0-9]{0,8})$ ]]; then
    read -r IN_A_ROW TOTAL ACTED_IN CROSSED_IN CROSSED_AT <<<"$LEDGER"
  else
    log err "ledger '$STATE_FOLDER/ledger': expected five words, got '$LEDGER'; only reporting until it is renewed"
    IN_A_ROW=$MAX_REBOOTS
  fi
}

# A check that changes nothing writes nothing: an SD card wears.
write_ledger() {
  local file=$STATE_FOLDER/ledger ledger="$IN_A_ROW $TOTAL $ACTED_IN $CROSSED_IN $CROSSED_AT"
  [[ $ledger != "$LEDGER" ]] || return 0
  printf '%s\n' "$ledger" 2>/dev/null >"$file.new" &&
    timeout -k 2 10 sync "$file.new" && mv -f "$file.new" "$file" && timeout -k 2 10 sync "$STATE_FOLDER"
}

# Metrics must never keep the watchdog from its work: without the folder there are none.
write_metrics() {
  local file=$TEXTFILE_FOLDER/selfheal_watchdog.prom remaining=$((MAX_REBOOTS - IN_A_ROW))
  mkdir -p "$TEXTFILE_FOLDER" 2>/dev/null || return 0
  {
    printf '# TYPE selfheal_watchdog_up gauge\nselfheal_watchdog_up %s\n' "$1"
    printf '# TYPE selfheal_watchdog_reboots_total counter\nselfheal_watchdog_reboots_total %s\n' "$TOTAL"
    printf '# TYPE selfheal_watchdog_budget_remaining gauge\nselfheal_watchdog_budget_remaining %s\n' \
      "$((remaining > 0 ? remaining : 0))"
    if [[ -n ${BURST:-} ]]; then
      printf '# TYPE selfheal_watchdog_stalls gauge\n'
      printf 'selfheal_watchdog_stalls{window="%s"} %s\n' burst "$BURST" sustained "$SUSTAINED"
    fi
  } 2>/dev/null >"$file.new" && mv -f "$file.new" "$file" && return 0
  log warning "metrics '$file': could not be written"
}

# Reads a kernel log with stamps; prints the oldest stamp, the reports in the burst window and in the sustained window.
summarize() {
  awk -v burst_from="$BURST_FROM" -v sustained_from="$SUSTAINED_FROM" '
    match($0, /^\[ *[0-9]+\.[0-9]+\]/) {
      stamp = substr($0, 2, RLENGTH - 2) + 0
      if (!seen++) oldest = stamp
      if ($0 !~ /INFO: rcu_[a-z_]+ (self-detected stall on CPU|detected (expedited )?stalls?,? (on |but ))/) next
      if (stamp >= burst_from) burst++
      if (stamp >= sustained_from) sustained++
    }
    END { if (!seen) exit 1; printf "%d %d %d\n", oldest, burst, sustained }'
}

# The ring buffer needs neither disk nor journald. Where a flood has pushed the window out of it, the journal helps out.
# Sets BURST, SUSTAINED and COMPLETE; whoever sees more is right, because neither can see what was not there.
count_stalls() {
  local summary oldest burst sustained source from
  BURST_FROM=$((UPTIME - BURST_SECONDS > GRACE_SECONDS ? UPTIME - BURST_SECONDS : GRACE_SECONDS))
  SUSTAINED_FROM=$((UPTIME - SUSTAINED_SECONDS > GRACE_SECONDS ? UPTIME - SUSTAINED_SECONDS : GRACE_SECONDS))
  from=$((BURST_FROM < SUSTAINED_FROM ? BURST_FROM : SUSTAINED_FROM))
  BURST='' SUSTAINED='' COMPLETE=no
  for source in ring journal; do
    summary=$("read_$source" 2>/dev/null | summarize) || continue
    read -r oldest burst sustained <<<"$summary"
    BURST=$((burst > ${BURST:-0} ? burst : ${BURST:-0}))
    SUSTAINED=$((sustained > ${SUSTAINED:-0} ? sustained : ${SUSTAINED:-0}))
    if ((oldest <= from)); then
      COMPLETE=yes
      return 0
    fi
  done
  [[ -n $BURST ]]
}

read_ring() { timeout -k 2 10 dmesg; }
read_journal() { timeout -k 2 20 journalctl -k -b 0 -o short-monotonic --no-pager -q -n 100000; }

act() {
  local reason=$1
  if [[ $ACTED_IN == "$BOOT_ID" ]]; then
    log crit "$reason; a reboot was already asked for in this boot, leaving the node alone"
    return 0
  fi
  if ((IN_A_ROW >= MAX_REBOOTS)); then
    log crit "$reason; $IN_A_ROW reboots in a row did not help, only reporting"
    return 0
  fi
  [[ -x $REBOOT_PROGRAM ]] || cannot_tell "$reason, but '$REBOOT_PROGRAM' is not there"
  IN_A_ROW=$((IN_A_ROW + 1)) TOTAL=$((TOTAL + 1)) ACTED_IN=$BOOT_ID
  if ! write_ledger; then # a reboot that is not on record could be repeated without end
    IN_A_ROW=$((IN_A_ROW - 1)) TOTAL=$((TOTAL - 1))
    cannot_tell "$reason, but the ledger in '$STATE_FOLDER' could not be written"
  fi
  write_metrics 1
  log crit "$reason; rebooting ($IN_A_ROW of $MAX_REBOOTS in a row)"
  "$REBOOT_PROGRAM" "$reason" || (($? == 3)) || log crit "'$REBOOT_PROGRAM' failed"
  exit 3
}

read_clock() {
  read -r UPTIME _ <"$PROC/uptime" && read -r BOOT_ID <"$PROC/sys/kernel/random/boot_id" || return 1
  UPTIME=${UPTIME%%.*}
  [[ $UPTIME =~ ^[0-9]+$ && $BOOT_ID =~ ^[-0-9a-f]{36}$ ]]
} 2>/dev/null

# Two checks at a time would spend the budget twice. The lock ends with the process.
take_lock() {
  local lock
  mkdir -p "$STATE_FOLDER" && exec {lock}>>"$STATE_FOLDER/lock" && timeout 5 flock -n "$lock"
} 2>/dev/null

main() {
  local seen reason=''
  read_settings
  take_lock || { log err "cannot tell: '$STATE_FOLDER' is not writable, or another check is running" && return 2; }
  read_ledger
  read_clock || cannot_tell "uptime or boot id in '$PROC' could not be read"
  if ((UPTIME < GRACE_SECONDS)); then
    log info "uptime=${UPTIME}s: within the start-up grace of ${GRACE_SECONDS}s"
    write_metrics 1
    return 0
  fi
  count_stalls || cannot_tell 'neither dmesg nor journalctl gave the kernel log'
  seen="uptime=${UPTIME}s burst_${BURST_SECONDS}s=$BURST sustained_${SUSTAINED_SECONDS}s=$SUSTAINED"
  if ((BURST >= BURST_STALLS)); then
    reason="$seen: path A, $BURST_STALLS or more stalls in ${BURST_SECONDS}s"
  elif ((SUSTAINED >= SUSTAINED_STALLS)); then
    reason="$seen: path B, $SUSTAINED_STALLS or more stalls in ${SUSTAINED_SECONDS}s"
  elif [[ $COMPLETE == no ]]; then
    cannot_tell "$seen, but the kernel log does not reach back to the start of the window"
  fi
  if [[ -n $reason ]]; then
    CROSSED_IN=$BOOT_ID CROSSED_AT=$UPTIME
    act "$reason"
  else
    log info "$seen: left alone"
    [[ $CROSSED_IN == "$BOOT_ID" ]] || CROSSED_AT=0
    ((UPTIME - CROSSED_AT < HEALTHY_SECONDS)) || IN_A_ROW=0
  fi
  write_ledger || log err "ledger in '$STATE_FOLDER' could not be written"
  write_metrics 1
}

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then
  main "$@"
fi
