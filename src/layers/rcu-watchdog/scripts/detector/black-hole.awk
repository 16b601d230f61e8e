# black-hole.awk - a node that nobody can reach although its link is up, after its kernel stalled.
function clear_net() { alive = 0; dark_since = good_since = look_at = "" }
function look(at) { }
