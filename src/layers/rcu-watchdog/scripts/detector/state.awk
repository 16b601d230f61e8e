# state.awk - what a restart needs, and what people and metrics want to see.

function clear_state() { printed = ""; changed = 1; resumable = 0 }

# Entries of one counting rule mean nothing to another.
function counting_settings() {
  return sprintf("count=%s,sources=%s,grace=%g,clips=%d", count, sources, grace_seconds, grace_clips)
}

function or_dash(value) { return value == "" ? "-" : value }
function undash(value) { return value == "-" ? "" : value }
function time_or_dash(value) { return value == "" ? "-" : sprintf("%.6f", value) }
function number_or_none(value) { return value == "-" ? "" : value + 0 }

function print_state(now,    text, slot, i) {
  news = 0
  if (!states) return
  text = summary(now)
  if (!changed && text == printed) return
  printed = text; changed = 0
  # The clock moves with every tick: no news in itself.
  sub(/\nstate counts /, sprintf("\nstate clock %.6f %.6f&", clock_offset, clock_at), text)
  printf "%s", text
  for (i = 1; i <= 2; i++) {
    slot = substr("en", i, 1)
    if (pending_at[slot] != "")
      printf "state pending %s %s %.6f %s\n", slot, pending_flavour[slot], pending_at[slot], pending_type[slot]
  }
  for (i = oldest_period; i <= newest_period; i++) print_period(period_key[i])
  for (i = oldest_entry; i <= newest_entry; i++) {
    printf "%s%.6f%s", (i - oldest_entry) % 20 ? " " : "state entries ", entry_at[i], entry_kind[i]
    if ((i - oldest_entry) % 20 == 19 || i == newest_entry) printf "\n"
  }
  print "state end"
  fflush()
}

function print_period(key) {
  printf "state period %s %.6f %s %.6f %.0f\n", key, period_first[key], time_or_dash(period_start[key]), \
    period_last[key], period_jiffies[key]
}

function summary(now,    text, i, path) {
  text = "state settings " counting_settings() "\nstate boot " boot "\nstate calibrated " (calibrated ? "yes" : "no")
  text = text "\nstate seq " (last_seq == "" ? "-" : sprintf("%.0f", last_seq))
  text = text sprintf("\nstate counts %d %d %d %d %d %d %d %d %.0f %d %.0f", reports, periods, hung, soft, hard, nfs, oom, \
    unparsed, lost, counted, longest)
  for (i = 1; i <= 3; i++) {
    path = WINDOWS[i]
    count_window(SECONDS[path], now)
    text = text sprintf("\nstate window %s %d %d %d %d %d %d %d", path, IN["all"], STALLS[path], SECONDS[path], \
      IN["e"], NEED[path, "e"], IN["n"], NEED[path, "n"])
  }
  text = text sprintf("\nstate ledger %d %d %s %s %d", in_a_row, total, asked_in, crossed_in, crossed_at)
  text = text "\nstate holds " or_dash(holds["stalls"]) " " or_dash(holds["chronic"]) " " or_dash(holds["black-hole"])
  text = text "\nstate held " or_dash(held) "\nstate stuck " or_dash(stuck_key)
  return text "\nstate net " (alive ? "yes" : "no") " " time_or_dash(dark_since) " " time_or_dash(good_since) " " \
    time_or_dash(look_at) "\n"
}

# `!resume KEY VALUE…`: only a block of this boot and of these counting settings is taken.
function resume(    key, i) {
  key = $2
  if (key == "settings") resumable = $3 == counting_settings()
  else if (!resumable) return
  else if (key == "boot") resumable = $3 == boot
  else if (key == "seq") last_seq = number_or_none($3)
  else if (key == "clock") { clock_offset = $3 + 0; clock_at = $4 + 0; log_time = clock_offset + clock_at }
  else if (key == "counts") {
    reports = $3 + 0; periods = $4 + 0; hung = $5 + 0; soft = $6 + 0; hard = $7 + 0; nfs = $8 + 0; oom = $9 + 0
    unparsed = $10 + 0; lost = $11 + 0; counted = $12 + 0; longest = $13 + 0
  } else if (key == "holds") {
    holds["stalls"] = undash($3); holds["chronic"] = undash($4); holds["black-hole"] = undash($5)
  } else if (key == "held") held = $3 == "-" ? "" : substr($0, 14)
  else if (key == "stuck") stuck_key = undash($3)
  else if (key == "net") {
    alive = $3 == "yes"
    dark_since = number_or_none($4); good_since = number_or_none($5); look_at = number_or_none($6)
  } else if (key == "pending") {
    pending_flavour[$3] = $4; pending_at[$3] = $5 + 0; pending_type[$3] = $6
    pending_count++
  } else if (key == "period") {
    period_key[++newest_period] = $3
    period_first[$3] = $4 + 0; period_start[$3] = number_or_none($5); period_last[$3] = $6 + 0; period_jiffies[$3] = $7 + 0
  } else if (key == "entries") for (i = 3; i <= NF; i++) {
    entry_at[++newest_entry] = substr($i, 1, length($i) - 1) + 0
    entry_kind[newest_entry] = substr($i, length($i))
  }
}
