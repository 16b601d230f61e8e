# main.awk - decides by the kernel's log whether this node must be rebooted. POSIX awk; reads stdin, writes stdout.
#
#   awk -f main.awk -f records.awk -f stalls.awk -f paths.awk -f budget.awk -f black-hole.awk -f state.awk -v NAME=VALUE…
#   live, where awk is mawk: mawk -W interactive -f … (otherwise it waits for 4 KiB of input)
#
# INPUT, one line each. SECONDS are seconds since boot, a fraction is allowed.
#   PRIO,SEQ,USEC,FLAGS[,…];TEXT   a kernel record as /dev/kmsg gives it. A SEQ seen before is skipped, a gap counts `lost`.
#   (blank)KEY=VALUE               its dictionary: skipped
#   !boot ID                       first of all, and at each boot of a replay: windows and counts start empty
#   !ledger IN_A_ROW TOTAL ASKED_IN CROSSED_IN CROSSED_AT   after !boot; "-" for no boot. Nonsense: the budget is spent
#   !resume KEY VALUE…             after !ledger: each `state KEY VALUE…` line of the last whole block of this same boot.
#                                  Then the ring from its start. A block of other counting settings is left unused
#   !now SECONDS                   tick. Records before the first one after !boot are history: they fill the windows, and
#                                  nothing is decided before the tick, as of then. A replay sends `!now 0` after !boot
#   !check SECONDS                 decide=tick: the moment to decide; counts as a tick, too
#   !net SECONDS gateway=yes|no|? peers=A/N|? api=yes|no|?|- link=up|down|? local=yes|no|? frames=N|?
#   !asked PATH SECONDS            the reboot was asked for: one off the budget; nothing more is asked for in this boot
#   !held WHY…                     the last decision was not acted upon; it is repeated at ticks while it holds
# Anything else is skipped.
#
# SETTINGS (default)
#   count=periods|lines (periods)  sources=all|expedited (all; expedited: "rcu_preempt detected expedited stalls" alone)
#   decide=record|tick (record)    grace_seconds (1200)   grace_clips=1|0 (1; 0: windows reach back into the grace)
#   burst_stalls burst_seconds (10 120)  sustained_stalls sustained_seconds (10 900)  chronic_stalls chronic_seconds
#   (100 21600)  chronic_action=alert|window (alert)  stuck_seconds (180)  black_hole_seconds (300)   0 turns a path off;
#   no window counts above 2000
#   max_reboots (3; -1 no bound)   healthy_seconds (21600)   hz normal_timeout expedited_timeout (0: unknown)
#   clock=uptime|log (uptime: SECONDS drift against the log's stamps, so they are calibrated; log: a replay, exact)
#   auto=0|1 (1: a decision counts as asked at once)   events=0|1 (0)   states=1|0 (1)
#
# OUTPUT, flushed line by line, a block at its end. AT: seconds since boot by the log's clock, three places.
#   decide reboot|window|alert PATH COUNT AT WHY…
#     PATH burst|sustained|stuck|chronic|black-hole; COUNT stalls in the window, seconds of span for stuck and black-hole.
#     reboot and window: when it begins to hold and at each tick (black-hole: look) while it does, until !asked.
#     alert: once for each crossing (chronic; budget spent; a lost network that no reboot would mend).
#   state KEY VALUE… up to `state end`, if anything changed: at ticks, decisions, looks, !asked and !held. In this order:
#     settings TEXT                        the counting settings that the block is good for
#     boot ID
#     calibrated yes|no                    whether hz and both time-outs are known; if not, nothing is scaled
#     seq SEQ | -                          last record read
#     clock OFFSET SECONDS                 log's clock minus uptime, as known at that uptime
#     counts REPORTS PERIODS HUNG SOFT HARD NFS OOM UNPARSED LOST COUNTED LONGEST
#                                          since boot; PERIODS distinct ones, COUNTED stalls after the grace,
#                                          LONGEST stall in jiffies
#     window PATH COUNT STALLS SECONDS EXPEDITED NEED NORMAL NEED   for burst, sustained, chronic; the last four: counted
#                                          and needed of one kind alone (NEED is STALLS where not scaled)
#     ledger IN_A_ROW TOTAL ASKED_IN CROSSED_IN CROSSED_AT          CROSSED_AT in whole seconds
#     holds STALLS CHRONIC BLACK_HOLE      the path that holds now, or "-", for each of the three judgements
#     held WHY… | -
#     stuck KEY | -
#     net ALIVE DARK_SINCE GOOD_SINCE LAST   ALIVE yes|no: answered once in this boot; the others seconds or "-"
#     pending e|n FLAVOUR AT TYPE          0–2: a header whose number has not come yet
#     period KEY FIRST START LAST JIFFIES  0–2000: KEY KIND:FLAVOUR:NUMBER; FIRST report, START: first that counts or "-"
#     entries ATk ATk …                    0–100 lines of up to 20: what windows count; k: e expedited, n normal, t tasks
#     end
#   soon                                   a header waits for its number: a tick in a little more than 2 s settles it. Once
#                                          between two ticks
#   ok SECONDS                             to each !now and !check, as it was given, after everything else
#   event AT KIND …, with events=1:
#     report TYPE FLAVOUR (TYPE expedited|normal|self|tasks) · stall KEY JIFFIES (a number came, also of a known period)
#     period KEY ("?" for a NUMBER cut off) · hung-task|soft-lockup|hard-lockup|nfs|oom|unparsed TEXT · lost RECORDS
#     boot ID · asked PATH IN_A_ROW · grace-end · dark · light (the network went, came back)
#
# A period that was first reported within the grace never enters a window; if its reports go on after the grace, those
# alone make the span of `stuck`.
BEGIN {
  CONVFMT = OFMT = "%.6f"
  set_defaults()
  start_boot("-")
}

