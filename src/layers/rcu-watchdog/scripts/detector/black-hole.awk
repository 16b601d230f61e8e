# black-hole.awk - a node that nobody can reach although its link is up, after its kernel stalled.
#
# Dark: the gateway and every peer are silent, and no other node's API answers. Others heard: the link is up, the own API
# lives and frames come in, so the network is not gone for everybody. A look with a "?" in what it needs tells nothing,
# and looks that stay away for too long break the row.

function clear_net() { alive = 0; dark_since = good_since = look_at = "" }

function look(uptime,    i, pair, sees, at, dark, answered, reason) {
  if (!black_hole_seconds || uptime <= 0) return
  for (i = 3; i <= NF; i++) if (split($i, pair, "=") == 2) sees[pair[1]] = pair[2]
  at = moment = log_clock(uptime)
  # Looks are not read again after a restart.
  news = 1
  if (look_at != "" && at - look_at > 150 && at - look_at > black_hole_seconds / 2) break_row(at)
  look_at = at
  if (!("peers" in sees) || sees["peers"] !~ /^[0-9]+\/[0-9]+$/) answered = "?"
  else answered = sees["peers"] + 0
  if (sees["gateway"] == "yes" || answered > 0) alive = 1
  dark = sees["gateway"] == "no" && answered == "0" && (sees["api"] == "no" || sees["api"] == "-")
  if (!dark) {
    break_row(at)
    judge("black-hole", "", 0, at, "", 0)
    return
  }
  if (dark_since == "") { dark_since = at; note(at, "dark") }
  reason = what_is_missing(sees)
  if (reason != "") good_since = ""
  else if (good_since == "") good_since = at
  judge_black_hole(at, reason)
}

function break_row(at) {
  if (dark_since != "") note(at, "light")
  dark_since = good_since = ""
}

# Why these looks do not speak for a fault of this node alone; "" if they do.
function what_is_missing(sees) {
  if (!alive) return "the network was never seen in this boot"
  if (sees["peers"] ~ /\/0$/ && sees["api"] == "-") return "no other node is known, and a silent gateway alone tells nothing"
  if (sees["link"] != "up") return "expected the link up, found " or_default(sees["link"], "?")
  if (sees["local"] != "yes") return "expected the own API to live, found " or_default(sees["local"], "?")
  if (sees["frames"] !~ /^[0-9]+$/) return "expected the number of frames, found " or_default(sees["frames"], "?")
  if (sees["frames"] + 0 == 0) return "no frame came in: the network is silent for everybody"
  return ""
}

function judge_black_hole(at, reason,    dark) {
  dark = at - dark_since
  if (dark < black_hole_seconds) return
  if (reason == "" && !counted) reason = "no stall since the start-up grace"
  if (reason == "" && at - good_since < black_hole_seconds)
    reason = sprintf("others heard for %ds only", at - good_since)
  if (reason != "") {
    if (holds["black-hole"] == "") say("alert", "black-hole", dark, at, sprintf("unreachable for %ds; %s", dark, reason))
    # Held as an alert; the same row may become a reboot later, as something that begins.
    holds["black-hole"] = "alert"
    return
  }
  if (holds["black-hole"] == "alert") holds["black-hole"] = ""
  judge("black-hole", "black-hole", dark, at, sprintf("unreachable for %ds, the link is up, others are heard, %d stalls " \
    "since the grace; expected the gateway, a peer or another API to answer", dark, counted), 1)
}
