# records.awk - kernel records: which one is new, and what its text tells.
#
# Formats: Linux 4.19 to 7.x. Texts are searched, not matched from their start, because prefixes ("rcu: ", time stamps,
# "NMI watchdog: ", the escapes of /dev/kmsg) differ by version.

function take_record(line,    semicolon, part, sequence, stamp) {
  semicolon = index(line, ";")
  if (!semicolon || split(substr(line, 1, semicolon - 1), part, ",") < 3) return
  sequence = part[2] + 0
  stamp = part[3] / 1000000
  if (last_seq != "") {
    if (sequence <= last_seq) return
    if (sequence > last_seq + 1) {
      lost += sequence - last_seq - 1
      note(stamp, sprintf("lost %.0f", sequence - last_seq - 1))
    }
  }
  last_seq = sequence
  if (stamp > log_time) log_time = stamp
  moment = log_time
  if (pending_count || !grace_over) pass_time(log_time)
  if (line ~ /stall|Stall|jiffies|blocked|lockup|LOCKUP|: server |Killed process|INFO: rcu/)
    read_text(stamp, substr(line, semicolon + 1))
}

function read_text(stamp, text) {
  if (text ~ /INFO: rcu_[a-z_]+ (self-detected stall on CPU|detected (expedited )?stalls?[,?]? (on |but |[(]))/) {
    take_header(stamp, text)
    take_number(stamp, text)
  } else if (take_number(stamp, text)) {
    return
  } else if (text ~ /INFO: task .+:[0-9]+ blocked( in I\/O wait)? for more than [0-9]+ seconds/) {
    hung++; note(stamp, "hung-task " text)
  } else if (text ~ /BUG: soft lockup - CPU#[0-9]+ stuck for [0-9]+s!/) {
    soft++; note(stamp, "soft-lockup " text)
  } else if (text ~ /detected hard LOCKUP/) {
    hard++; note(stamp, "hard-lockup " text)
  } else if (text ~ /(nfs|NFS|lockd|nfs4|mountd): server .+ (not responding|timed out)/) {
    nfs++; note(stamp, "nfs " text)
  } else if (text ~ /Killed process [0-9]+ /) {
    oom++; note(stamp, "oom " text)
  } else if (is_like_a_stall(text)) {
    unparsed++; note(stamp, "unparsed " text)
  }
  if (count == "lines" && sources == "expedited" && index(text, "rcu_preempt detected expedited stalls"))
    add_entry(stamp, "e")
}

# What should have been a header. The rest of a report (starved kthreads, stalls that ended) and programs that speak of
# stalls are none.
function is_like_a_stall(text) {
  if (text ~ /[Ss]tall ended|kthread|rcu-stall|RCU CPU stall warnings|stall_timeout|INFO: task /) return 0
  return text ~ /INFO: .*[Ss]tall|INFO: rcu_[a-z_]* ?(self-)?det|rcu.*detected.*stall/
}