/^[0-9]/ { take_record($0); if (pending_count) ask_for_tick() }
/^!/ { take_message() }
news { print_state(moment) }

function or_default(value, fallback) { return value == "" ? fallback : value }

function set_defaults() {
  count = or_default(count, "periods"); sources = or_default(sources, "all"); decide = or_default(decide, "record")
  grace_seconds = or_default(grace_seconds, 1200) + 0; grace_clips = or_default(grace_clips, 1) + 0
  burst_stalls = or_default(burst_stalls, 10); burst_seconds = or_default(burst_seconds, 120)
  sustained_stalls = or_default(sustained_stalls, 10); sustained_seconds = or_default(sustained_seconds, 900)
  chronic_stalls = or_default(chronic_stalls, 100); chronic_seconds = or_default(chronic_seconds, 21600)
  chronic_action = or_default(chronic_action, "alert")
  stuck_seconds = or_default(stuck_seconds, 180) + 0; black_hole_seconds = or_default(black_hole_seconds, 300) + 0
  max_reboots = or_default(max_reboots, 3) + 0; healthy_seconds = or_default(healthy_seconds, 21600) + 0
  hz += 0; normal_timeout += 0; expedited_timeout += 0
  clock = or_default(clock, "uptime"); auto += 0; events += 0; states = or_default(states, 1) + 0
  set_windows()
  set_ledger("0 0 - - 0")
}

function start_boot(id) {
  boot = id; live = asked_soon = 0; last_seq = ""; log_time = 0; grace_over = 0
  clock_offset = clock_at = log_time_at_tick = 0
  clear_stalls(); clear_windows(); clear_judgement(); clear_net(); clear_state()
}

# The log's clock at an uptime. A record was written before the tick that follows it, and (when it is read at once, give
# or take 5 s) after the tick before it: two bounds of stamp minus uptime. Without records the estimate sinks by what
# crystals drift, 20 parts in a million: too early keeps a stall in its window, too late would lose it. What comes between
# the first two ticks may be history that was slow to be read, and bounds nothing from above.
function log_clock(uptime,    offset) {
  if (clock == "log") return uptime
  offset = clock_offset - (uptime - clock_at) / 50000
  if (live > 1 && log_time > log_time_at_tick && log_time - clock_at + 5 < offset) offset = log_time - clock_at + 5
  if (log_time - uptime > offset) offset = log_time - uptime
  clock_offset = offset; clock_at = uptime; log_time_at_tick = log_time
  return uptime + offset
}

function take_message(    now) {
  if ($1 == "!now" || $1 == "!check") {
    if ($2 !~ /^[0-9.]+$/) return
    now = log_clock($2 + 0)
    pass_time(now)
    live++
    if (($1 == "!check") == (decide == "tick")) judge_stalls(now, 1)
    forget(now)
    print_state(now)
    if (states) { print "ok " $2; fflush() }
    asked_soon = 0
    ask_for_tick()
  } else if ($1 == "!net") look($2 + 0)
  else if ($1 == "!asked") asked($2, log_clock($3 + 0))
  else if ($1 == "!held") { held = substr($0, 7); news = 1 }
  else if ($1 == "!ledger") set_ledger(substr($0, 9))
  else if ($1 == "!resume") resume()
  else if ($1 == "!boot") { start_boot($2); note(0, "boot " boot) }
}

# What time alone brings about.
function pass_time(now) {
  moment = now
  if (!grace_over && now >= grace_seconds) { grace_over = 1; note(grace_seconds, "grace-end") }
  if (pending_count) settle_old(now)
}

# Without it a header that is cut off at the threshold would be counted at the next tick only.
function ask_for_tick() {
  if (!pending_count || !live || asked_soon || !states || decide != "record") return
  asked_soon = 1
  print "soon"; fflush()
}

function note(at, text) { if (events) { printf "event %.3f %s\n", at, text; fflush() } }
