# paths.awk - what the windows hold, and which path is crossed.

# Set once: what each path needs, and how much is kept.
function set_windows(    n, kind, possible, i) {
  MOST = 2000
  split("burst sustained chronic", WINDOWS, " ")
  STALLS["burst"] = burst_stalls + 0; SECONDS["burst"] = burst_seconds + 0
  STALLS["sustained"] = sustained_stalls + 0; SECONDS["sustained"] = sustained_seconds + 0
  STALLS["chronic"] = chronic_stalls + 0; SECONDS["chronic"] = chronic_seconds + 0
  LETTER["e"] = "expedited"; LETTER["n"] = "normal"; LETTER["t"] = "tasks"
  TIMEOUT["e"] = expedited_timeout; TIMEOUT["n"] = normal_timeout
  calibrated = hz > 0 && normal_timeout > 0 && expedited_timeout > 0
  for (i = 1; i <= 3; i++) for (kind in TIMEOUT) NEED[WINDOWS[i], kind] = need(WINDOWS[i], TIMEOUT[kind])
  longest_window = 0
  for (i = 1; i <= 3; i++) if (STALLS[WINDOWS[i]] && SECONDS[WINDOWS[i]] > longest_window) longest_window = SECONDS[WINDOWS[i]]
}

# A report that comes at most each T seconds may never come N times in a window: half of what is possible is enough then.
function need(path, timeout,    half) {
  if (count != "periods" || !(hz > 0) || timeout < 1) return STALLS[path]
  half = int((int(SECONDS[path] / timeout) + 1) / 2)
  if (half > STALLS[path]) half = STALLS[path]
  return half < 2 ? 2 : half
}

function clear_windows(    i) {
  for (i in entry_at) delete entry_at[i]
  for (i in entry_kind) delete entry_kind[i]
  oldest_entry = 1; newest_entry = 0
  stuck_key = ""
}

function add_entry(at, kind) {
  if (at < grace_seconds && grace_clips) return
  if (at >= grace_seconds) counted++
  entry_at[++newest_entry] = at; entry_kind[newest_entry] = kind
  if (newest_entry - oldest_entry >= MOST) forget_entry()
  changed = 1
  judge_record()
}

function forget_entry() { delete entry_at[oldest_entry]; delete entry_kind[oldest_entry++] }

# Called at ticks: what no window can reach any more, and periods that have ended, since a report is repeated within three
# time-outs of at most 300 s. Slack, because a tick's time is an estimate.
function forget(now,    from) {
  from = now - 600
  while (oldest_entry <= newest_entry && entry_at[oldest_entry] < from - longest_window) { forget_entry(); changed = 1 }
  while (oldest_period <= newest_period && period_last[period_key[oldest_period]] < from - 1000) {
    forget_period()
    changed = 1
  }
}

# Fills IN: all entries of the last seconds, and those of each kind. Entries are in order but for a pending header's 2 s.
function count_window(seconds, now,    i, from) {
  IN["all"] = IN["e"] = IN["n"] = IN["t"] = 0
  from = now - seconds - 0.0000005
  for (i = newest_entry; i >= oldest_entry && entry_at[i] >= from - 5; i--)
    if (entry_at[i] >= from && entry_at[i] <= now) { IN["all"]++; IN[entry_kind[i]]++ }
}

# What of a window's path holds, in words; "" if it does not. Leaves IN filled.
function crossed(path, now,    what, kind) {
  if (!STALLS[path]) return ""
  count_window(SECONDS[path], now)
  what = count == "lines" ? "stall reports" : "grace periods"
  if (IN["all"] >= STALLS[path])
    return sprintf("%d %s in %ds, expected fewer than %d", IN["all"], what, SECONDS[path], STALLS[path])
  for (kind in TIMEOUT)
    if (IN[kind] >= NEED[path, kind])
      return sprintf("%d %s %s in %ds, expected fewer than %d at a time-out of %gs", IN[kind], LETTER[kind], what, \
        SECONDS[path], NEED[path, kind], TIMEOUT[kind])
  return ""
}

# One grace period still reported. Reports come each three time-outs; one that has been silent for longer has ended.
function stuck_span(now,    silence) {
  if (stuck_key == "" || !(stuck_key in period_last)) return 0
  silence = 3 * normal_timeout + 10
  if (silence < stuck_seconds) silence = stuck_seconds
  if (now - period_last[stuck_key] > silence) { stuck_key = ""; return 0 }
  return period_last[stuck_key] - period_start[stuck_key]
}

# At a record: at once when something begins to hold; what held a moment ago is looked at again at the next tick. One from
# long before the last tick is history that came late: the next tick tells whether it still holds.
function judge_record() {
  if (!live || decide != "record") return
  if (clock == "uptime" && moment < clock_at + clock_offset - 60) return
  if (holds["stalls"] != "" && moment - judged_at < 10) return
  judge_stalls(moment, 0)
}

function judge_stalls(now, tick,    why, span) {
  judged_at = now
  if (now < grace_seconds) return
  if ((why = crossed("burst", now)) != "") judge("stalls", "burst", IN["all"], now, why, tick)
  else if ((why = crossed("sustained", now)) != "") judge("stalls", "sustained", IN["all"], now, why, tick)
  else if ((span = stuck_span(now)) > 0)
    judge("stalls", "stuck", int(span), now, sprintf("%s is reported since %ds, expected less than %ds", stuck_key, span, \
      stuck_seconds), tick)
  else judge("stalls", "", 0, now, "", tick)
  why = crossed("chronic", now)
  judge("chronic", why == "" ? "" : "chronic", IN["all"], now, why, tick)
}
