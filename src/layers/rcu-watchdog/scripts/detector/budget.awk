# budget.awk - from a path that holds to a decision, within the budget that survives reboots.

# Words: reboots in a row, reboots at all, boot of the last one, boot and uptime of the last crossing.
function set_ledger(text,    word) {
  if (split(text, word, " ") != 5 || word[1] !~ /^[0-9]+$/ || word[2] !~ /^[0-9]+$/ || word[5] !~ /^[0-9]+$/) {
    in_a_row = max_reboots < 0 ? 0 : max_reboots
    total = 0; asked_in = crossed_in = "-"; crossed_at = 0
    return
  }
  in_a_row = word[1] + 0; total = word[2] + 0; asked_in = word[3]; crossed_in = word[4]; crossed_at = word[5] + 0
}

function clear_judgement() {
  holds["stalls"] = holds["chronic"] = holds["black-hole"] = held = ""
  judged_at = 0
}

# One of three judgements (stalls, chronic, black-hole): which path holds now, if any.
function judge(what, path, amount, now, why, again,    begins) {
  begins = path != "" && holds[what] == ""
  # What a restart must know at once, whether it leads to a decision or not.
  if (path != "" || holds[what] != "") news = 1
  holds[what] = path
  if (path != "" && (what != "chronic" || chronic_action == "window")) { crossed_in = boot; crossed_at = int(now) }
  if (path == "") { settle_down(now); return }
  if (what == "chronic" && chronic_action != "window") {
    if (begins) say("alert", path, amount, now, why)
    return
  }
  if (asked_in == boot) return
  if (max_reboots >= 0 && in_a_row >= max_reboots) {
    if (begins) say("alert", path, amount, now, why "; " in_a_row " reboots in a row did not help")
    return
  }
  if (!begins && !again) return
  if (what != "chronic") {
    say("reboot", path, amount, now, why)
    if (auto) asked(path, now)
  } else if (begins || !auto) say("window", path, amount, now, why)
}

function say(action, path, amount, at, why) {
  printf "decide %s %s %d %.3f %s\n", action, path, amount, at, why
  fflush()
}

function settle_down(now) {
  if (holds["stalls"] != "" || holds["black-hole"] == "black-hole") return
  held = ""
  refill(now)
}

# Long enough without a crossing: the last reboot did help.
function refill(now) {
  if (now - (crossed_in == boot ? crossed_at : 0) >= healthy_seconds) in_a_row = 0
}

function asked(path, now) {
  news = 1
  if (asked_in == boot) return
  in_a_row++; total++
  asked_in = boot; held = ""
  note(now, "asked " path " " in_a_row)
}
