# stalls.awk - which reports belong to one grace period.
#
# The header names the flavour, the number may come some records later ("printk" splits its lines). Expedited and normal
# reports run beside each other, so one header of each may wait. It waits for its number, the next header of its kind, or
# two seconds; without a number it counts as a grace period of its own.

function clear_stalls(    none) {
  reports = periods = hung = soft = hard = nfs = oom = unparsed = lost = counted = longest = 0
  pending_count = 0
  pending_at["e"] = pending_at["n"] = ""
  for (none in period_first) delete period_first[none]
  for (none in period_start) delete period_start[none]
  for (none in period_last) delete period_last[none]
  for (none in period_jiffies) delete period_jiffies[none]
  for (none in period_key) delete period_key[none]
  oldest_period = 1; newest_period = 0
}

function take_header(stamp, text,    type, flavour, slot) {
  match(text, /rcu_[a-z_]+ /)
  flavour = substr(text, RSTART, RLENGTH - 1)
  type = flavour ~ /tasks/ ? "tasks" : text ~ /detected expedited/ ? "expedited" : text ~ /self-detected/ ? "self" : "normal"
  reports++
  note(stamp, "report " type " " flavour)
  slot = type == "expedited" ? "e" : "n"
  if (type != "tasks" && pending_at[slot] != "") settle(slot)
  if (count == "lines" && sources == "all") add_entry(stamp, type == "tasks" ? "t" : slot)
  if (type == "tasks" || text ~ /suppressed full report/) {
    count_cut_off(stamp, type, flavour)
    return
  }
  pending_at[slot] = stamp; pending_type[slot] = type; pending_flavour[slot] = flavour
  pending_count++
}

# Takes the number of the waiting header, if the text has one. Says whether it had.
function take_number(stamp, text,    slot, part, words) {
  if (match(text, /[}] [0-9]+ jiffies s: [0-9]+ root:/)) {
    split(substr(text, RSTART, RLENGTH), words, " ")
    identify("e", stamp, words[5], words[2])
    return 1
  }
  if (match(text, /[(](detected by [0-9]+, )?t=[0-9]+ jiffies,? g=-?[0-9]+[ ,]/)) {
    part = substr(text, RSTART, RLENGTH - 1)
    sub(/^.*t=/, "", part); gsub(/[,=]/, " ", part)
    split(part, words, " ")
    identify("n", stamp, words[4], words[1])
    return 1
  }
  return 0
}

function identify(slot, stamp, number, jiffies,    key, kind) {
  if (jiffies + 0 > longest) longest = jiffies + 0
  if (pending_at[slot] == "") {
    # Its header went missing: seen, but of an unknown flavour.
    unparsed++
    note(stamp, "unparsed a report's end without its header: " jiffies " jiffies, number " number)
    return
  }
  kind = slot == "e" ? "expedited" : "normal"
  key = kind ":" pending_flavour[slot] ":" number
  note(stamp, "stall " key " " jiffies)
  add_report(key, pending_at[slot], jiffies, slot, pending_flavour[slot])
  drop_pending(slot)
}

function add_report(key, at, jiffies, slot, flavour,    is_new) {
  is_new = !(key in period_first)
  if (is_new) {
    period_first[key] = at; period_start[key] = period_jiffies[key] = ""
    period_key[++newest_period] = key
    if (newest_period - oldest_period >= MOST) forget_period()
    periods++
    note(at, "period " key)
  }
  if (period_start[key] == "" && (at >= grace_seconds || !grace_clips)) period_start[key] = at
  period_last[key] = at
  if (jiffies + 0 > period_jiffies[key] + 0) period_jiffies[key] = jiffies + 0
  changed = 1
  if (count == "periods" && is_new && is_source(slot, flavour)) add_entry(at, slot)
  if (stuck_seconds && period_start[key] != "" && at - period_start[key] >= stuck_seconds) {
    stuck_key = key
    judge_record()
  }
}

function is_source(slot, flavour) { return sources == "all" || slot == "e" && flavour == "rcu_preempt" }

function count_cut_off(at, type, flavour,    slot) {
  slot = type == "expedited" ? "e" : type == "tasks" ? "t" : "n"
  periods++
  note(at, "period " (type == "self" ? "normal" : type) ":" flavour ":?")
  if (count == "periods" && is_source(slot, flavour)) add_entry(at, slot)
}

function settle(slot,    at) {
  at = pending_at[slot]
  drop_pending(slot)
  count_cut_off(at, pending_type[slot], pending_flavour[slot])
}

function settle_old(now) {
  if (pending_at["e"] != "" && now > pending_at["e"] + 2) settle("e")
  if (pending_at["n"] != "" && now > pending_at["n"] + 2) settle("n")
}

function drop_pending(slot) { pending_at[slot] = ""; pending_count-- }

function forget_period(    key) {
  key = period_key[oldest_period]
  delete period_key[oldest_period++]
  delete period_first[key]; delete period_start[key]; delete period_last[key]; delete period_jiffies[key]
}
